"""A trained model as a folder of files with a manifest that vouches for each of them."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from classifier.recipes import RECIPES, Recipe, RecipeError
from classifier.recipes.base import Floats
from classifier.recipes.temperature import apply_temperature

MANIFEST = "manifest.json"
_FORMAT = 1
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "skops")


class ArtifactError(Exception):
    """The folder is not a model that may be loaded; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """What a model is made of. Holds no time, so that the same training has the same hash."""

    recipe: str
    parameters: dict[str, Any]
    labels: tuple[str, ...]
    temperature: float
    snapshot_hash: str
    code_version: str
    libraries: dict[str, str]
    files: dict[str, str]
    format: int = _FORMAT
    int8: dict[str, Any] | None = None
    """How often 8 bits gave the label of 32, on which texts, and whether they were taken."""

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest ready for JSON; without `int8` where nothing was compared."""
        content = asdict(self)
        return content if self.int8 else {k: v for k, v in content.items() if k != "int8"}

    @cached_property
    def content(self) -> bytes:
        """The one byte string that stands for this manifest: also what the file holds."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1, sort_keys=True)
        return text.encode()

    @cached_property
    def hash(self) -> str:
        """The SHA-256 of the content: it identifies the model."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class LoadedModel:
    """A model that has been verified and can predict."""

    manifest: Manifest
    recipe: Recipe[Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """The order of the columns of `predict_proba`."""
        return self.manifest.labels

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the calibrated probabilities: a row per text that sums to 1."""
        return apply_temperature(self.recipe.predict_proba(texts), self.manifest.temperature)


def write_artifact(
    folder: Path,
    recipe: Recipe[Any],
    *,
    temperature: float,
    snapshot_hash: str,
    code_version: str = "",
) -> Manifest:
    """Save a trained `recipe` into `folder`, which is made if need be, and return its manifest.

    Raises ArtifactError if the folder holds anything: files of two models must never mix.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ArtifactError(f"The folder {folder.name} is not empty.")
    recipe.save(folder)
    manifest = Manifest(
        recipe=recipe.name,
        parameters=recipe.parameters.to_dict(),
        labels=recipe.labels,
        temperature=temperature,
        snapshot_hash=snapshot_hash,
        code_version=code_version,
        libraries=_library_versions(recipe.needs),
        files=_file_hashes(folder),
        int8=recipe.agreement.to_dict() if recipe.agreement else None,
    )
    (folder / MANIFEST).write_bytes(manifest.content)
    return manifest


def read_artifact(folder: Path, *, expected_hash: str | None = None) -> LoadedModel:
    """Return the model in `folder`; every file is verified before any is loaded.

    With `expected_hash`, the manifest must be that very one. Raises ArtifactError for a missing,
    changed or additional file, for an unknown recipe or format, and for what the recipe refuses.
    """
    manifest = read_manifest(folder)
    if expected_hash is not None and manifest.hash != expected_hash:
        raise ArtifactError(f"{MANIFEST} has the hash {manifest.hash}, not {expected_hash}.")
    _verify_files(folder, manifest)
    if manifest.recipe not in RECIPES:
        raise ArtifactError(f"The model was made by the unknown recipe “{manifest.recipe}”.")
    try:
        recipe = RECIPES[manifest.recipe].load(folder)
    except RecipeError as error:
        raise ArtifactError(str(error)) from error
    if recipe.labels != manifest.labels:
        raise ArtifactError(f"The labels of the model are not those of {MANIFEST}.")
    return LoadedModel(manifest, recipe)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest in `folder`; raise ArtifactError if there is none in our format."""
    try:
        content = (folder / MANIFEST).read_bytes()
        values = json.loads(content)
        manifest = Manifest(**values | {"labels": tuple(values["labels"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{MANIFEST} cannot be read: {error!r}") from error
    if manifest.format != _FORMAT:
        raise ArtifactError(f"{MANIFEST} has format {manifest.format}; {_FORMAT} is understood.")
    if manifest.content != content:
        raise ArtifactError(f"{MANIFEST} was not written by this program.")
    return manifest


def _verify_files(folder: Path, manifest: Manifest) -> None:
    found = _file_hashes(folder)
    for name, expected in manifest.files.items():
        if name not in found:
            raise ArtifactError(f"{name} is missing.")
        if found[name] != expected:
            raise ArtifactError(f"{name} was changed: its hash is not the one in {MANIFEST}.")
    if added := sorted(found.keys() - manifest.files.keys()):
        raise ArtifactError(f"{', '.join(added)} is not in {MANIFEST}.")


def _file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under `folder` but the manifest, by relative name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    names.pop(MANIFEST, None)
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in names.items()}


def _library_versions(needs: Sequence[str]) -> dict[str, str]:
    names = (*_LIBRARIES, *needs)
    return {"python": platform.python_version()} | {name: _version(name) for name in names}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"
