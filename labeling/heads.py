"""Finding the best free look for a person, at a cost that does not grow with the project."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from labeling.models import Assignment, LookState, Project

# Free looks with one audience form a group, which an index keeps in order. The first part jumps
# from group to group; of those that the person belongs to, only the heads are read and compared.
_GROUPS = """
WITH RECURSIVE free_group(audience) AS (
    SELECT MIN(audience) FROM labeling_assignment WHERE project_id = %s AND state = 'free'
    UNION ALL
    SELECT (SELECT MIN(a.audience) FROM labeling_assignment a
            WHERE a.project_id = %s AND a.state = 'free' AND a.audience > free_group.audience)
    FROM free_group WHERE free_group.audience IS NOT NULL
)
"""
HEADS = f"""{_GROUPS}
SELECT head.audience FROM free_group JOIN labeling_assignment head ON head.id = (
    SELECT a.id FROM labeling_assignment a
    WHERE a.project_id = %s AND a.state = 'free' AND a.audience = free_group.audience
    ORDER BY a.priority DESC, a.rank, a.id LIMIT 1
)
WHERE free_group.audience NOT LIKE %s
  AND (free_group.audience NOT LIKE '%%+%%' OR free_group.audience LIKE %s)
  AND NOT EXISTS (SELECT 1 FROM labeling_membership m
                  WHERE m.project_id = %s AND m.user_id = %s AND m.paused_at IS NOT NULL)
ORDER BY head.priority DESC, head.rank, head.id
"""  # noqa: S608 (constants only)
GROUPS = f"{_GROUPS} SELECT audience FROM free_group WHERE audience IS NOT NULL"  # noqa: S608


def best_look(project: Project, user: User) -> Assignment | None:
    """Lock and return the best free look for a user with its task, item and suggestion.

    Best is the highest priority, then the lowest rank, then the oldest. None means that there is
    none, or that the user is paused.
    """
    first = RawSQL(f"({HEADS} LIMIT 1)", _of(project, user))  # noqa: S611 (no input in it)
    look = _free(project, first).select_for_update(of=("self", "task"), skip_locked=True).first()
    return look or _wait_for_one(project, user)


def free_groups(project: Project) -> list[str]:
    """Return the audiences that the free looks of a project have."""
    return _audiences(GROUPS, [project.pk, project.pk])


def _wait_for_one(project: Project, user: User) -> Assignment | None:
    """Wait for looks that others hold locked at this moment: most let go of them unchanged."""
    for audience in _audiences(HEADS, _of(project, user)):
        look = _free(project, audience).select_for_update(of=("self", "task")).first()
        if look is not None:
            return look
    return None


def _free(project: Project, audience: str | RawSQL) -> QuerySet[Assignment]:
    free = Assignment.objects.filter(project=project, state=LookState.FREE, audience=audience)
    return free.select_related("task__item", "task__suggestion").order_by("-priority", "rank", "id")


def _of(project: Project, user: User) -> list[Any]:
    without, only = f"%-{user.pk},%", f"%+{user.pk},%"
    return [project.pk, project.pk, project.pk, without, only, project.pk, user.pk]


def _audiences(statement: str, values: Sequence[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [audience for (audience,) in cursor.fetchall()]
