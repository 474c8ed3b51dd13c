"""Model artifacts between the storage that all machines share and a folder of this one."""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.core.files import File
from django.core.files.storage import default_storage

from classifier import recipes
from classifier.models import ModelVersion
from classifier.recipes.artifact import ArtifactError, LoadedModel, read_artifact
from labeling.models import Project


def folder_of(project: Project, number: int, attempt: int = 1) -> str:
    """Return the storage folder of a project's model.

    Each attempt of a run has folders of its own: a worker that was given up as dead, and is only
    slow, cannot write over what its successor has published.
    """
    return f"models/{project.slug}/{number}-{attempt}"


def store(local: Path, folder: str) -> None:
    """Copy the files below `local` into a storage folder, replacing what it holds."""
    remove(folder)
    for path in sorted(path for path in local.rglob("*") if path.is_file()):
        with path.open("rb") as content:
            default_storage.save(f"{folder}/{path.relative_to(local).as_posix()}", File(content))


def fetch(folder: str, local: Path) -> None:
    """Copy the files of a storage folder below `local`.

    Raises:
        ArtifactError: the folder does not exist or is empty.
    """
    names = list(_files(folder))
    if not names:
        raise ArtifactError("its files are missing from the storage.")
    for name in names:
        target = local / PurePosixPath(name).relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        with default_storage.open(name, "rb") as content:
            target.write_bytes(content.read())


def load(model: ModelVersion) -> LoadedModel:
    """Return a model ready to predict, after its files were held against its recorded hash.

    Raises:
        ArtifactError: files are missing, changed or added.
    """
    with TemporaryDirectory(prefix="tagloop-") as scratch:
        fetch(model.artifact, Path(scratch))
        return read_artifact(Path(scratch), expected_hash=model.artifact_hash)


def remove(folder: str) -> None:
    """Delete a storage folder with all that it holds; one that does not exist is fine."""
    for name in list(_files(folder)):
        default_storage.delete(name)


@cache
def code_version() -> str:
    """Return a hash of the source that trains: the same one gives the same model on one machine."""
    source = Path(recipes.__file__).parent
    parts = (path.read_bytes() for path in sorted(source.glob("*.py")))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files(f"{folder}/{name}")
