"""What an annotator does, in one call."""

from uuid import uuid4

from accounts.models import User
from labeling.annotate import submit
from labeling.models import (
    Annotation,
    Assignment,
    Item,
    Project,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import claim, skip, want_look


def take(project: Project, user: User) -> Assignment:
    """Claim a look; fail where none waits."""
    look = claim(project=project, user=user)
    assert look is not None
    return look


def give(look: Assignment, user: User, label: str, key: str = "", token: str = "") -> Annotation:
    """Answer a look."""
    return submit(
        project=look.project,
        user=user,
        assignment_id=look.pk,
        token=token or look.token,
        label_name=label,
        idempotency_key=key or uuid4().hex,
    )


def answer(project: Project, user: User, label: str) -> Annotation:
    """Claim a look and answer it."""
    return give(take(project, user), user, label)


def pass_on(project: Project, user: User, reason: str = "unclear") -> Assignment:
    """Claim a look and skip it."""
    look = take(project, user)
    skip(project=project, user=user, assignment_id=look.pk, token=look.token, reason=reason)
    return look


def task_of(item: Item) -> Task:
    """Return the item's newest task as it is now."""
    return item.tasks.order_by("-id")[0]


def label_of(item: Item) -> str | None:
    """Return the name of the item's label as it is now."""
    found = Item.objects.select_related("resolution__label").get(pk=item.pk)
    return found.resolution.label.name if hasattr(found, "resolution") else None


def disagree(item: Item, *users: User) -> Task:
    """Let each of these users answer the item, the only one that waits, differently."""
    names = item.project.labels.values_list("name", flat=True)
    for user, name in zip(users, names, strict=False):
        answer(item.project, user, name)
    task = task_of(item)
    assert task.state == TaskState.REVIEW
    return task


def ask(item: Item, priority: int = 5, reason: TaskReason = TaskReason.LOW_CONFIDENCE) -> Task:
    """Want one look at an item, with the suggestion beta."""
    task, _ = want_look(
        project=item.project,
        item=item,
        reason=reason,
        looks=1,
        priority=priority,
        suggestion=item.project.labels.get(name="beta"),
        confidence=0.4,
        source="model 1",
    )
    return task
