"""What is known beside a prediction: the words that its model learned from, and the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from classifier.models import (
    BehaviourCase,
    BehaviourKind,
    ModelVersion,
    Prediction,
    RowUse,
    SnapshotRow,
)
from feedback.statistics.route_rules import broken, novelty_of
from labeling.models import Project
from labeling.search_words import words_of

VOCABULARIES = 8
Rule = tuple[str, frozenset[str], str]


@dataclass(frozen=True)
class Signals:
    """What routing wants to know of a prediction beside its probabilities."""

    novelty: float | None
    broken_rule: str


@dataclass(frozen=True)
class Rules:
    """The minimum functionality cases of a project, by one of their words: the longest.

    Each says of a short text which label it has. A longer text with all of its words should have
    that label, too; where a model says another, a person looks.
    """

    by_word: Mapping[str, Sequence[Rule]]

    def broken_by(self, words: frozenset[str], label: str) -> str:
        """Return the name of a rule that an answer breaks, or nothing."""
        near = (rule for word in sorted(words & self.by_word.keys()) for rule in self.by_word[word])
        return broken(words, label, near)


def rules_of(project_id: int) -> Rules:
    """Return the rules of a project as they stand."""
    cases = BehaviourCase.objects.filter(project=project_id, kind=BehaviourKind.MINIMUM)
    found: dict[str, list[Rule]] = {}
    for test, text, label in cases.values_list("test", "text", "label"):
        words = frozenset(words_of(text))
        if words:
            found.setdefault(max(words, key=lambda word: (len(word), word)), []).append(
                (test, words, label)
            )
    return Rules(found)


def signals_of(prediction: Prediction, label: str, rules: Rules) -> Signals:
    """Return what is known beside a prediction that says `label`."""
    words = frozenset(words_of(f"{prediction.title}\n{prediction.body}"))
    known = vocabulary_of(prediction.model_version_id, prediction.model_version.created_at)
    return Signals(novelty_of(words, known), rules.broken_by(words, label))


@lru_cache(maxsize=VOCABULARIES)
def vocabulary_of(model_id: int, created_at: datetime) -> frozenset[str]:
    """Return all words that a model was trained on; a process reads them once, as they stay.

    Another database may have another model under the same id: when it was made tells them apart.
    """
    model = ModelVersion.objects.filter(pk=model_id, created_at=created_at)
    rows = SnapshotRow.objects.filter(snapshot__in=model.values("snapshot"), split=RowUse.POOL)
    words: set[str] = set()
    for title, body in rows.values_list("title", "body").iterator(chunk_size=2000):
        words.update(words_of(f"{title}\n{body}"))
    return frozenset(words)


def label_names(project_id: int) -> dict[int, str]:
    """Return the names of a project's labels by id."""
    project = Project(pk=project_id)
    return dict(project.labels.values_list("pk", "name"))
