"""How far annotators agree on each label by itself, with intervals.

Two figures a label, because they answer different questions. Alpha of the label against all
others says how far the label is told apart beyond chance. Specific agreement says what a reader
of one vote for the label may expect of another annotator.
"""

from dataclasses import dataclass

import numpy as np

from labeling.statistics.agreement import (
    Agreement,
    Counts,
    Floats,
    pairable,
    resample,
    with_interval,
)
from labeling.statistics.wording import plural


@dataclass(frozen=True)
class LabelAgreement:
    """One label's figures; `votes` for it are those on items with two votes or more."""

    votes: int
    alpha: Agreement
    specific: Agreement


@dataclass(frozen=True)
class _Draws:
    """Per draw and label, both of shape (1 + resamples) x labels; NaN where undefined."""

    alpha: Floats
    specific: Floats


def agreement_per_label(
    counts: Counts, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> list[LabelAgreement]:
    """Return each label's agreement with percentile bootstrap intervals over items.

    `alpha` is Krippendorff's alpha (2011) with all other labels taken as one, as Fleiss (1971) cuts
    his kappa by category. `specific` is the mean, over the votes for the label, of the share of
    the item's other votes that are for it too: for two votes an item the specific agreement of
    Cicchetti & Feinstein (1990), for more the conditional probability of Fleiss (1971). Its `items`
    are those on which anybody gave the label.

    Args:
        counts: items x labels, as `count_matrix` gives them.
        resamples: how many draws.
        seed: of the draws; all labels share them.
        level: of the intervals.
    """
    used = pairable(counts)
    if not len(used):
        reason = f"Undefined: none of the {plural(len(counts), 'labeled item')} has two votes."
        nothing = Agreement(None, None, None, 0, reason)
        return [LabelAgreement(0, nothing, nothing) for _ in range(counts.shape[1])]
    draws = _draw(used, resamples=resamples, seed=seed)
    return [_figures(used, column, draws, level) for column in range(used.shape[1])]


def _figures(used: Counts, column: int, draws: _Draws, level: float) -> LabelAgreement:
    votes = int(used[:, column].sum())
    items, given = len(used), int((used[:, column] > 0).sum())
    if not votes:
        reason = f"Undefined: none of the {plural(int(used.sum()), 'vote')} is for this label."
        return LabelAgreement(
            0, Agreement(None, None, None, items, reason), Agreement(None, None, None, 0, reason)
        )
    specific = draws.specific[:, column]
    return LabelAgreement(
        votes=votes,
        alpha=_alpha(used, draws.alpha[:, column], level),
        specific=with_interval(float(specific[0]), specific[1:], items=given, level=level),
    )


def _alpha(used: Counts, values: Floats, level: float) -> Agreement:
    if np.isnan(values[0]):
        reason = f"Undefined: all {plural(int(used.sum()), 'vote')} are for this label."
        return Agreement(None, None, None, len(used), reason)
    return with_interval(float(values[0]), values[1:], items=len(used), level=level)


def _draw(used: Counts, *, resamples: int, seed: int) -> _Draws:
    patterns, weights = resample(used, resamples=resamples, seed=seed)
    votes = patterns.astype(np.float64)
    total = votes.sum(axis=1, keepdims=True)
    agreeing = weights @ (votes * (votes - 1) / (total - 1))
    rest = weights @ ((total - votes) * (total - votes - 1) / (total - 1))
    given, everything = weights @ votes, weights @ total
    by_chance = everything**2 - given**2 - (everything - given) ** 2
    disagreeing = everything - agreeing - rest
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1 - (everything - 1) * disagreeing / by_chance
        specific = agreeing / given
    return _Draws(np.where(by_chance > 0, alpha, np.nan), specific)
