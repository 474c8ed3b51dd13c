"""Crowds of simulated annotators, for the benchmark of consensus and its tests."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.aggregation import Votes

Floats = NDArray[np.float64]

# Equally good, good, mixed, a third who guess, weak, and mixed ones who err in common directions.
CROWDS = ("equal", "good", "mixed", "guessing", "weak", "directed")
# What is left of the skill above chance on a hard item.
LEFT_ON_HARD = 0.3


@dataclass(frozen=True)
class Setting:
    """A crowd and its task: `votes` an item, some `each` an annotator, a share of hard items."""

    crowd: str
    even: bool
    items: int
    labels: int
    votes: int
    each: int
    hard: float


def simulate(setting: Setting, rng: np.random.Generator) -> tuple[Votes, NDArray[np.int64]]:
    """Return the votes of a crowd and the true labels."""
    labels = setting.labels
    frequency = np.ones(labels) if setting.even else 0.5 ** np.arange(labels)
    truth = rng.choice(labels, size=setting.items, p=frequency / frequency.sum())
    people = max(setting.votes, round(setting.items * setting.votes / setting.each))
    item = np.repeat(np.arange(setting.items), setting.votes)
    order = rng.random((setting.items, people)).argpartition(setting.votes - 1, axis=1)
    annotator = order[:, : setting.votes].ravel()
    skill = _skills(setting.crowd, people, labels, rng)[annotator, truth[item]]
    hard = rng.random(setting.items) < setting.hard
    chance = 1 / labels
    skill = np.where(hard[item], chance + (skill - chance) * LEFT_ON_HARD, skill)
    wrong = _wrong(truth[item], _errors(setting.crowd, labels, rng), rng)
    label = np.where(rng.random(len(item)) < skill, truth[item], wrong)
    return Votes(item, annotator, label, setting.items, people, labels), truth


def _skills(crowd: str, people: int, labels: int, rng: np.random.Generator) -> Floats:
    """Return how often each is right, by true label."""
    chance = 1 / labels
    drawn: dict[str, Floats] = {
        "equal": np.full(people, 0.75),
        "good": rng.beta(18, 2, people),
        "mixed": rng.beta(6, 2, people),
        "guessing": np.where(rng.random(people) < 0.3, chance, rng.beta(16, 4, people)),
        "weak": rng.uniform(chance + 0.05, 0.75, people),
        "directed": rng.beta(6, 2, people),
    }
    skills = np.repeat(np.maximum(drawn[crowd], chance)[:, np.newaxis], labels, axis=1)
    if crowd == "directed":
        skills = np.clip(skills + rng.normal(0, 0.15, skills.shape), 0.2, 0.98)
    return skills


def _errors(crowd: str, labels: int, rng: np.random.Generator) -> Floats:
    """Return which labels errors go to, by true label."""
    errors = np.ones((labels, labels))
    if crowd == "directed":
        errors = rng.dirichlet(np.full(labels, 0.5), size=labels) + 1e-9
    np.fill_diagonal(errors, 0)
    return np.asarray(errors / errors.sum(axis=1, keepdims=True))


def _wrong(truth: NDArray[np.int64], errors: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    steps = errors.cumsum(axis=1)[truth]
    drawn = rng.random((len(truth), 1)) * steps[:, -1:]
    return np.asarray((drawn >= steps).sum(axis=1))
