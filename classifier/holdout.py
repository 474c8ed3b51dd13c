"""Which labeled items are kept from training for ever, to measure models on."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from classifier.models import SnapshotRow
from classifier.recipes.near_duplicates import near_duplicates
from classifier.recipes.text import join_text
from labeling.models import Item, Project, Split, Task, TaskReason, TaskState

HOLDOUT_SHARE = 0.2
CHUNK = 500


@dataclass(frozen=True)
class LabeledItem:
    """A resolved item as it stands, and what it may be used for.

    `trained`: an earlier snapshot trained on it. `drawn`: people saw it by chance alone and not
    because of what a model said of it, so it may stand for the data at large.
    """

    item_id: int
    external_id: str
    title: str
    body: str
    split: str
    label: str
    method: str
    votes: int
    trained: bool
    drawn: bool

    @property
    def text(self) -> str:
        """What a recipe sees of it."""
        return join_text(self.title, self.body)

    @property
    def held_out(self) -> bool:
        """Whether it is in the gold holdout."""
        return self.split == Split.HOLDOUT


def labeled_items(project: Project) -> list[LabeledItem]:
    """Return a project's resolved items, ordered by external id."""
    rows = (
        Item.objects.filter(project=project, resolution__isnull=False)
        .annotate(
            item_id=F("pk"),
            label=F("resolution__label__name"),
            method=F("resolution__method"),
            votes=F("resolution__votes"),
            trained=Exists(_trained_on()),
            drawn=~Exists(_looks_for_a_model()),
        )
        .order_by("external_id")
        .values(*LabeledItem.__dataclass_fields__)
    )
    return [LabeledItem(**row) for row in rows]


def choose(items: Sequence[LabeledItem], *, salt: str) -> set[int]:
    """Return the items to move into the holdout, so that it has its share of every class.

    The order is that of a hash of salt and external id: drawn as if at random, yet the same on
    every machine. Never chosen: what a model was trained on, or its near-duplicate, and what
    people looked at because a model was unsure of it or a user complained. Those are harder than
    the rest, and their labels may lean to the suggestion that was shown.
    """
    eligible = _eligible(items)
    classes: dict[str, list[LabeledItem]] = defaultdict(list)
    for item in items:
        classes[item.label].append(item)
    chosen: set[int] = set()
    for members in classes.values():
        wanted = round(HOLDOUT_SHARE * len(members)) - sum(item.held_out for item in members)
        ranked = sorted(
            (item for item in members if item.item_id in eligible),
            key=lambda item: _rank(salt, item.external_id),
        )
        chosen.update(item.item_id for item in ranked[: max(wanted, 0)])
    return chosen


def move(project: Project, chosen: Iterable[int]) -> bool:
    """Put items into the holdout; False, and nothing done, where one is no longer eligible.

    Their tasks that still wait become blind. Call it inside a transaction.
    """
    wanted = sorted(chosen)
    locked = [pk for part in _chunks(wanted) for pk in _lock_eligible(project, part)]
    if sorted(locked) != wanted:
        return False
    for part in _chunks(wanted):
        Item.objects.filter(pk__in=part).update(split=Split.HOLDOUT)
        Task.objects.filter(item__in=part).exclude(state=TaskState.CLOSED).update(blind=True)
    return True


def holdout_texts(project: Project) -> list[str]:
    """Return the texts of all holdout items, labeled or not."""
    rows = Item.objects.filter(project=project, split=Split.HOLDOUT).values_list("title", "body")
    return [join_text(title, body) for title, body in rows]


def trained_among(project: Project, items: Sequence[int]) -> list[int]:
    """Return those of a project's items that a model was trained on."""
    known = Item.objects.filter(Exists(_trained_on()), project=project, pk__in=items)
    return list(known.order_by("pk").values_list("pk", flat=True))


def _eligible(items: Sequence[LabeledItem]) -> set[int]:
    fresh = [item for item in items if not item.held_out and item.drawn and not item.trained]
    seen = [item.text for item in items if item.trained]
    alike = near_duplicates([item.text for item in fresh], seen)
    return {item.item_id for item, double in zip(fresh, alike, strict=True) if not double}


def _rank(salt: str, external_id: str) -> str:
    return hashlib.sha256(f"{salt}\n{external_id}".encode()).hexdigest()


def _lock_eligible(project: Project, part: Sequence[int]) -> list[int]:
    pool = Item.objects.filter(project=project, split=Split.POOL, pk__in=part)
    list(pool.select_for_update(no_key=True).values_list("pk", flat=True))
    return list(
        pool.filter(~Exists(_trained_on()), ~Exists(_looks_for_a_model())).values_list(
            "pk", flat=True
        )
    )


def _trained_on() -> QuerySet[SnapshotRow]:
    return SnapshotRow.objects.filter(item=OuterRef("pk"), split=Split.POOL)


def _looks_for_a_model() -> QuerySet[Task]:
    asked = [TaskReason.LOW_CONFIDENCE, TaskReason.REPORT]
    return Task.objects.filter(
        Q(suggestion__isnull=False) | Q(reason__in=asked), item=OuterRef("pk")
    )


def _chunks(values: Sequence[int]) -> Iterator[list[int]]:
    rest = iter(values)
    while part := list(islice(rest, CHUNK)):
        yield part
