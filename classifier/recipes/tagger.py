"""A stored model as a function over columns, for engines that spread data over many machines.

It needs the model's folder (`download` gives it as an archive) and no database: Ray Data, Spark and
the like call it with a batch of columns wherever a part of the data lies.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.artifact import read_artifact
from classifier.recipes.text import join_text

Columns = dict[str, NDArray[Any]]


class Tagger:
    """Adds what a model says to batches of texts: loaded once, called for each batch."""

    def __init__(self, folder: str | Path, *, expected_hash: str | None = None) -> None:
        """Load a model.

        Args:
            folder: where the model's files lie.
            expected_hash: what the model's page gives as its hash; None trusts the folder.

        Raises:
            ArtifactError: the files are not what was stored.
        """
        self.model = read_artifact(Path(folder), expected_hash=expected_hash)

    def __call__(self, batch: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Columns:
        """Return the columns of a batch, and `label`, `confidence` and a probability by label.

        Args:
            batch: equally long columns, among them `title` or `body`; what is None counts as empty.

        Returns:
            The same rows in the same order; `probability_NAME` holds a label's probability.
        """
        size = len(next(iter(batch.values()), ()))
        titles, bodies = (batch.get(name, [""] * size) for name in ("title", "body"))
        texts = [
            join_text(title or "", body or "") for title, body in zip(titles, bodies, strict=True)
        ]
        shares = self.model.predict_proba(texts)
        best = shares.argmax(axis=1)
        labels = self.model.labels
        return {
            **{name: np.asarray(column) for name, column in batch.items()},
            "label": np.asarray(labels)[best],
            "confidence": shares[np.arange(size), best],
            **{f"probability_{name}": shares[:, at] for at, name in enumerate(labels)},
        }
