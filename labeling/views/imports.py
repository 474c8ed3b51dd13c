"""Bringing items in by file, and what became of the rows."""

from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.forms.intake import ImportForm
from labeling.forms.messages import add_refusal
from labeling.intake import add_items
from labeling.models import ImportJob, Role
from labeling.readers import read_csv


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """Take a CSV file in, and go to what became of its rows."""
    form = ImportForm()
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        job = _import(access, form) if form.is_valid() else None
        if job is not None:
            return redirect("import", access.project.slug, job.pk)
    context = {
        "form": form,
        "imports": access.project.imports.select_related("created_by")[:20],
        "labels": access.project.labels.all(),
    }
    return render(request, "labeling/import_new.html", context, status=422 if form.errors else 200)


@require_safe
@project_page(Role.MANAGER)
def result(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    """Show how many rows came in and which were refused, and why."""
    jobs = ImportJob.objects.select_related("created_by")
    job = get_object_or_404(jobs, project=access.project, pk=job_id)
    return render(request, "labeling/import.html", {"job": job})


def _import(access: Access, form: ImportForm) -> ImportJob | None:
    upload: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        return add_items(
            project=access.project,
            user=access.user,
            rows=read_csv(cast("BinaryIO", upload.file)),
            source=(upload.name or "file")[-200:],
        )
    except DomainError as refusal:
        add_refusal(form, refusal)
        return None
