"""Gold items, and answers to checks, in one call."""

from accounts.models import User
from labeling.checks import Checks
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Item,
    ItemStatus,
    Project,
    Split,
    Task,
)
from labeling.resolve import derive
from labeling.status import restate
from tests.labeling.steps import give, take


def make_gold(item: Item, label: str = "alpha", by: User | None = None) -> Item:
    """Decide an item and put it into the gold holdout."""
    Item.objects.filter(pk=item.pk).update(split=Split.HOLDOUT)
    decided = item.project.labels.get(name=label)
    method = "adjudication" if by else "imported"
    Adjudication.objects.create(
        project=item.project, item=item, label=decided, decided_by=by, method=method
    )
    derive(item)
    restate(item)
    item.refresh_from_db()
    assert item.status == ItemStatus.LABELED
    return item


def only(project: Project, *, first: int = 0, gold: float = 0.0, repeat: float = 0.0) -> Project:
    """Set how often checks come."""
    project.gold_first, project.gold_rate, project.repeat_rate = first, gold, repeat
    project.save()
    return project


def reasons_of(project: Project, user: User, count: int, label: str = "alpha") -> list[str]:
    """Let a user answer so many looks, and return why each was given."""
    looks = [answered(project, user, label) for _ in range(count)]
    return [look.task.reason for look in looks]


def answered(project: Project, user: User, label: str = "alpha") -> Assignment:
    """Claim a look, answer it and return it."""
    look = take(project, user)
    give(look, user, label)
    return look


def check_with(project: Project, user: User, label: str) -> Annotation:
    """Give a user a gold item, whatever the rates say, and answer it."""
    first, project.gold_first = project.gold_first, 100
    look = Checks(project, user, "", 0).lease()
    project.gold_first = first
    assert look is not None
    return give(look, user, label)


def frozen(item: Item) -> dict[str, object]:
    """Return all that a check must leave as it was."""
    found = Item.objects.get(pk=item.pk)
    names = ("status", "vote_count", "agreement", "split", "confidence")
    label = found.resolution
    return {name: getattr(found, name) for name in names} | {
        "label": (label.pk, label.label_id, label.method, label.votes, label.resolved_at),
        "tasks": list(Task.objects.filter(item=item, checked=None).values_list("pk", "state")),
    }
