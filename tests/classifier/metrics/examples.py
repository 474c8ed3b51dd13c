"""Random truths and predictions, as test data."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

LABELS = ("a", "b", "c", "d")

label_pairs = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abcd")), min_size=1, max_size=40
)


def noisy(truth: Sequence[str], *, right: float, seed: int) -> list[str]:
    """Return predictions of which about the share `right` is right."""
    rng = np.random.default_rng(seed)
    guesses = rng.choice(list("abc"), size=len(truth))
    keep = rng.random(len(truth)) < right
    return [str(t if k else g) for t, g, k in zip(truth, guesses, keep, strict=True)]


def random_truth(rows: int, *, seed: int = 0) -> list[str]:
    """Return labels of which half are a, a third b and the rest c."""
    rng = np.random.default_rng(seed)
    return [str(label) for label in rng.choice(list("aaabbc"), size=rows)]
