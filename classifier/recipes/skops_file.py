"""Fitted scikit-learn objects in files that are the same for the same object, and never run code.

skops names the members of its archive after memory addresses and stamps them with the time; both
are replaced here, so that a file's hash says whether the model is the same.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from classifier.recipes.base import RecipeError
from classifier.recipes.without_torch import without_torch

_SCHEMA = "schema.json"
_ADDRESS = re.compile(r'(?<="__id__": )\d+|(?<="file": ")\d+(?=\.npy")')
_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def skops_io() -> ModuleType:
    """Return `skops.io`.

    It looks through all of scikit-learn, also its support of torch: that would cost a serving
    process 200 MB and a second and a half.
    """
    with without_torch():
        return import_module("skops.io")


def write_skops(path: Path, content: object) -> None:
    """Write `content` to `path`; equal content gives equal bytes."""
    with zipfile.ZipFile(io.BytesIO(skops_io().dumps(content))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    numbers: dict[str, str] = {}
    schema = _ADDRESS.sub(
        lambda found: numbers.setdefault(found[0], str(len(numbers) + 1)),
        members.pop(_SCHEMA).decode(),
    )
    renamed = {f"{numbers[Path(name).stem]}.npy": data for name, data in members.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in sorted((renamed | {_SCHEMA: schema.encode()}).items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)


def read_skops(path: Path, *, allowed: frozenset[str]) -> Any:
    """Return what `write_skops` wrote, provided that every type in it is in `allowed`.

    Raises RecipeError for any other type, and for a file that skops itself refuses.
    """
    skops = skops_io()
    try:
        with zipfile.ZipFile(path) as archive:
            types = set(_types(json.loads(archive.read(_SCHEMA))))
        if types - allowed:
            raise RecipeError(f"{path.name} holds {', '.join(sorted(types - allowed))}: refused.")
        return skops.load(path, trusted=[])
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise RecipeError(f"{path.name} cannot be read: {error!r}") from error


def _types(node: Any) -> Iterator[str]:
    """Yield the full name of every type that a skops schema mentions."""
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__')}.{node['__class__']}"
        for value in node.values():
            yield from _types(value)
    elif isinstance(node, list):
        for value in node:
            yield from _types(value)
