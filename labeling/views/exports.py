"""Taking items out: a form, the exports made so far, and their files."""

from contextlib import suppress

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.export.answers import file_of, stream, visible_exports
from labeling.export.download import is_small, items_of
from labeling.export.formats import FORMATS
from labeling.export.job import KEPT_DAYS, cancel_export, start_export
from labeling.forms.export import ExportForm
from labeling.forms.items import ItemFilter
from labeling.models import ExportJob, JobState, Role
from labeling.views.parts import wants_part
from labeling.views.refusals import RefusalsIn

SHOWN = 20
COUNTED = 100_000


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.REVIEWER)
def new(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Export what the filters in the address leave: a small file at once, a large one by a job."""
    filters = _filters(request, access)
    may_see_votes = access.may(Role.MANAGER)
    if request.method != "POST":
        form = ExportForm(may_see_votes=may_see_votes)
        return _page(request, access, form, filters)
    form = ExportForm(request.POST, may_see_votes=may_see_votes)
    if form.is_valid():
        with RefusalsIn(form):
            return _export(access, form, filters)
    return _page(request, access, form, filters, status=422)


@require_safe
@project_page(Role.REVIEWER)
def live(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the exports alone: what a page that watches one asks for."""
    return render(request, "labeling/export_list.html", _exports(access))


@require_POST
@project_page(Role.REVIEWER)
def cancel(request: HttpRequest, access: Access, export_id: int) -> HttpResponse:
    """End an export that has not ended."""
    _visible(access, export_id)
    # Where it has ended meanwhile, the list says how.
    with suppress(DomainError):
        cancel_export(access=access, job_id=export_id)
    if wants_part(request):
        return render(request, "labeling/export_list.html", _exports(access))
    return redirect("export-new", access.project.slug)


@require_safe
@project_page(Role.REVIEWER)
def file(request: HttpRequest, access: Access, export_id: int) -> FileResponse:
    """Send the file of an export to somebody who may have made it."""
    return file_of(_visible(access, export_id))


def _visible(access: Access, export_id: int) -> ExportJob:
    return get_object_or_404(visible_exports(access), pk=export_id)


def _filters(request: HttpRequest, access: Access) -> dict[str, str]:
    return ItemFilter(request.GET, access.project).chosen


def _export(access: Access, form: ExportForm, filters: dict[str, str]) -> HttpResponseBase:
    name = form.cleaned_data["format"]
    if not is_small(access.project, filters):
        start_export(access=access, name=name, options=form.options, filters=filters)
        return redirect("export-new", access.project.slug)
    return stream(access=access, name=name, options=form.options, filters=filters)


def _page(
    request: HttpRequest,
    access: Access,
    form: ExportForm,
    filters: dict[str, str],
    status: int = 200,
) -> HttpResponse:
    counted = items_of(access.project, filters).order_by()[: COUNTED + 1].count()
    context = _exports(access) | {
        "form": form,
        "filters": filters,
        "count": min(counted, COUNTED),
        "more": counted > COUNTED,
    }
    return render(request, "labeling/export_new.html", context, status=status)


def _exports(access: Access) -> dict[str, object]:
    shown = list(visible_exports(access)[:SHOWN])
    active = next((job for job in shown if job.active), None)
    return {
        "project": access.project,
        "exports": [(job, FORMATS[job.format].title) for job in shown if job.format in FORMATS],
        "active": active,
        "waiting": active is not None and active.state == JobState.QUEUED,
        "kept_days": KEPT_DAYS,
    }
