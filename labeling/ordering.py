"""In which order the items of one priority come: their ranks, and when these are written anew."""

import json
from collections.abc import Callable, Mapping, Sequence

from celery import signature
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from labeling.access import Access
from labeling.events import record
from labeling.models import DRAWS, Assignment, Item, LookState, Order, Project, Task, TaskState
from labeling.statistics.diversity import spread

CHUNK = 500
# More would take long to group; what follows is ranked by its confidence alone.
SPREAD = 20_000
TEXT_LIMIT = 2000
# Behind every item with a suggestion.
UNKNOWN = 2 * DRAWS
BY_CONFIDENCE = (Order.UNCERTAIN, Order.DIVERSE)
# The plus keeps SQLite from going through all items of a project for each that is told.
NOTE = {
    "sqlite": """
UPDATE labeling_item SET confidence = json_extract(told.value, '$[1]')
FROM json_each(%s) told WHERE labeling_item.id = json_extract(told.value, '$[0]')
    AND +project_id = %s AND +deletion_id IS NULL
"""
}
NOTE_ELSEWHERE = """
UPDATE labeling_item SET confidence = CAST(told.value->>1 AS double precision)
FROM json_array_elements(%s) told WHERE labeling_item.id = CAST(told.value->>0 AS bigint)
    AND project_id = %s AND deletion_id IS NULL
"""
# What `rank_of` gives without places, as SQL over an item `i`.
RANK_SQL = {
    Order.IN_ORDER: "0",
    Order.RANDOM: "i.draw",
    Order.UNCERTAIN: f"COALESCE(CAST(ROUND(i.confidence * {DRAWS - 1}) AS integer), {UNKNOWN})",
}
RANK_SQL[Order.DIVERSE] = RANK_SQL[Order.UNCERTAIN]
Keeper = Callable[[Sequence[int]], set[int]]
keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Let an app above rank tasks itself: the keeper returns which of some ranks are its own."""
    keepers.append(keeper)


def rank_of(order: Order, item: Item, places: Mapping[int, int] | None = None) -> int:
    """Return an item's rank: the lowest comes first, and the oldest of those that share one.

    Args:
        order: the project's order.
        item: which item.
        places: the place of each item that was spread over all kinds of texts, by item id.
    """
    if order == Order.IN_ORDER:
        return 0
    if order == Order.RANDOM:
        return item.draw
    if places and item.pk in places:
        return places[item.pk]
    behind = len(places or ())
    return UNKNOWN if item.confidence is None else behind + round(item.confidence * (DRAWS - 1))


@transaction.atomic
def set_order(*, access: Access, order: Order) -> Project:
    """Choose in which order a project's items come; what waits is ranked anew by a worker."""
    project = access.project
    before = project.order
    if order != before:
        project.order = order
        project.save(update_fields=["order"])
        record(
            project=project,
            actor=access.user,
            verb="changed order",
            subject=project,
            before=before,
            after=order,
        )
        _ask(project)
    return project


def note_confidence(project: Project, confidences: Mapping[int, float]) -> None:
    """Note how sure the newest suggestion was, by item id; ids of other projects are left out."""
    rows = json.dumps(list(confidences.items()))
    with connection.cursor() as cursor:
        cursor.execute(NOTE.get(connection.vendor, NOTE_ELSEWHERE), [rows, project.pk])


def suggestions_changed(project: Project) -> None:
    """Have what waits ranked anew where the order depends on suggestions."""
    if Order(project.order) in BY_CONFIDENCE:
        _ask(project)


def rank_anew(project: Project) -> None:
    """Have what waits ranked anew by the project's order. Call it inside a transaction."""
    _ask(project)


def rank_what_is_due() -> int:
    """Rank the projects for which that was asked; return how many tasks changed.

    Doing this twice, or at two places at once, does no harm.
    """
    changed = 0
    for project in Project.objects.filter(rank_due__isnull=False):
        changed += rank_open_tasks(project)
        # Where it was asked for again meanwhile, it stays due.
        Project.objects.filter(pk=project.pk, rank_due=project.rank_due).update(rank_due=None)
    return changed


def rank_open_tasks(project: Project) -> int:
    """Write the ranks of a project's open tasks and free looks, a chunk at a time."""
    places = _places(project) if project.order == Order.DIVERSE else {}
    changed, cursor = 0, 0
    while True:
        last, written = _rank_chunk(project, cursor, places)
        if last is None:
            return changed
        changed, cursor = changed + written, last


@transaction.atomic
def _rank_chunk(project: Project, behind: int, places: Mapping[int, int]) -> tuple[int | None, int]:
    """Rank the tasks behind an id; return the last of them and how many changed."""
    waiting = Task.objects.filter(project=project, state=TaskState.OPEN, pk__gt=behind)
    chunk = waiting.select_related("item").only("rank", "item__draw", "item__confidence")
    tasks = list(chunk.select_for_update(of=("self",)).order_by("pk")[:CHUNK])
    kept = {pk for keeper in keepers for pk in keeper([task.pk for task in tasks])}
    stale = []
    for task in tasks:
        if task.pk in kept:
            continue
        rank = rank_of(Order(project.order), task.item, places)
        if rank != task.rank:
            task.rank = rank
            stale.append(task)
    Task.objects.bulk_update(stale, ["rank"])
    free = Assignment.objects.filter(task__in=stale, state=LookState.FREE)
    free.update(rank=Subquery(Task.objects.filter(pk=OuterRef("task")).values("rank")[:1]))
    return (tasks[-1].pk if tasks else None), len(stale)


def _places(project: Project) -> dict[int, int]:
    waiting = Task.objects.filter(project=project, state=TaskState.OPEN)
    unsure = waiting.filter(item__confidence__isnull=False).order_by("item__confidence", "pk")
    rows = list(
        unsure.values_list("item_id", "item__title", "item__body", "item__confidence")[:SPREAD]
    )
    texts = [f"{title} {body}"[:TEXT_LIMIT] for _, title, body, _ in rows]
    order = spread(texts, [confidence or 0.0 for *_, confidence in rows])
    return {rows[index][0]: place for place, index in enumerate(order)}


def _ask(project: Project) -> None:
    project.rank_due = timezone.now()
    project.save(update_fields=["rank_due"])
    # Without a broker it stays due, and the schedule finds it.
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Tell a worker that ranks are due."""
    signature("labeling.tasks.rank_tasks").apply_async()
