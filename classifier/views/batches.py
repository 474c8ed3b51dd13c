"""Choosing which items a batch tags, or the file that brings them."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from classifier.batch import Choice, start_batch, untagged
from classifier.deploy import champion_of
from classifier.file_batch import following
from classifier.models import ModelVersion
from labeling.access import Access, project_page
from labeling.forms.intake import ImportForm
from labeling.forms.items import ItemFilter
from labeling.intake import upload
from labeling.models import ImportJob, Role
from labeling.views.refusals import RefusalsIn, RefusalsTold

COUNTED = 100_000


class ChoiceForm(forms.Form):
    """What is tagged beside the unlabeled items, and what of them is left out."""

    labeled = forms.BooleanField(required=False, label="Also items that people have decided on")
    only_new = forms.BooleanField(
        required=False, label="Only what no earlier model has tagged with its present text"
    )

    @property
    def chosen(self) -> dict[str, bool]:
        """Return what is ticked, by name."""
        self.is_valid()
        return dict(self.cleaned_data)


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose items by the filters of their list, see how many those are, and start the batch."""
    given = request.POST if request.method == "POST" else request.GET
    filters, extent = ItemFilter(given, access.project), ChoiceForm(given)
    choice = Choice(filters.chosen, **extent.chosen)
    if request.method == "POST" and filters.is_valid():
        with RefusalsTold(request):
            start_batch(access=access, choice=choice)
            return redirect("rollout", access.project.slug)
    champion = champion_of(access.project)
    context = {
        "filters": filters,
        "extent": extent,
        "champion": champion,
        "count": _count(access, champion, choice),
        "limit": COUNTED,
        "wrong": not filters.is_valid(),
    }
    return render(request, "classifier/batch_new.html", context)


class FileForm(ImportForm, ChoiceForm):
    """A file to be tagged, and what of it."""

    labeled = forms.BooleanField(required=False, label="Also rows to which the file gives a label")

    @property
    def extent(self) -> dict[str, bool]:
        """Return what is ticked, by name."""
        return {name: self.cleaned_data[name] for name in ("labeled", "only_new")}


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def upload_file(request: HttpRequest, access: Access) -> HttpResponse:
    """Take a file whose rows are to be tagged, and go to how its columns are read."""
    form = FileForm()
    if request.method == "POST":
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            with RefusalsIn(form):
                return redirect("import", access.project.slug, _upload(access, form).pk)
    context = {"form": form, "champion": champion_of(access.project)}
    return render(
        request, "classifier/batch_file.html", context, status=422 if form.errors else 200
    )


def _upload(access: Access, form: FileForm) -> ImportJob:
    file = form.cleaned_data["file"]
    return upload(
        project=access.project,
        user=access.user,
        file=file,
        name=file.name or "file",
        then=following(access, **form.extent),
    )


def _count(access: Access, champion: ModelVersion | None, choice: Choice) -> int:
    """Return how many items are left to tag, counted up to one above the limit."""
    if champion is None:
        return 0
    items = untagged(access.project, champion, choice).select_related(None).order_by()
    return items.values("pk")[: COUNTED + 1].count()


urlpatterns = [
    path("rollout/batches/new/", new, name="batch-new"),
    path("rollout/batches/file/", upload_file, name="batch-file"),
]
