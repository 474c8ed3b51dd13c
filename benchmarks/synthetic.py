"""Projects of any size, built set-wise and left exactly as the verbs would leave them.

Import it after Django was set up.
"""

from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from labeling.models import Item, Membership, Project
from labeling.opening import open_tasks
from labeling.projects import NewLabel, create_project

CHUNK = 50_000
ITEMS = """
WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < %(items)s)
INSERT INTO labeling_item (project_id, external_id, title, body, url, metadata, text_hash, draw,
    split, created_at, status, vote_count)
SELECT %(project)s, 'item-' || n, 'Item number ' || n, 'What it says, in some words: ' || n, '',
    '{}', 'hash-' || n, (n * 2654435761) %% 268435456, 'pool', %(now)s, 'idle', 0
FROM number
"""
GIVEN = """
UPDATE labeling_assignment SET state = 'done', annotator_id = %(user)s, leased_at = %(now)s,
    done_at = %(now)s, audience = ''
WHERE project_id = %(project)s AND slot = 1 AND state = 'free' AND task_id <= %(last)s
"""
BARRED = """
UPDATE labeling_assignment SET audience = %(audience)s
WHERE project_id = %(project)s AND slot > 1 AND state = 'free' AND audience = ''
    AND task_id <= %(last)s
"""
ANSWERS = """
INSERT INTO labeling_annotation (project_id, item_id, assignment_id, annotator_id, label_id,
    guideline_id, idempotency_key, note, flagged, imported, created_at)
SELECT a.project_id, t.item_id, a.id, a.annotator_id, %(label)s, NULL, 'built-' || a.id, '',
    %(no)s, %(no)s, %(now)s
FROM labeling_assignment a JOIN labeling_task t ON t.id = a.task_id
WHERE a.project_id = %(project)s AND a.annotator_id = %(user)s AND a.state = 'done'
"""
COUNTED = """
UPDATE labeling_item SET vote_count = 1
WHERE id IN (SELECT item_id FROM labeling_annotation WHERE project_id = %(project)s)
"""


def make_project(slug: str, people: int, *, overlap: int = 2) -> tuple[Project, list[User]]:
    """Make a project with two labels, a manager and annotators."""
    manager = User.objects.create(username=f"{slug}-manager")
    labels = [NewLabel("alpha"), NewLabel("beta")]
    project = create_project(user=manager, name=slug, slug=slug, labels=labels, overlap=overlap)
    users = [User.objects.create(username=f"{slug}-{number}") for number in range(people)]
    Membership.objects.bulk_create(Membership(project=project, user=user) for user in users)
    return project, users


def add_items(project: Project, count: int) -> None:
    """Add items with their open tasks."""
    values: dict[str, Any] = {"items": count, "project": project.pk, "now": _now()}
    with connection.cursor() as cursor:
        cursor.execute(ITEMS, values)
    ids = list(Item.objects.filter(project=project).order_by("pk").values_list("pk", flat=True))
    for start in range(0, count, CHUNK):
        open_tasks(project=project, items=[Item(pk=pk) for pk in ids[start : start + CHUNK]])


def answer_half(project: Project, user: User) -> None:
    """Let one person have given the first look at the older half of the items."""
    tasks = project.tasks.order_by("pk")
    values: dict[str, Any] = {
        "project": project.pk,
        "user": user.pk,
        "audience": f"-{user.pk},",
        "label": project.labels.all()[0].pk,
        "last": tasks[project.tasks.count() // 2 - 1].pk,
        "now": _now(),
        "no": False,
    }
    with connection.cursor() as cursor:
        for statement in (GIVEN, BARRED, ANSWERS, COUNTED):
            cursor.execute(statement, values)


def _now() -> object:
    return connection.ops.adapt_datetimefield_value(timezone.now())
