"""Finding parts of the rows on which a model is wrong more often than elsewhere.

Candidates are words, lengths and facts that come with the rows. Each is held against all other
rows by Fisher's exact test, one-sided; as many are tried, only those are reported that pass the
procedure of Benjamini and Hochberg (1995), which bounds the expected share of false finds.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.slices import MINIMUM_ROWS, Mask, score_slices
from labeling.statistics.text import normalise

FALSE_SHARE = 0.05
MOST_FOUND = 10
# Runs of word characters: what `slices.has_term` takes for a whole word.
_WORD = re.compile(r"\w+")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A condition on rows: `field` names it as a slice's field does."""

    field: str
    value: str | int


@dataclass(frozen=True)
class FoundSlice:
    """A part with more errors than elsewhere; `adjusted_p` is the Benjamini-Hochberg q-value."""

    field: str
    value: str | int
    rows: int
    errors: int
    errors_elsewhere: float
    p: float
    adjusted_p: float
    weighted_f1: float
    low: float
    high: float


@dataclass(frozen=True)
class SliceSearch:
    """What a search tried and found; `reason` says why there was nothing to try."""

    rows: int
    errors: int
    candidates: int
    found: tuple[FoundSlice, ...]
    reason: str = ""


def search_slices(
    texts: Sequence[str],
    facts: Sequence[Mapping[str, str]],
    truth: Sequence[str],
    predicted: Sequence[str],
    labels: Sequence[str],
    *,
    minimum_rows: int = MINIMUM_ROWS,
) -> SliceSearch:
    """Return the parts of the rows with significantly more errors, the surest finds first.

    `facts` holds what else is known of each row, by the name of a slice's field; empty values are
    not known. A part needs `minimum_rows` rows, and as many must lie outside it.
    """
    wrong = np.array([t != p for t, p in zip(truth, predicted, strict=True)], dtype=np.bool_)
    rows, errors = len(wrong), int(wrong.sum())
    if rows < 2 * minimum_rows:
        reason = f"A search needs {2 * minimum_rows} items; there are {rows}."
        return SliceSearch(rows, errors, 0, (), reason)
    tried = _distinct(_candidates(texts, facts), minimum_rows)
    if not tried or not errors:
        reason = "The model made no mistake." if not errors else "No part has enough items."
        return SliceSearch(rows, errors, len(tried), (), reason)
    masks = np.stack(list(tried.values()))
    inside, hits = masks.sum(axis=1), (masks & wrong).sum(axis=1)
    chances = fisher(hits, inside, errors, rows)
    adjusted = benjamini_hochberg(chances)
    best = np.lexsort((-inside, chances))[:MOST_FOUND]
    names = list(tried)
    found = []
    for place in best:
        if adjusted[place] > FALSE_SHARE:
            break
        (scores,) = score_slices(
            {"": masks[place]}, truth, predicted, labels, minimum_rows=minimum_rows
        )
        found.append(
            FoundSlice(
                field=names[place].field,
                value=names[place].value,
                rows=int(inside[place]),
                errors=int(hits[place]),
                errors_elsewhere=float((errors - hits[place]) / (rows - inside[place])),
                p=float(chances[place]),
                adjusted_p=float(adjusted[place]),
                weighted_f1=scores.weighted_f1 or 0.0,
                low=scores.low or 0.0,
                high=scores.high or 0.0,
            )
        )
    return SliceSearch(rows, errors, len(tried), tuple(found))


def fisher(
    hits: NDArray[np.integer], inside: NDArray[np.integer], errors: int, rows: int
) -> Floats:
    """Return the chance of at least `hits` errors among `inside` of `rows`, drawn blindly."""
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(hits - 1, rows, errors, inside), dtype=np.float64)


def benjamini_hochberg(chances: Floats) -> Floats:
    """Return each p-value adjusted for how many there are; what is at most q has a share of q."""
    count = len(chances)
    order = np.argsort(chances)
    scaled = chances[order] * count / np.arange(1, count + 1)
    lowest = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(lowest, 1.0)
    return adjusted


def _candidates(
    texts: Sequence[str], facts: Sequence[Mapping[str, str]]
) -> Iterator[tuple[Candidate, Mask]]:
    lengths = np.array([len(text.split()) for text in texts])
    for quarter in (0.25, 0.5, 0.75):
        bound = int(np.quantile(lengths, quarter))
        yield Candidate("max_words", bound), lengths <= bound
        yield Candidate("min_words", bound + 1), lengths > bound
    holders: dict[Candidate, list[int]] = defaultdict(list)
    for place, (text, known) in enumerate(zip(texts, facts, strict=True)):
        for word in sorted(set(_WORD.findall(normalise(text)))):
            holders[Candidate("terms", word)].append(place)
        for field, value in known.items():
            if value:
                holders[Candidate(field, value)].append(place)
    for candidate, places in holders.items():
        mask = np.zeros(len(texts), dtype=np.bool_)
        mask[places] = True
        yield candidate, mask


def _distinct(
    candidates: Iterator[tuple[Candidate, Mask]], minimum_rows: int
) -> dict[Candidate, Mask]:
    """Return the candidates that are large enough on both sides, of equal ones the first."""
    kept: dict[bytes, tuple[Candidate, Mask]] = {}
    for candidate, mask in candidates:
        if minimum_rows <= mask.sum() <= len(mask) - minimum_rows:
            kept.setdefault(np.packbits(mask).tobytes(), (candidate, mask))
    return dict(kept.values())
