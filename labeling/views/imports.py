"""Bringing items in by file: upload, columns and preview, progress, and what became of the rows."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from labeling.access import Access, project_page
from labeling.forms.intake import ImportForm, MappingForm
from labeling.intake import cancel_import, describe, start_import, upload
from labeling.intake_preview import SHOWN, preview_of
from labeling.intake_run import UPLOADING
from labeling.models import ImportJob, ImportProblem, Role
from labeling.pagination import keyset
from labeling.readers import FORMAT_NAMES
from labeling.readers.encoding import ENCODINGS
from labeling.refused_rows import problems_csv
from labeling.views.refusals import RefusalsIn, RefusalsTold

ENOUGH_SECONDS = 2
SHOWN_AS_SECONDS = 90


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """Take a file, and go to how its columns are read."""
    form = ImportForm()
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        if form.is_valid():
            with RefusalsIn(form):
                return redirect("import", access.project.slug, _upload(access, form).pk)
    imports = access.project.imports.exclude(stage=UPLOADING).select_related("created_by")
    context = {"form": form, "imports": imports.defer("log", "mapping", "examples")[:20]}
    return render(request, "labeling/import_new.html", context, status=422 if form.errors else 200)


@require_safe
@project_page(Role.MANAGER)
def result(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    """Show a draft's columns and preview, or how far an import is and what became of its rows."""
    job = _job(access, job_id)
    if job.draft:
        return _mapping_page(request, job, MappingForm(job=job))
    return render(request, "labeling/import.html", _context(request, access, job))


@require_safe
@project_page(Role.MANAGER)
def live(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    """Return the part of the page that moves."""
    context = _context(request, access, _job(access, job_id))
    return render(request, "labeling/import_live.html", context)


@require_POST
@project_page(Role.MANAGER)
def start(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    """Note how a draft is read; then start it, or show the preview anew."""
    job = _job(access, job_id)
    form = MappingForm(request.POST, job=job)
    if not job.draft:
        return redirect("import", access.project.slug, job.pk)
    if not form.is_valid():
        return _mapping_page(request, job, form)
    with RefusalsIn(form):
        job.add_labels = form.cleaned_data["add_labels"]
        same = (form.how.format, form.how.encoding) == (job.format, job.encoding)
        describe(job, form.how, form.mapping if same else {})
        if request.POST.get("act") != "preview":
            start_import(job=job, user=access.user)
        return redirect("import", access.project.slug, job.pk)
    job.refresh_from_db()
    return _mapping_page(request, job, form)


@require_POST
@project_page(Role.MANAGER)
def cancel(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    """Stop an import, or put a draft aside."""
    with RefusalsTold(request):
        cancel_import(access=access, job_id=job_id)
        messages.success(request, "The import is stopped; what came in stays.")
    return redirect("items-import", access.project.slug)


@require_safe
@project_page(Role.MANAGER)
def problems(request: HttpRequest, access: Access, job_id: int) -> StreamingHttpResponse:
    """Return the refused rows as CSV."""
    return problems_csv(_job(access, job_id))


def _job(access: Access, job_id: int) -> ImportJob:
    jobs = ImportJob.objects.select_related("created_by", "project")
    return get_object_or_404(jobs, project=access.project, pk=job_id)


def _upload(access: Access, form: ImportForm) -> ImportJob:
    file = form.cleaned_data["file"]
    return upload(project=access.project, user=access.user, file=file, name=file.name or "file")


def _mapping_page(request: HttpRequest, job: ImportJob, form: MappingForm) -> HttpResponse:
    preview = preview_of(job)
    context = {
        "job": job,
        "form": form,
        "preview": preview,
        "problems": preview.problems[:SHOWN],
        "format": FORMAT_NAMES.get(job.format, job.format),  # type: ignore[call-overload]
        "encoding": ENCODINGS.get(job.encoding, job.encoding),
    }
    status = 422 if form.errors else 200
    return render(request, "labeling/import_mapping.html", context, status=status)


def _context(request: HttpRequest, access: Access, job: ImportJob) -> dict[str, object]:
    page = keyset(request.GET, ImportProblem.objects.filter(job=job))
    rate, left = _pace(job)
    return {
        "project": access.project,
        "job": job,
        "page": page,
        "rate": rate,
        "left": left,
        "format": FORMAT_NAMES.get(job.format, job.format),  # type: ignore[call-overload]
        "encoding": ENCODINGS.get(job.encoding, job.encoding),
        "examples": [
            (kind, title, job.examples[kind])
            for kind, title in EXAMPLES.items()
            if job.examples.get(kind)
        ],
    }


EXAMPLES = {
    "same_id": "Known by their id",
    "same_text": "Known by their text",
    "deleted": "Deleted earlier; restore them under Items",
}


def _pace(job: ImportJob) -> tuple[str, str]:
    """Return rows a second and the time left, in words, once there is enough to tell."""
    if not job.active or job.started_at is None or not job.done:
        return "", ""
    seconds = (timezone.now() - job.started_at).total_seconds()
    if seconds < ENOUGH_SECONDS:
        return "", ""
    left = seconds * max(0, job.total - job.done) / job.done
    words = f"{left:.0f} s" if left < SHOWN_AS_SECONDS else f"{left / 60:.0f} min"
    return f"{job.cursor / seconds:,.0f} rows/s", words if job.total else ""
