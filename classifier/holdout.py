"""Which labeled items are kept from training for ever, to measure models on."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Exists, QuerySet

from classifier.labeled import LabeledItem, looks_for_a_model, trained_on
from classifier.recipes.near_duplicates import near_duplicates
from classifier.recipes.text import join_text
from labeling.bulk.selection import chunks
from labeling.models import Item, Project, Split, Task, TaskState

HOLDOUT_SHARE = 0.2
TEXT = ("title", "body")


def choose(items: Sequence[LabeledItem], trained_texts: Sequence[str], *, salt: str) -> set[int]:
    """Return the items to move into the holdout, so that it has its share of every class.

    What a person picked for it does not count: a share that stands for the rest is drawn, too.

    The order is that of a hash of salt and external id: drawn as if at random, yet the same on
    every machine. Never chosen: what a model was trained on, or its near-duplicate, and what
    people looked at because a model was unsure of it or a user complained. Those are harder than
    the rest, and their labels may lean to the suggestion that was shown.
    """
    eligible = _eligible(items, trained_texts)
    classes: dict[str, list[LabeledItem]] = defaultdict(list)
    for item in items:
        classes[item.label].append(item)
    chosen: set[int] = set()
    for members in classes.values():
        wanted = round(HOLDOUT_SHARE * len(members)) - sum(
            item.held_out and not item.picked for item in members
        )
        ranked = sorted(
            (item for item in members if item.item_id in eligible),
            key=lambda item: _rank(salt, item.external_id),
        )
        chosen.update(item.item_id for item in ranked[: max(wanted, 0)])
    return chosen


def claim(project: Project, *, chosen: set[int], training: set[int]) -> bool:
    """Put the chosen items into the holdout, and hold what is to be trained on outside of it.

    False, and nothing done, where an item is no longer what it was taken for. Until the
    transaction that this is called in ends, nobody else moves any of them. The tasks of the chosen
    that still wait become blind.
    """
    wanted = sorted(chosen | training)
    if any(_hold_in_pool(project, part) != len(part) for part in chunks(wanted)):
        return False
    if not all(_eligible_still(project, part) for part in chunks(sorted(chosen))):
        return False
    for part in chunks(sorted(chosen)):
        Item.objects.filter(pk__in=part).update(split=Split.HOLDOUT)
        Task.objects.filter(item__in=part).exclude(state=TaskState.CLOSED).update(blind=True)
    return True


def drawn_and_labeled(project_id: int) -> QuerySet[Item]:
    """Return the labeled holdout items that stand for the rest: those that no person picked."""
    holdout = Item.objects.filter(project=project_id, split=Split.HOLDOUT, gold_pick=None)
    return holdout.filter(resolution__isnull=False)


def holdout_texts(project: Project) -> dict[int, str]:
    """Return the text of every holdout item by its id: labeled or not, deleted or not."""
    rows = Item.with_deleted.filter(project=project, split=Split.HOLDOUT)
    return {pk: join_text(title, body) for pk, title, body in rows.values_list("pk", *TEXT)}


def holdout_ids(project: Project) -> set[int]:
    """Return the ids of all holdout items."""
    rows = Item.with_deleted.filter(project=project, split=Split.HOLDOUT)
    return set(rows.values_list("pk", flat=True))


def trained_texts(project: Project) -> list[str]:
    """Return the texts of all items that a model was trained on, whatever became of them."""
    rows = Item.with_deleted.filter(Exists(trained_on()), project=project)
    return [join_text(title, body) for title, body in rows.values_list(*TEXT)]


def trained_among(project: Project, items: Sequence[int]) -> list[int]:
    """Return those of a project's items that a model was trained on."""
    known = Item.objects.filter(Exists(trained_on()), project=project, pk__in=items)
    return list(known.order_by("pk").values_list("pk", flat=True))


def _eligible(items: Sequence[LabeledItem], trained: Sequence[str]) -> set[int]:
    fresh = [item for item in items if not item.held_out and item.drawn and not item.trained]
    alike = near_duplicates([item.text for item in fresh], trained)
    return {item.item_id for item, double in zip(fresh, alike, strict=True) if not double}


def _rank(salt: str, external_id: str) -> str:
    return hashlib.sha256(f"{salt}\n{external_id}".encode()).hexdigest()


def _hold_in_pool(project: Project, part: Sequence[int]) -> int:
    """Lock items in the order of all other verbs; return how many are outside the holdout."""
    pool = Item.objects.filter(project=project, split=Split.POOL, pk__in=part).order_by("pk")
    return len(pool.select_for_update(no_key=True).values_list("pk", flat=True))


def _eligible_still(project: Project, part: Sequence[int]) -> bool:
    spoilt = Item.objects.filter(Exists(trained_on()) | Exists(looks_for_a_model()), pk__in=part)
    return not spoilt.exists()
