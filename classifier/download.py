"""A model's files as one archive that is sent while it is read."""

import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import StreamingHttpResponse

from classifier import artifacts
from classifier.models import ModelVersion
from classifier.recipes.artifact import ArtifactError
from labeling.access import Access
from labeling.errors import Conflict
from labeling.events import record
from labeling.export.formats.base import Drain

BLOCK = 2**20


def download(*, access: Access, model: ModelVersion) -> StreamingHttpResponse:
    """Return the zip of a model's files, its manifest among them, and write down that it was taken.

    Raises:
        Conflict: the files are not the ones that were trained.
    """
    try:
        names = artifacts.verify(model)
    except ArtifactError as error:
        raise Conflict(
            f"Model {model.number} cannot be downloaded: {error} Restore its files from a backup, "
            "or retrain."
        ) from error
    record(project=access.project, actor=access.user, verb="downloaded", subject=model)
    saved_as = f"{access.project.slug}-model-{model.number}-{model.recipe}.zip"
    return StreamingHttpResponse(
        zip_of(model, names),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{saved_as}"'},
    )


def zip_of(model: ModelVersion, names: list[str]) -> Iterator[bytes]:
    """Yield a zip of stored files, named as below the model's folder, a block at a time."""
    drain = Drain()
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            inside = PurePosixPath(name).relative_to(model.artifact).as_posix()
            with (
                default_storage.open(name, "rb") as content,
                archive.open(inside, "w", force_zip64=True) as member,
            ):
                while block := content.read(BLOCK):
                    member.write(block)
                    yield drain.take()
    yield drain.take()
