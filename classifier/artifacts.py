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
from classifier.recipes.artifact import MANIFEST, ArtifactError, LoadedModel, read_artifact
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
    return load_folder(model.artifact, model.artifact_hash)


def load_folder(folder: str, expected_hash: str) -> LoadedModel:
    """Return the model in a storage folder, after its files were held against a hash.

    Raises:
        ArtifactError: files are missing, changed or added.
    """
    with TemporaryDirectory(prefix="tagloop-") as scratch:
        fetch(folder, Path(scratch))
        return read_artifact(Path(scratch), expected_hash=expected_hash)


def verify(model: ModelVersion) -> list[str]:
    """Return the names of a model's stored files, after each was held against its recorded hash.

    Raises:
        ArtifactError: files are missing, changed or added.
    """
    expected: dict[str, str] = {
        f"{model.artifact}/{name}": digest
        for name, digest in model.manifest.get("files", {}).items()
    }
    expected[f"{model.artifact}/{MANIFEST}"] = model.artifact_hash
    found = sorted(_files(model.artifact))
    for name in sorted(expected.keys() - set(found)):
        raise ArtifactError(f"{_short(model, name)} is missing from the storage.")
    for name in found:
        if name not in expected:
            raise ArtifactError(f"{_short(model, name)} is none of the model's files.")
        if _digest(name) != expected[name]:
            raise ArtifactError(f"{_short(model, name)} was changed: its hash is not the recorded.")
    return found


def remove(folder: str) -> None:
    """Delete a storage folder with all that it holds; one that does not exist is fine."""
    for name in list(_files(folder)):
        default_storage.delete(name)


@cache
def code_version() -> str:
    """Return a hash of the source that trains: the same one gives the same model on one machine."""
    source = Path(recipes.__file__).parent
    parts = (path.read_bytes() for path in sorted(source.rglob("*.py")))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def _short(model: ModelVersion, name: str) -> str:
    return PurePosixPath(name).relative_to(model.artifact).as_posix()


def _digest(name: str) -> str:
    with default_storage.open(name, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _files(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files(f"{folder}/{name}")
