"""Encoders brought into ONNX, once on a machine: later trainings find them ready."""

from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from classifier.recipes.base import RecipeError
from classifier.recipes.encoders.cache import cache_folder
from classifier.recipes.encoders.network import Network
from classifier.recipes.encoders.source import contents_hash, locate

_VERSION = "1"
"""Raised whenever `export.py` makes other networks of the same weights."""


def full_precision(name: str) -> Network:
    """Return the encoder called `name` as a network of 32-bit numbers.

    Raises RecipeError where it is not found, or torch is missing and it was never prepared.
    """

    def make() -> Network:
        from classifier.recipes.encoders.export import sentence_network

        return sentence_network(name)

    return _kept(_place(name) / "full", make)


def eight_bit(name: str) -> Network:
    """Return the encoder called `name` with weights of 8 bits; raises as `full_precision`."""

    def make() -> Network:
        from classifier.recipes.encoders.export import quantised

        return quantised(full_precision(name))

    return _kept(_place(name) / "eight-bit", make)


def _place(name: str) -> Path:
    return cache_folder() / "encoders" / f"{contents_hash(locate(name))}-{_VERSION}"


def _kept(place: Path, make: Callable[[], Network]) -> Network:
    """Return the network kept in `place`, or what `make` gives, kept there from now on."""
    if place.is_dir():
        with suppress(RecipeError):
            return _read(place)
    network = make()
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(dir=place.parent))
        network.write(draft)
        try:
            draft.rename(place)
        except OSError:
            # Another process was first, with the same network.
            rmtree(draft, ignore_errors=True)
    return network


@lru_cache(maxsize=2)
def _read(place: Path) -> Network:
    """Return the network in `place`, read once: a retrain asks for it for every fold."""
    return Network.read(place)
