"""Keeping items for measuring alone: the gold holdout."""

from collections.abc import Callable, Sequence

from django.db import transaction

from accounts.models import User
from labeling.bulk.selection import chunks, live_tasks, lock
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import GoldPick, Item, Project, Split

Guard = Callable[[Project, Sequence[int]], Sequence[int]]
guards: dict[str, Guard] = {}


def register(reason: str, guard: Guard) -> None:
    """Let an app above refuse items: the guard returns which of some it does not let go.

    Args:
        reason: why, as it follows "an item that": `a model was trained on`.
        guard: takes a project and item ids, at most some hundred, and returns the refused ones.
    """
    guards[reason] = guard


@transaction.atomic
def mark_gold(*, project: Project, actor: User | None, items: Sequence[int]) -> int:
    """Move items into the gold holdout; return how many were not in it.

    Their tasks that wait become blind, without suggestion. Those that were not in it are noted as
    chosen by a person, for what is proven by items drawn at random.

    Raises:
        Conflict: a guard does not let some of them go; none is moved.
    """
    lock(project, items)
    for part in chunks(items):
        _ask_guards(project, part)
    moved = sum(_move(part, actor) for part in chunks(items))
    record(
        project=project,
        actor=actor,
        verb="marked gold",
        subject=project,
        after=f"{moved:,} of {len(items):,} items",
    )
    return moved


def _ask_guards(project: Project, part: Sequence[int]) -> None:
    for reason, guard in guards.items():
        refused = guard(project, part)
        if refused:
            title = Item.objects.get(pk=refused[0]).title[:80]
            raise Conflict(
                f"items: {len(refused):,} cannot become gold, the first is '{title}': an item that "
                f"{reason} cannot measure models. Leave such items out."
            )


def _move(part: Sequence[int], actor: User | None) -> int:
    live_tasks(part).update(
        blind=True, suggestion=None, suggestion_confidence=None, suggestion_source=""
    )
    pool = Item.objects.filter(pk__in=part).exclude(split=Split.HOLDOUT)
    chosen = list(pool.values_list("pk", flat=True))
    GoldPick.objects.bulk_create(GoldPick(item_id=pk, created_by=actor) for pk in chosen)
    return Item.objects.filter(pk__in=chosen).update(split=Split.HOLDOUT)
