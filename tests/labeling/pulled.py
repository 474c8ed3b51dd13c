"""Projects in which suggestions pull, in few rows."""

from collections.abc import Callable

from django.utils import timezone

from accounts.models import User
from labeling.models import Annotation, Assignment, Item, LookState, Task

MakeItem = Callable[..., Item]


def pull(
    make_item: MakeItem, giver: User, *, shown: tuple[int, int], hidden: tuple[int, int]
) -> None:
    """Give answers to tasks that suggest beta; each pair is (answers beta, all answers)."""
    for visible, (same, total) in ((True, shown), (False, hidden)):
        for number in range(total):
            _answer(make_item(task=False), giver, visible=visible, same=number < same)


def _answer(item: Item, giver: User, *, visible: bool, same: bool) -> None:
    project, now = item.project, timezone.now()
    beta, other = project.labels.get(name="beta"), project.labels.get(name="alpha")
    task = Task.objects.create(
        project=project,
        item=item,
        reason="low_confidence",
        wanted=1,
        suggestion=beta,
        suggestion_hidden=not visible,
        hidden_share=0.1,
        state="closed",
        closed_at=now,
    )
    look = Assignment.objects.create(
        project=project,
        task=task,
        slot=1,
        state=LookState.DONE,
        annotator=giver,
        leased_at=now,
        done_at=now,
        suggestion_shown=visible,
    )
    Annotation.objects.create(
        project=project,
        item=item,
        assignment=look,
        annotator=giver,
        label=beta if same else other,
        idempotency_key=f"pull-{look.pk}",
    )
