"""The behavioural tests of a project: their cases, changes, import and export."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.behaviour import (
    LONGEST_TEXT,
    MOST_CASES,
    add_cases,
    cases_of,
    read_cases,
    remove_test,
    write_csv,
    write_json,
)
from classifier.metrics.behaviour import Case
from classifier.models import BehaviourDirection, BehaviourKind
from classifier.views.answers import DIGITS, PAGE, start_of
from labeling.access import Access, project_page
from labeling.errors import Invalid
from labeling.models import Role
from labeling.views.refusals import RefusalsIn

MOST_BYTES = 4 * 2**20
WRITERS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "json": (write_json, "application/json"),
}


class CaseForm(forms.Form):
    """One case of a test."""

    test = forms.SlugField(
        max_length=60,
        help_text="A name without spaces. All cases of a test are of one kind.",
        error_messages={"invalid": "Use letters, numbers, hyphens and underscores only."},
    )
    kind = forms.ChoiceField(
        choices=BehaviourKind.choices,
        help_text="Minimum: the text has this label. Invariance: the change leaves the label as it "
        "is. Directional: the change moves the label's probability one way, give or take 0.1.",
    )
    text = forms.CharField(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2}))
    changed = forms.CharField(
        max_length=LONGEST_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    label = forms.CharField(required=False)
    direction = forms.ChoiceField(
        choices=[("", "none"), *BehaviourDirection.choices], required=False
    )

    def __init__(self, *args: Any, names: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "none"), *((name, name) for name in names)]
        self.fields["label"] = forms.ChoiceField(choices=choices, required=False)


class ImportForm(forms.Form):
    """A file of cases."""

    file = forms.FileField(help_text="CSV or JSON, as the export writes it.")
    instead = forms.BooleanField(required=False, label="Drop the cases there are")

    def clean_file(self) -> Any:
        """Refuse what is too large to be cases."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("It is larger than 4 MB.")
        return file


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """List the cases by test."""
    return _page(request, access)


@require_POST
@project_page(Role.MANAGER)
def add(request: HttpRequest, access: Access) -> HttpResponse:
    """Add one case."""
    form = CaseForm(request.POST, names=_labels(access))
    if form.is_valid():
        try:
            new = _add(access, [Case(**form.cleaned_data)])
        except Invalid as error:
            form.add_error(None, error.message.removeprefix("row 1: "))
        else:
            said = "The case is added." if new else "There is this very case already."
            messages.success(request, f"{said} The next evaluation runs it.")
            return redirect("behaviour", access.project.slug)
    return _page(request, access, form=form)


@require_POST
@project_page(Role.MANAGER)
def take_file(request: HttpRequest, access: Access) -> HttpResponse:
    """Import a file of cases."""
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        with RefusalsIn(form):
            cases = read_cases(file.read(), name=file.name)
            new = _add(access, cases, instead=form.cleaned_data["instead"])
            messages.success(request, f"{new} of {len(cases)} cases are new.")
            return redirect("behaviour", access.project.slug)
    return _page(request, access, file_form=form)


@require_POST
@project_page(Role.MANAGER)
def remove(request: HttpRequest, access: Access, test: str) -> HttpResponse:
    """Remove a test, or the case that is named."""
    case = request.POST.get("case", "")
    case_id = int(case) if case.isdecimal() and len(case) <= DIGITS else None
    count = remove_test(access=access, test=test, case_id=case_id)
    messages.success(request, f"{count} case{'' if count == 1 else 's'} of {test} removed.")
    return redirect("behaviour", access.project.slug)


@require_safe
@project_page(Role.REVIEWER)
def export(request: HttpRequest, access: Access) -> HttpResponse:
    """Send all cases as CSV, or as JSON with `?as=json`."""
    form = "json" if request.GET.get("as") == "json" else "csv"
    write, content_type = WRITERS[form]
    name = f"{access.project.slug}-behaviour.{form}"
    return HttpResponse(
        write(cases_of(access.project)),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _add(access: Access, cases: list[Case], *, instead: bool = False) -> int:
    return add_cases(project=access.project, user=access.user, cases=cases, instead=instead)


def _labels(access: Access) -> list[str]:
    return list(access.project.labels.values_list("name", flat=True))


def _page(
    request: HttpRequest,
    access: Access,
    *,
    form: CaseForm | None = None,
    file_form: ImportForm | None = None,
) -> HttpResponse:
    start = start_of(request)
    found = list(access.project.behaviour_cases.all()[start : start + PAGE + 1])
    context = {
        "cases": found[:PAGE],
        "range": f"{start + 1} to {start + len(found[:PAGE])}",
        "next_url": f"?{urlencode({'start': start + PAGE})}" if len(found) > PAGE else "",
        "previous_url": f"?{urlencode({'start': max(start - PAGE, 0)})}" if start else "",
        "form": form or CaseForm(names=_labels(access)),
        "file_form": file_form or ImportForm(auto_id="file_%s"),
        "most": MOST_CASES,
        "may_act": access.may(Role.MANAGER),
    }
    refused = form is not None or file_form is not None
    return render(request, "classifier/behaviour.html", context, status=422 if refused else 200)


urlpatterns = [
    path("models/behaviour/", page, name="behaviour"),
    path("models/behaviour/add/", add, name="behaviour-add"),
    path("models/behaviour/import/", take_file, name="behaviour-import"),
    path("models/behaviour/export/", export, name="behaviour-export"),
    path("models/behaviour/<slug:test>/remove/", remove, name="behaviour-remove"),
]
