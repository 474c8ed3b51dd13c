"""Whether what comes in, and what is said of it, is still what it was.

Each check compares a reference with a window of recent rows, and answers with a figure, the limit
that chance alone rarely passes, and a p-value. They are judged together (Holm 1979), so that one
look at all of them raises a false alarm in 5 % of cases at most. A difference that is too small to
matter is none, however many rows show it.

Sources: population stability index, Lewis 1994; classifier two-sample test, Lopez-Paz and Oquab
2017, with the p-value by permutation (Phipson and Smyth 2010 for its +1).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from feedback.statistics import text_shape

Floats = NDArray[np.float64]
ALPHA = 0.05
DRAWS = 499
FOLDS = 5
RIDGE = 1.0
SMOOTHING = 0.5
NEEDED = 100
NEEDED_COMPARED = 50
LEAST_KS, LEAST_PSI, LEAST_AUC = 0.1, 0.02, 0.53
TEXT_CHECKS = ("length", "known_words", "words", "classifier", "unlike")
UNLIKE = 0.05
OK, ALARM, TOO_LITTLE = "ok", "alarm", "too_little_data"


@dataclass(frozen=True)
class Figure:
    """One check. `value` and what follows from it are None where there is too little data.

    Attributes:
        name: which check.
        value: what was measured now; `before` the same of the reference, where it has one.
        limit: what chance passes with a probability of 5 % divided by the number of checks.
        p: how often chance alone gives as much; `adjusted` the same for all checks together.
        least: a value below it is no alarm, however sure.
        reference, window: how many rows were compared.
        needed: how many rows both have to have.
    """

    name: str
    reference: int
    window: int
    needed: int
    state: str = TOO_LITTLE
    value: float | None = None
    before: float | None = None
    limit: float | None = None
    p: float | None = None
    adjusted: float | None = None
    least: float = 0.0

    @property
    def missing(self) -> str:
        """What there is too little of, in words; empty where there is enough."""
        if self.state != TOO_LITTLE:
            return ""
        short = [
            f"{self.needed - rows:,} more {which}"
            for which, rows in (("to compare with", self.reference), ("recent ones", self.window))
            if rows < self.needed
        ]
        return f"It takes {' and '.join(short)}."


Null = Callable[[float], float]


@dataclass(frozen=True)
class _Measured:
    """A check before the others are known; `null` gives the value that chance passes so often."""

    figure: Figure
    null: Null | None = None


def text_checks(
    reference: Sequence[str], window: Sequence[str], *, rng: np.random.Generator
) -> list[_Measured]:
    """Compare texts: length, known words, hashed words, and whether a classifier tells them apart.

    Args:
        reference: texts that the model learned from.
        window: recent texts, none of them among the reference.
    """
    sizes = (len(reference), len(window))
    if min(sizes) < NEEDED:
        return [_Measured(Figure(name, *sizes, NEEDED)) for name in TEXT_CHECKS]
    vectors = text_shape.directions([*reference, *window])
    return [
        _ks("length", *(text_shape.lengths(texts) for texts in (reference, window))),
        _known_words(reference, window, rng),
        _words(reference, window, rng),
        _classifier(vectors, sizes, rng),
        _unlike(vectors, sizes),
    ]


def class_mix(
    reference: Mapping[str, int], window: Mapping[str, int], *, rng: np.random.Generator
) -> _Measured:
    """Compare how often each label is given, by the PSI; both count answers by label."""
    names = sorted({*reference, *window})
    old, new = (np.array([counts.get(n, 0) for n in names]) for counts in (reference, window))
    sizes = (int(old.sum()), int(new.sum()))

    def check() -> _Measured:
        drawn = rng.multivariate_hypergeometric(old + new, sizes[1], size=DRAWS).astype(float)
        null = psi(old + new - drawn, drawn)
        value = float(psi(old[None].astype(float), new[None].astype(float))[0])
        return _by_draws("class_mix", sizes, value, null, least=LEAST_PSI)

    return _enough("class_mix", sizes, NEEDED, check)


def confidence(reference: Floats, window: Floats) -> _Measured:
    """Compare how sure a model was, by Kolmogorov and Smirnov."""
    sizes = (len(reference), len(window))
    return _enough("confidence", sizes, NEEDED, lambda: _ks("confidence", reference, window))


def disagreement(reference: tuple[int, int], window: tuple[int, int]) -> _Measured:
    """Compare how many items people disagree on; each pair is (disputed, compared).

    Only more than before is an alarm (Fisher's exact test).
    """
    counts, sizes = (reference[0], window[0]), (reference[1], window[1])
    more = partial(_more, "disagreement", counts, sizes, NEEDED_COMPARED)
    return _enough("disagreement", sizes, NEEDED_COMPARED, more)


def judge(measured: Sequence[_Measured]) -> list[Figure]:
    """Return the figures with their limits and states, all judged together."""
    tested = [one for one in measured if one.figure.p is not None]
    adjusted = dict(
        zip(map(id, tested), holm([one.figure.p or 0.0 for one in tested]), strict=True)
    )
    return [_judged(one, adjusted.get(id(one)), ALPHA / max(len(tested), 1)) for one in measured]


def overall(figures: Sequence[Figure]) -> str:
    """Return the state of a whole look: alarm if anything is one, too little data if all is."""
    states = {figure.state for figure in figures}
    return next((state for state in (ALARM, OK) if state in states), TOO_LITTLE)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number by the step-down method of Holm."""
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, np.asarray(p, dtype=float)[order] * np.arange(len(p), 0, -1))
    result = np.empty(len(p))
    result[order] = np.maximum.accumulate(steps)
    return [float(value) for value in result]


def psi(old: Floats, new: Floats) -> Floats:
    """Return the population stability index of each pair of rows of counts, (rows, bins).

    Half a count is added to each bin, or one that is empty would make it infinite.
    """
    before, after = (
        (counts + SMOOTHING) / (counts + SMOOTHING).sum(axis=1, keepdims=True)
        for counts in (old, new)
    )
    return np.asarray(((after - before) * np.log(after / before)).sum(axis=1))


def _judged(one: _Measured, adjusted: float | None, level: float) -> Figure:
    figure = one.figure
    if adjusted is None or one.null is None or figure.value is None:
        return figure
    limit = max(one.null(level), figure.least)
    alarm = adjusted <= ALPHA and figure.value >= figure.least
    return replace(figure, adjusted=adjusted, limit=limit, state=ALARM if alarm else OK)


def _enough(
    name: str, sizes: tuple[int, int], needed: int, check: Callable[[], _Measured]
) -> _Measured:
    return check() if min(sizes) >= needed else _Measured(Figure(name, *sizes, needed))


def _known_words(
    reference: Sequence[str], window: Sequence[str], rng: np.random.Generator
) -> _Measured:
    """The words of one half of the reference; the other half is compared with the window."""
    order = rng.permutation(len(reference))
    half = len(reference) // 2
    vocabulary = text_shape.vocabulary_of(reference[row] for row in order[:half])
    rest = [reference[row] for row in order[half:]]
    old, new = (text_shape.known_share(texts, vocabulary) for texts in (rest, window))
    found = _ks("known_words", old, new)
    return replace(found, figure=replace(found.figure, reference=len(reference)))


def _ks(name: str, old: Floats, new: Floats) -> _Measured:
    # Imported where it is used: it takes longer to start than all the rest.
    from scipy.stats import ks_2samp

    value, p = ks_2samp(old, new)
    figure = Figure(
        name, len(old), len(new), NEEDED, state=OK, value=float(value), p=float(p), least=LEAST_KS
    )
    scale = sqrt(1 / len(old) + 1 / len(new))
    return _Measured(figure, lambda alpha: sqrt(-log(alpha / 2) / 2) * scale)


def _words(reference: Sequence[str], window: Sequence[str], rng: np.random.Generator) -> _Measured:
    """The limit is what windows of this size drawn from the reference itself give."""
    old, new = text_shape.word_bins(reference), text_shape.word_bins(window)
    sizes = (len(old), len(new))
    drawn = [
        rng.multinomial(size, np.full(len(old), 1 / len(old)), size=DRAWS) @ old for size in sizes
    ]
    value = float(psi(old.sum(axis=0)[None], new.sum(axis=0)[None])[0])
    return _by_draws("words", sizes, value, psi(drawn[0], drawn[1]))


def _unlike(vectors: Floats, sizes: tuple[int, int]) -> _Measured:
    """Compare how many texts have nothing like them in the reference: the farthest twentieth."""
    old, new = vectors[: sizes[0]], vectors[sizes[0] :]
    likeness = np.concatenate([text_shape.nearest_other(old), text_shape.nearest(new, old)])
    unlike = likeness < np.quantile(likeness, UNLIKE)
    counts = int(unlike[: sizes[0]].sum()), int(unlike[sizes[0] :].sum())
    return _more("unlike", counts, sizes, NEEDED)


def _more(name: str, counts: tuple[int, int], sizes: tuple[int, int], needed: int) -> _Measured:
    """Compare two shares; only a larger one than before counts (Fisher's exact test)."""
    from scipy.stats import hypergeom

    chance = hypergeom(sum(sizes), sum(counts), sizes[1])
    figure = Figure(
        name,
        *sizes,
        needed,
        state=OK,
        value=counts[1] / sizes[1],
        before=counts[0] / sizes[0],
        p=float(chance.sf(counts[1] - 1)),
    )
    return _Measured(figure, lambda alpha: float(chance.isf(alpha)) / sizes[1])


def _classifier(vectors: Floats, sizes: tuple[int, int], rng: np.random.Generator) -> _Measured:
    is_new = np.repeat([0.0, 1.0], sizes)
    truths = np.stack([is_new, *(rng.permutation(is_new) for _ in range(DRAWS))], axis=1)
    areas = _areas(truths, _out_of_fold(vectors, truths, rng))
    return _by_draws("classifier", sizes, float(areas[0]), areas[1:], least=LEAST_AUC)


def _out_of_fold(vectors: Floats, truths: Floats, rng: np.random.Generator) -> Floats:
    """Return scores by ridge regression that never saw their row, a column for each of `truths`.

    The regression is linear in what it is to learn, so that it is solved once for all of them.
    """
    folds = rng.permutation(len(vectors)) % FOLDS
    with_one = np.hstack([vectors, np.ones((len(vectors), 1))])
    scores = np.empty_like(truths)
    for fold in range(FOLDS):
        learned, held = with_one[folds != fold], folds == fold
        square = learned.T @ learned + RIDGE * np.eye(with_one.shape[1])
        weights = np.linalg.solve(square, learned.T @ truths[folds != fold])
        scores[held] = with_one[held] @ weights
    return scores


def _areas(truths: Floats, scores: Floats) -> Floats:
    """Return the area under the ROC curve of each column."""
    from scipy.stats import rankdata

    ranks = np.asarray(rankdata(scores, axis=0))
    new = truths.sum(axis=0)
    total = (ranks * truths).sum(axis=0)
    return np.asarray((total - new * (new + 1) / 2) / (new * (len(truths) - new)))


def _by_draws(
    name: str, sizes: tuple[int, int], value: float, null: Floats, *, least: float = 0.0
) -> _Measured:
    p = (1 + int((null >= value).sum())) / (len(null) + 1)
    figure = Figure(name, *sizes, NEEDED, state=OK, value=value, p=p, least=least)
    return _Measured(figure, lambda alpha: float(np.quantile(null, 1 - alpha)))
