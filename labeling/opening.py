"""Opening a task with its looks for each new item, however many there are."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from labeling.models import DRAWS, Item, Order, Project
from labeling.ordering import RANK_SQL

AMONG = {"sqlite": "(SELECT value FROM json_each(%(items)s))"}
AMONG_ELSEWHERE = "(SELECT CAST(value AS bigint) FROM json_array_elements_text(%(items)s))"

TASKS = """
INSERT INTO labeling_task (project_id, item_id, reason, priority, wanted, blind,
    suggestion_source, note, rank, reserved, state, created_at)
SELECT i.project_id, i.id, 'new', 0, CASE WHEN i.draw < %(shared)s THEN %(overlap)s ELSE 1 END,
    i.split = 'holdout', '', '', {rank}, '[]', 'open', %(now)s
FROM labeling_item i WHERE i.id IN {among} ORDER BY i.id
"""
WAIT = "UPDATE labeling_item SET status = 'waiting' WHERE id IN {among}"
LOOKS = """
INSERT INTO labeling_assignment (project_id, task_id, slot, priority, rank, state, audience,
    token, tab, skip_reason)
SELECT t.project_id, t.id, %(slot)s, t.priority, t.rank, 'free', '', '', '', ''
FROM labeling_task t
WHERE t.item_id IN {among} AND t.state = 'open' AND t.wanted >= %(slot)s ORDER BY t.id
"""


def open_tasks(*, project: Project, items: Sequence[Item | int]) -> None:
    """Open a task for each of these items, in a handful of statements.

    The project's share of items gets its overlap, the rest one look each. All first looks come
    before all second ones, within a rank. Tasks of holdout items are blind.

    Args:
        project: the project that the items are in.
        items: items without a live task, or their ids.
    """
    if not items:
        return
    ids = [item if isinstance(item, int) else item.pk for item in items]
    among = AMONG.get(connection.vendor, AMONG_ELSEWHERE)
    values: dict[str, Any] = {
        "items": json.dumps(ids),
        "shared": round(project.overlap_share * DRAWS),
        "overlap": project.overlap,
        "now": connection.ops.adapt_datetimefield_value(timezone.now()),
    }
    with connection.cursor() as cursor:
        rank = RANK_SQL[Order(project.order)]
        cursor.execute(TASKS.format(among=among, rank=rank), values)
        cursor.execute(WAIT.format(among=among), values)
        for slot in range(1, project.overlap + 1):
            cursor.execute(LOOKS.format(among=among), values | {"slot": slot})
