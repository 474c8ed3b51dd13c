"""What waits in each of a person's projects."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from labeling.models import Item, Membership, Resolution, Task, TaskState


def memberships_with_counts(user: User | AnonymousUser) -> QuerySet[Membership]:
    """Return the user's memberships with `items`, `labeled`, `waiting` and `cases` counted."""
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


def _count(rows: QuerySet) -> Coalesce:  # type: ignore[type-arg]
    of_project = rows.filter(project=OuterRef("project")).order_by().values("project")
    counted = of_project.annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
