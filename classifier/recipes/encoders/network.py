"""A network that turns each text into a row of numbers, in ONNX: runs without torch."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.base import RecipeError

Vectors = NDArray[np.float32]

INSTALL = "Install Tagloop with its extra “encoder”: pip install '.[encoder]'."


@dataclass(frozen=True)
class Network:
    """An ONNX graph from the numbers of one text's tokens to one row, and its tokenizer.

    Every text runs by itself on one thread, several texts beside each other: so a row is the same
    to the last bit whatever texts stand beside it and however many cores there are. (A batch would
    share the scale of 8-bit numbers among its texts.)
    """

    graph: bytes
    tokenizer: bytes
    GRAPH: ClassVar[str] = "network.onnx"
    TOKENIZER: ClassVar[str] = "tokenizer.json"

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the network in `folder`; raise RecipeError if its files cannot be read."""
        try:
            graph, tokenizer = folder / cls.GRAPH, folder / cls.TOKENIZER
            return cls(graph.read_bytes(), tokenizer.read_bytes())
        except OSError as error:
            raise RecipeError(f"{folder.name} holds no text network: {error!r}") from error

    def write(self, folder: Path) -> None:
        """Write the two files of the network into `folder`."""
        (folder / self.GRAPH).write_bytes(self.graph)
        (folder / self.TOKENIZER).write_bytes(self.tokenizer)

    def run(self, texts: Sequence[str]) -> Vectors:
        """Return a row per text; raise RecipeError if the files are no network after all."""
        if not texts:
            raise ValueError("There is no text.")
        return np.vstack(list(self._rows(texts)))

    def _rows(self, texts: Sequence[str]) -> Iterator[Vectors]:
        session = self._session
        inputs = [np.array([ids], dtype=np.int64) for ids in self.tokens(texts)]
        if len(inputs) == 1:
            yield session.run(None, {"tokens": inputs[0]})[0]
            return
        # The longest begin, so that no thread is left with a long one when the others are done.
        longest = sorted(range(len(inputs)), key=lambda place: -inputs[place].size)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            rows = threads.map(
                lambda place: session.run(None, {"tokens": inputs[place]})[0], longest
            )
            by_place = dict(zip(longest, rows, strict=True))
        yield from (by_place[place] for place in range(len(inputs)))

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's tokens, cut off where the network ends."""
        # Half an emoji is no Unicode that a tokenizer takes.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        return [encoded.ids for encoded in self._tokenizer.encode_batch(clean)]

    @cached_property
    def hash(self) -> str:
        """A hash of both files."""
        return hashlib.sha256(self.graph + self.tokenizer).hexdigest()[:32]

    @cached_property
    def _tokenizer(self) -> Any:
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise RecipeError(f"This model needs the package tokenizers. {INSTALL}") from error
        return Tokenizer.from_str(self.tokenizer.decode())

    @cached_property
    def _session(self) -> Any:
        try:
            import onnxruntime
        except ImportError as error:
            raise RecipeError(f"This model needs the package onnxruntime. {INSTALL}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(
                self.graph, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has no common class for what it refuses.
            raise RecipeError(f"{self.GRAPH} is no network that runs here: {error}") from error
