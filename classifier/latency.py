"""How long a model takes for one item, when nothing else helps it."""

import time
from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from classifier.recipes.artifact import LoadedModel

ITEMS, WARM = 30, 3


def latency_of(model: LoadedModel, texts: Sequence[str]) -> float | None:
    """Return the median milliseconds of one text by itself on one thread; None without texts.

    The first few are not counted: they pay for what is loaded once.
    """
    chosen = list(texts[: ITEMS + WARM])
    spent = []
    with threadpool_limits(limits=1):
        for text in chosen:
            started = time.perf_counter()
            model.predict_proba([text])
            spent.append(1000 * (time.perf_counter() - started))
    counted = spent[WARM:] or spent
    return float(np.median(counted)) if counted else None
