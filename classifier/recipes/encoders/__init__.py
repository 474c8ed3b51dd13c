"""Sentence encoders: a text becomes a vector. Training prepares one, serving only runs it."""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Protocol

import numpy as np

from classifier.recipes.base import Progress
from classifier.recipes.encoders.cache import VectorCache, chunks
from classifier.recipes.encoders.network import Network, Vectors

_CHUNK = 128


class Encoder(Protocol):
    """Turns texts into vectors of length 1."""

    @property
    def id(self) -> str:
        """What the vectors depend on: those of two encoders with the same id are the same."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return a row per text."""


class NetworkEncoder:
    """An encoder in ONNX."""

    def __init__(self, network: Network) -> None:
        """Run `network`, which is loaded at the first text."""
        self.network = network

    @cached_property
    def id(self) -> str:
        """See `Encoder`; another version of onnxruntime may differ in the last bit."""
        return f"{self.network.hash}-{version('onnxruntime')}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder`."""
        return self.network.run(texts)


def encode(
    encoder: Encoder,
    texts: Sequence[str],
    *,
    keep: bool = False,
    cache: VectorCache | None = None,
    progress: Progress | None = None,
) -> Vectors:
    """Return a row per text: from the cache, or else from the encoder.

    With `keep`, new vectors go into the cache, some at a time, so that a kill loses little.
    """
    report, cache = progress or Progress(), cache or VectorCache()
    known = cache.get(encoder.id, texts)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    done = 0
    for some in chunks(missing, _CHUNK):
        report(f"encoding {len(missing)} new texts", done / len(missing))
        new = dict(zip(some, encoder.encode(some), strict=True))
        if keep:
            cache.put(encoder.id, new)
        known |= new
        done += len(some)
    return np.vstack([known[text] for text in texts])
