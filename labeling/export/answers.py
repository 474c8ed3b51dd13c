"""Exports as answers to a request: the file that is written meanwhile, and one that lies ready."""

from collections.abc import Mapping

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.utils import timezone

from labeling.access import Access
from labeling.export.download import download, file_name
from labeling.export.formats import FORMATS
from labeling.export.job import KEPT_DAYS
from labeling.export.rows import Options
from labeling.models import ExportJob, Role


def visible_exports(access: Access) -> QuerySet[ExportJob]:
    """Return the exports that this person may see: those with votes, managers alone."""
    exports = access.project.exports.select_related("project", "created_by")
    return exports if access.may(Role.MANAGER) else exports.filter(evidence=False)


def stream(
    *, access: Access, name: str, options: Options, filters: Mapping[str, str]
) -> StreamingHttpResponse:
    """Return a file that is sent while it is written.

    Raises:
        NotAllowed, Invalid: as `labeling.export.download.check` says.
    """
    pieces = download(access=access, name=name, options=options, filters=filters)
    saved_as = file_name(access.project, name, timezone.now())
    return StreamingHttpResponse(
        pieces,
        content_type=FORMATS[name].content_type,
        headers={"Content-Disposition": f'attachment; filename="{saved_as}"'},
    )


def file_of(job: ExportJob) -> FileResponse:
    """Return the file of an export.

    Raises:
        Http404: it has none, or none any more.
    """
    if not job.file or not default_storage.exists(job.file):
        raise Http404(f"Export {job.pk} has no file; files are kept for {KEPT_DAYS} days.")
    name = file_name(job.project, job.format, job.created_at)
    return FileResponse(default_storage.open(job.file), as_attachment=True, filename=name)
