"""What waits in each of a person's projects."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet

from accounts.models import User
from labeling.counting import CountOf
from labeling.models import Item, Membership, Resolution, Task, TaskState

# However many large projects a person has, their list opens at once.
COUNTED = 10_000


def memberships_with_counts(user: User | AnonymousUser) -> QuerySet[Membership]:
    """Return the user's memberships with `items`, `labeled`, `waiting` and `cases`.

    None is counted further than one beyond COUNTED.
    """
    tasks = Task.objects.all()
    return (
        Membership.objects.filter(user=user.pk)
        .select_related("project")
        .annotate(
            items=_count(Item.objects.all()),
            labeled=_count(Resolution.objects.all()),
            waiting=_count(tasks.filter(state=TaskState.OPEN)),
            cases=_count(tasks.filter(state=TaskState.REVIEW)),
        )
        .order_by("project__name")
    )


def _count(rows: "QuerySet[Any]") -> CountOf:
    return CountOf(rows.filter(project=OuterRef("project")).order_by()[: COUNTED + 1])
