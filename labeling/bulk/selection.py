"""Which items a bulk action is for, and holding them while it works."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from labeling.errors import Invalid
from labeling.item_list import find
from labeling.models import Assignment, Item, LookState, Project, Task, TaskState

ITEMS_AT_MOST = 100_000
CHUNK = 900
LARGEST_KEY = 2**63 - 1


@dataclass(frozen=True)
class Selection:
    """Items by their ids; or, where there are none, all that match what is chosen."""

    ids: Sequence[int] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)


def selected(project: Project, selection: Selection) -> list[int]:
    """Return the ids of the project's items that are selected, in their order.

    Raises:
        Invalid: there is none, or there are more than 100,000.
    """
    if selection.ids:
        wanted = sorted({pk for pk in selection.ids if 0 < pk <= LARGEST_KEY})
        mine = Item.objects.filter(project=project)
        ids = [pk for part in chunks(wanted) for pk in _present(mine, part)]
    else:
        found = find(project, selection.chosen)
        keys = found.items.order_by(f"-{found.key}").values_list("pk", flat=True)
        ids = sorted(keys[: ITEMS_AT_MOST + 1])
    if not ids:
        raise Invalid("items: none is selected; tick some, or choose other filters.")
    if len(ids) > ITEMS_AT_MOST:
        raise Invalid(
            f"items: these are more than {ITEMS_AT_MOST:,}; choose narrower filters and act in "
            "several steps."
        )
    return ids


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into lists that a statement can take."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def lock(project: Project, ids: Sequence[int]) -> None:
    """Hold items and their live tasks until the transaction ends.

    In this order, which is that of all other verbs: so that nobody waits for each other.
    """
    for part in chunks(ids):
        items = Item.with_deleted.filter(project=project, pk__in=part).order_by("pk")
        list(items.select_for_update(no_key=True).values_list("pk", flat=True))
    for part in chunks(ids):
        list(live_tasks(part).order_by("pk").select_for_update().values_list("pk", flat=True))


def live_tasks(ids: Sequence[int]) -> QuerySet[Task]:
    """Return the tasks of items that are not closed."""
    return Task.objects.filter(item__in=ids).exclude(state=TaskState.CLOSED)


def checks_of(ids: Sequence[int]) -> QuerySet[Task]:
    """Return the tasks that check annotators by items."""
    return Task.objects.filter(item__in=ids, checked__isnull=False)


def call_off(tasks: Sequence[int]) -> None:
    """Withdraw the looks at locked tasks that were not given yet."""
    waiting = [LookState.FREE, LookState.LEASED]
    Assignment.objects.filter(task__in=tasks, state__in=waiting).update(
        state=LookState.WITHDRAWN,
        audience="",
        annotator=None,
        token="",
        tab="",
        lease_expires_at=None,
    )


def _present(items: QuerySet[Item], part: Sequence[int]) -> list[int]:
    return list(items.filter(pk__in=part).order_by("pk").values_list("pk", flat=True))
