"""How far a project's annotators agree, by every coefficient and cut by what may explain it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from django.utils import timezone

from labeling.models import ImportJob, Label, Project
from labeling.quality import Answer, counts_of
from labeling.statistics.agreement import Agreement, Coefficient, agreement, alpha_with_interval
from labeling.statistics.cohen import cohen_kappa, pair_tables
from labeling.statistics.per_label import LabelAgreement, agreement_per_label

Key = TypeVar("Key")
WEEK = timedelta(days=7)
WEEKS_SHOWN, PAIRS_SHOWN, SOURCES_SHOWN = 26, 100, 50
UNKNOWN_SOURCE = ""


@dataclass(frozen=True)
class CoefficientRow:
    """One coefficient over all labels."""

    coefficient: Coefficient
    found: Agreement


@dataclass(frozen=True)
class LabelRow:
    """One label's agreement."""

    label: Label
    found: LabelAgreement


@dataclass(frozen=True)
class PairRow:
    """Cohen's kappa of two annotators, in the order of their names."""

    first: str
    second: str
    kappa: Agreement


@dataclass(frozen=True)
class Group(Generic[Key]):
    """Some of the votes: how many, and Krippendorff's alpha among them."""

    key: Key
    votes: int
    alpha: Agreement


def coefficients_of(answers: Iterable[Answer], labels: Sequence[Label]) -> list[CoefficientRow]:
    """Return each coefficient over all items with its interval; Cohen's is that of `pairs_of`."""
    counts = counts_of(answers, labels)
    return [CoefficientRow(one, agreement(counts, coefficient=one)) for one in Coefficient]


def labels_of(answers: Iterable[Answer], labels: Sequence[Label]) -> list[LabelRow]:
    """Return each label's agreement, in the order of the labels."""
    found = agreement_per_label(counts_of(answers, labels))
    return [LabelRow(label, one) for label, one in zip(labels, found, strict=True)]


def pairs_of(answers: Iterable[Answer], labels: Sequence[Label]) -> list[PairRow]:
    """Return Cohen's kappa of the 100 pairs who share most items, the most shared first."""
    # By name, so that a pair reads the same whoever of the two came first.
    votes = sorted(
        (one for one in answers if not one.checking), key=lambda one: (one.username, one.created_at)
    )
    tables = pair_tables(
        [(one.item_id, one.username, one.label_id) for one in votes],
        [label.pk for label in labels],
        most=PAIRS_SHOWN,
    )
    return [PairRow(str(pair.first), str(pair.second), cohen_kappa(pair.table)) for pair in tables]


def weeks_of(answers: Iterable[Answer], labels: Sequence[Label]) -> list[Group[date]]:
    """Return alpha of each week with votes, the oldest first, at most the newest 26.

    An item counts once, with all its votes, in the week of its newest. Weeks begin on Monday in
    the current time zone. Votes that came in by an import were given at other times, and are
    left out.
    """
    given = [one for one in answers if not one.imported and not one.checking]
    newest: dict[int, datetime] = {}
    for one in given:
        newest[one.item_id] = max(one.created_at, newest.get(one.item_id, one.created_at))
    zone = timezone.get_current_timezone()
    weeks = {item_id: _week(when.astimezone(zone).date()) for item_id, when in newest.items()}
    groups = _grouped(given, labels, lambda one: weeks[one.item_id])
    return sorted(groups, key=lambda group: group.key)[-WEEKS_SHOWN:]


def guidelines_of(
    project: Project, answers: Iterable[Answer], labels: Sequence[Label]
) -> list[Group[int]]:
    """Return alpha among the votes given under each version of the guideline, the newest first."""
    numbers = dict(project.guidelines.values_list("pk", "version"))
    groups = _grouped(answers, labels, lambda one: numbers.get(one.guideline_id or 0))
    return sorted(groups, key=lambda group: -group.key)


def sources_of(
    project: Project, answers: Sequence[Answer], labels: Sequence[Label]
) -> list[Group[str]]:
    """Return alpha by what brought the items in: a file's name, REST or '' where it is not known.

    The 50 with most votes, these first.
    """
    names = _source_names(project, {one.import_id for one in answers if one.import_id})
    groups = _grouped(answers, labels, lambda one: names.get(one.import_id or 0, UNKNOWN_SOURCE))
    return sorted(groups, key=lambda group: -group.votes)[:SOURCES_SHOWN]


def _source_names(project: Project, jobs: set[int]) -> Mapping[int, str]:
    known = ImportJob.objects.filter(project=project)
    # Few are looked up by key; of many it is cheaper to read all than to name each.
    few = known.filter(pk__in=jobs) if len(jobs) <= SOURCES_SHOWN else known
    return dict(few.values_list("pk", "source"))


def _week(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _grouped(
    answers: Iterable[Answer], labels: Sequence[Label], key_of: Callable[[Answer], Key | None]
) -> list[Group[Key]]:
    """Return alpha of the votes by key; those without one are left out."""
    given: dict[Key, list[Answer]] = defaultdict(list)
    for one in answers:
        if not one.checking and (key := key_of(one)) is not None:
            given[key].append(one)
    return [
        Group(key, len(some), alpha_with_interval(counts_of(some, labels)))
        for key, some in given.items()
    ]
