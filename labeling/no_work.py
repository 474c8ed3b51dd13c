"""Why nothing waits for an annotator, and what could bring some."""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from accounts.models import User
from labeling.models import Assignment, LookState, Project, Task, TaskState


@dataclass(frozen=True)
class NoWork:
    """The reason in a sentence, and further facts that explain it."""

    title: str
    facts: list[str] = field(default_factory=list)
    no_items: bool = False


def why_nothing_waits(project: Project, user: User) -> NoWork:
    """Return why `user` has nothing to label in a project at present."""
    items = project.items.aggregate(total=Count("pk"), labeled=Count("resolution"))
    if not items["total"]:
        return NoWork("This project has no items yet.", no_items=True)
    tasks = _tasks(project, user)
    if items["labeled"] == items["total"] and not tasks["open"]:
        return NoWork(
            "Every item has its label.",
            ["New items, uncertain predictions and reports bring new work by themselves."],
        )
    facts = [text for count, text in _facts(tasks) if count]
    return NoWork("Nothing waits for you at the moment.", facts)


def _tasks(project: Project, user: User) -> dict[str, int]:
    mine = Assignment.objects.filter(project=project, annotator=user)
    answered = mine.filter(state=LookState.DONE).values("task")
    skipped = mine.filter(state=LookState.SKIPPED).values("task")
    is_open = Q(state=TaskState.OPEN)
    return Task.objects.filter(project=project).aggregate(
        open=Count("pk", filter=is_open),
        answered=Count("pk", filter=is_open & Q(pk__in=answered)),
        skipped=Count("pk", filter=is_open & Q(pk__in=skipped)),
        review=Count("pk", filter=Q(state=TaskState.REVIEW)),
    )


def _facts(tasks: dict[str, int]) -> list[tuple[int, str]]:
    elsewhere = tasks["open"] - tasks["answered"] - tasks["skipped"]
    return [
        (tasks["answered"], f"{_items(tasks['answered'])} for somebody else's look after yours."),
        (tasks["skipped"], f"{_items(tasks['skipped'])} for somebody else because you skipped."),
        (elsewhere, f"{_items(elsewhere)} with other annotators right now."),
        (tasks["review"], f"{_items(tasks['review'])} for a reviewer's decision."),
    ]


def _items(count: int) -> str:
    return "1 item waits" if count == 1 else f"{count:,} items wait"
