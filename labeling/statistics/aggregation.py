"""What an item's votes say when annotators differ in skill: majority, and weighed by confusion.

Dawid and Skene (1979) estimate each annotator's confusion matrix and each item's label together.
With few votes per annotator that loses to the majority, so here each matrix is shrunk: towards the
annotator's own share right, that towards everybody's matrix, and everybody's towards one in which
all labels are as hard and all errors as likely. How far is estimated from the votes themselves.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

OPEN = -1
# With two annotators who disagree, nothing in the votes says which of them is right.
FEWEST_ANNOTATORS, FEWEST_LABELS = 3, 2
ROUNDS, TOLERANCE = 50, 1e-4
# Votes that a shrunk estimate is worth: the likeliest of these is taken.
_STRENGTHS = np.array([1.0, 2, 5, 10, 20, 50, 100, 300, 1000])
# Agreeing votes for every label before the first is counted: with many labels and few agreeing
# pairs, chance would otherwise decide all ties.
_FOR_EACH_LABEL = 5.0


@dataclass(frozen=True)
class Votes:
    """Votes as numbers: vote i is by `annotator[i]`, for `label[i]`, on `item[i]`.

    The counts say how many of each there are; numbers start at 0. Raises ValueError for arrays of
    unequal length, a number outside its count, or fewer than two labels.
    """

    item: Integers
    annotator: Integers
    label: Integers
    items: int
    annotators: int
    labels: int

    def __post_init__(self) -> None:
        """Refuse what cannot be counted."""
        if not len(self.item) == len(self.annotator) == len(self.label):
            raise ValueError("Items, annotators and labels of votes must be equally many.")
        if self.labels < FEWEST_LABELS:
            raise ValueError(
                f"It takes at least {FEWEST_LABELS} labels to disagree, not {self.labels}."
            )
        for name, numbers, count in (
            ("item", self.item, self.items),
            ("annotator", self.annotator, self.annotators),
            ("label", self.label, self.labels),
        ):
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < count:
                raise ValueError(f"Each {name} must be 0 to {count - 1}; one is not.")


@dataclass(frozen=True)
class Majority:
    """Per item the label with the most votes, OPEN on a tie or without votes, and its share."""

    label: NDArray[np.int64]
    share: Floats


@dataclass(frozen=True)
class Aggregate:
    """Posteriors (items x labels) and what they rest on.

    `confusion[w, t, l]` is how often annotator w says l where t is true. `strength` is how many
    votes per true label the shrunk estimate is worth. Where annotators cannot be told apart,
    `weighted` is false, the posterior is each label's share of the votes, and `reason` says why.
    The posterior is too sure of itself until it is calibrated (labeling/statistics/gold.py).
    """

    posterior: Floats
    confusion: Floats
    prior: Floats
    strength: float
    rounds: int
    weighted: bool = True
    reason: str = ""


class _Table:
    """The votes as a sparse matrix, items x (annotator, label), and as counts per label."""

    def __init__(self, votes: Votes) -> None:
        from scipy.sparse import csr_matrix

        self.annotators, self.labels = votes.annotators, votes.labels
        cells = votes.annotator.astype(np.int64) * votes.labels + votes.label
        shape = (votes.items, votes.annotators * votes.labels)
        self.by_item = csr_matrix((np.ones(len(cells)), (votes.item, cells)), shape=shape)
        self.by_cell = self.by_item.T.tocsr()
        self.counts = _counts(votes)

    def said(self, posterior: Floats) -> Floats:
        """Return the expected counts, annotators x true x said."""
        counts = self.by_cell @ posterior
        return np.asarray(counts.reshape(-1, self.labels, self.labels).transpose(0, 2, 1))

    def evidence(self, confusion: Floats) -> Floats:
        """Return the log-likelihood of each item's votes by true label."""
        logs = np.log(confusion).transpose(0, 2, 1).reshape(-1, self.labels)
        return np.asarray(self.by_item @ logs)


def majority(votes: Votes) -> Majority:
    """Return the label with the most votes per item; a tie stays open."""
    counts = _counts(votes)
    most = counts.max(axis=1)
    single = ((counts == most[:, np.newaxis]).sum(axis=1) == 1) & (most > 0)
    label = np.where(single, counts.argmax(axis=1), OPEN)
    return Majority(label, most / np.maximum(counts.sum(axis=1), 1))


def aggregate(votes: Votes, *, rounds: int = ROUNDS, tolerance: float = TOLERANCE) -> Aggregate:
    """Return each item's posterior by expectation maximisation (Dawid and Skene 1979), shrunk.

    Ends when the posteriors move less than `tolerance` on average, or after `rounds`. The order of
    votes does not matter.
    """
    table = _Table(votes)
    people = len(np.unique(votes.annotator))
    if people < FEWEST_ANNOTATORS:
        return _unweighted(table, people)
    prior = _prior(table.counts)
    posterior = _leading(table.counts, prior)
    confusion, strength = _confusion(table.said(posterior))
    number, moved = 0, np.inf
    while moved >= tolerance and number < rounds:
        before = posterior
        posterior = softmax(table.evidence(confusion) + np.log(prior))
        confusion, strength = _confusion(table.said(posterior))
        number, moved = number + 1, np.abs(posterior - before).max(axis=1).mean()
    return Aggregate(posterior, confusion, prior, strength, number)


def best_label(posterior: Floats) -> NDArray[np.int64]:
    """Return the most probable label per item, OPEN where two are equally probable."""
    tied = np.isclose(posterior, posterior.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    return np.where(tied.sum(axis=1) == 1, posterior.argmax(axis=1), OPEN)


def softmax(scores: Floats) -> Floats:
    """Return probabilities by row from log-odds."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _counts(votes: Votes) -> Floats:
    cells = votes.item.astype(np.int64) * votes.labels + votes.label
    counts = np.bincount(cells, minlength=votes.items * votes.labels)
    return counts.reshape(votes.items, votes.labels).astype(np.float64)


def _unweighted(table: _Table, people: int) -> Aggregate:
    prior = _prior(table.counts)
    total = table.counts.sum(axis=1, keepdims=True)
    shares = np.where(total > 0, table.counts / np.maximum(total, 1), prior)
    pooled = _pooled(table.said(shares).sum(axis=0))
    confusion = np.repeat(pooled[np.newaxis], table.annotators, axis=0)
    reason = (
        f"Votes are counted, not weighed: {people} annotators voted, and it takes "
        f"{FEWEST_ANNOTATORS} to tell who errs."
    )
    return Aggregate(shares, confusion, prior, np.inf, 0, weighted=False, reason=reason)


def _prior(counts: Floats) -> Floats:
    """Return how frequent each label is, from agreeing pairs.

    All votes would count a label often that is only often said in error.
    """
    others = np.maximum(counts.sum(axis=1, keepdims=True) - 1, 1)
    agreeing = (counts * (counts - 1) / others).sum(axis=0) + _FOR_EACH_LABEL
    return np.asarray(agreeing / agreeing.sum())


def _leading(counts: Floats, prior: Floats) -> Floats:
    """Return the labels in the lead, sharing the item where they tie."""
    leading = (counts == counts.max(axis=1, keepdims=True)).astype(np.float64)
    voted = counts.sum(axis=1, keepdims=True) > 0
    return np.where(voted, leading / leading.sum(axis=1, keepdims=True), prior)


def _confusion(said: Floats) -> tuple[Floats, float]:
    """Return everybody's confusion matrix, shrunk, and the strength of the shrinkage."""
    expected = _by_skill(said, _pooled(said.sum(axis=0)))
    strength = _likeliest_strength(expected, said)
    total = said.sum(axis=2, keepdims=True)
    return (said + strength * expected) / (total + strength), strength


def _pooled(said: Floats) -> Floats:
    """Return the confusion matrix of all votes, each row halfway to one without preferences.

    The other half is worth as many votes as a label has on average. Left to itself, a label could
    take in all the items on which nobody agrees.
    """
    labels, votes = len(said), said.sum()
    right = (np.trace(said) + 1) / (votes + 2)
    even = np.full((labels, labels), (1 - right) / (labels - 1))
    np.fill_diagonal(even, right)
    rows = said + (5 * labels + votes / labels) * even
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _by_skill(said: Floats, pooled: Floats) -> Floats:
    """Return the pooled matrix for each annotator, its odds of being right moved to their own."""
    total, usual = said.sum(axis=(1, 2)), np.diagonal(pooled)
    expected = said.sum(axis=2) @ usual / np.maximum(total, 1e-12)
    expected = np.where(total > 0, expected, usual.mean())
    right = np.trace(said, axis1=1, axis2=2)
    shares = np.stack([expected, 1 - expected], axis=1)
    strength = _likeliest_strength(shares, np.stack([right, total - right], axis=1))
    own = (right + strength * expected) / (total + strength)
    odds = usual / (1 - usual) * (own / (1 - own) / (expected / (1 - expected)))[:, np.newaxis]
    hits = (odds / (1 + odds))[:, :, np.newaxis]
    off = pooled / (1 - usual)[:, np.newaxis] * (1 - np.eye(len(pooled)))
    return np.asarray((1 - hits) * off + hits * np.eye(len(pooled)))


def _likeliest_strength(expected: Floats, counts: Floats) -> float:
    """Return the strength under which `counts` are likeliest (Dirichlet-multinomial, Minka 2000).

    The last axis holds the categories; `expected` are their shares.
    """
    from scipy.special import gammaln

    total = counts.sum(axis=-1)
    voted = total > 0
    shares, seen, total = expected[voted], counts[voted], total[voted]

    def fit(strength: float) -> float:
        prior = strength * shares
        of_rows = (gammaln(strength) - gammaln(strength + total)).sum()
        return float(of_rows + (gammaln(prior + seen) - gammaln(prior)).sum())

    return float(max(_STRENGTHS, key=fit))
