"""The slices of a project: what they are, how the model in service does on them, and changes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.models import Slice
from classifier.slices import (
    CONDITIONS,
    MOST_WORDS,
    define_slice,
    measured_now,
    remove_slice,
    words_of,
)
from labeling.access import Access, project_page
from labeling.models import ResolutionMethod, Role
from labeling.views.refusals import RefusalsIn

TERMS_LIMIT = 2000


class SliceForm(forms.Form):
    """A slice; its limits are the model's."""

    name = forms.SlugField(
        max_length=60,
        help_text="Without spaces. One that exists gets these conditions.",
        error_messages={"invalid": "Use letters, numbers, hyphens and underscores only."},
    )
    max_words = forms.IntegerField(
        label="Words at most", min_value=1, max_value=MOST_WORDS, required=False
    )
    min_words = forms.IntegerField(
        label="Words at least", min_value=1, max_value=MOST_WORDS, required=False
    )
    terms = forms.CharField(
        required=False,
        max_length=TERMS_LIMIT,
        help_text="Whole words or phrases, with commas between them; one is enough.",
    )
    source = forms.CharField(
        required=False, max_length=200, help_text="The file an item came from, or REST."
    )
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    method = forms.ChoiceField(
        label="Labeled by", choices=[("", "any way"), *ResolutionMethod.choices], required=False
    )

    def clean_terms(self) -> list[str]:
        """Return the terms as a list."""
        return [term for part in self.cleaned_data["terms"].split(",") if (term := part.strip())]

    @classmethod
    def of(cls, each: Slice) -> "SliceForm":
        """Return the form as a slice stands."""
        values = {name: getattr(each, name) for name in CONDITIONS}
        return cls(initial=values | {"name": each.name, "terms": ", ".join(each.terms)})


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """List the slices with the scores of the model in service."""
    return _page(request, access, None)


@require_POST
@project_page(Role.MANAGER)
def define(request: HttpRequest, access: Access) -> HttpResponse:
    """Define a slice, or show what is wrong with it."""
    form = SliceForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data.pop("name")
        with RefusalsIn(form):
            _, new = define_slice(access=access, name=name, conditions=form.cleaned_data)
            said = "is defined" if new else "has new conditions"
            messages.success(request, f"The slice {name} {said}. The next evaluation measures it.")
            return redirect("model-slices", access.project.slug)
    return _page(request, access, form)


@require_POST
@project_page(Role.MANAGER)
def remove(request: HttpRequest, access: Access, name: str) -> HttpResponse:
    """Remove a slice."""
    remove_slice(access=access, name=name)
    messages.success(request, f"The slice {name} is removed.")
    return redirect("model-slices", access.project.slug)


def _page(request: HttpRequest, access: Access, form: SliceForm | None) -> HttpResponse:
    slices = list(access.project.slices.all())
    model, scores = measured_now(access.project, slices)
    found = {each.name: each for each in scores}
    edited = next((each for each in slices if each.name == request.GET.get("edit")), None)
    context: dict[str, Any] = {
        "rows": [(each, words_of(each), found.get(each.name)) for each in slices],
        "model": model,
        "edited": edited,
        "form": form or (SliceForm.of(edited) if edited else SliceForm()),
        "may_act": access.may(Role.MANAGER),
    }
    status = 422 if form is not None else 200
    return render(request, "classifier/slices.html", context, status=status)


urlpatterns = [
    path("models/slices/", page, name="model-slices"),
    path("models/slices/define/", define, name="model-slice-define"),
    path("models/slices/<slug:name>/remove/", remove, name="model-slice-remove"),
]
