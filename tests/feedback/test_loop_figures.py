"""Step 8 on the loop page."""

from collections.abc import Callable

from accounts.models import User
from feedback.loop import figures
from feedback.models import OnlineEvaluation
from labeling.adjudicate import decide
from labeling.models import Item, JobState, Project, TaskReason
from labeling.queue import want_look

MakeItem = Callable[..., Item]


def bring_back(item: Item, reason: TaskReason, *, review: bool = False) -> int:
    """Ask for a look at an item because of what a model said, and return the task's id."""
    task, _ = want_look(
        project=item.project, item=item, reason=reason, looks=1, priority=1, review=review
    )
    return task.pk


def test_nothing_came_back(project: Project, make_item: MakeItem) -> None:
    make_item()
    (figure,) = figures(project)
    assert (figure.step, figure.count, figure.note) == (8, 0, "nothing came back")
    assert figure.oldest is None


def test_what_came_back_is_told_by_its_reason(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    bring_back(make_item(task=False), TaskReason.LOW_CONFIDENCE)
    bring_back(make_item(task=False), TaskReason.LOW_CONFIDENCE)
    bring_back(make_item(task=False), TaskReason.REPORT, review=True)
    done = bring_back(make_item(task=False), TaskReason.REPORT, review=True)
    decide(project=project, user=manager, task_id=done, label_name="alpha")
    (figure,) = figures(project)
    assert (figure.count, figure.note, figure.flow) == (3, "2 unsure, 1 reported", "1 a day")
    assert figure.oldest is not None
    assert figure.backlog is None
    bring_back(make_item(task=False), TaskReason.AUDIT)
    assert figures(project)[0].note == "2 unsure, 1 reported, 1 to audit"


def test_live_accuracy_is_told_once_it_was_computed(project: Project) -> None:
    assert not figures(project)[0].headlines
    known = {"value": 0.91, "low": 0.88, "high": 0.93, "looks": 1200, "reason": ""}
    OnlineEvaluation.objects.create(
        project=project,
        state=JobState.SUCCEEDED,
        headline=known | {"value": None, "reason": "Few."},
    )
    (unknown,) = figures(project)[0].headlines
    assert (unknown.value, unknown.note) == ("not known", "Few.")
    OnlineEvaluation.objects.create(project=project, state=JobState.SUCCEEDED, headline=known)
    OnlineEvaluation.objects.create(project=project)
    (found,) = figures(project)[0].headlines
    assert (found.value, found.route) == ("0.910", "monitor-online")
    assert found.note == "[0.880, 0.930] by 1,200 looks, 28 days"
