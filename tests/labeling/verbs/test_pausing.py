"""A member who gets no work for a while."""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.access import Access
from labeling.annotate import undo
from labeling.errors import Conflict, Invalid, Missing
from labeling.models import Annotation, Event, Item, LookState, Project
from labeling.no_work import why_nothing_waits
from labeling.pausing import pause, resume
from labeling.queue import claim
from tests.labeling.steps import answer, give, take

MakeItem = Callable[..., Item]


def membership(project: Project, user: User) -> int:
    """Return the id of a membership."""
    return project.memberships.get(user=user).pk


def test_a_paused_member_gets_nothing_and_reads_why(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    make_item()
    pause(access=manager_access, membership_id=membership(project, annotator), reason="Training")
    assert claim(project=project, user=annotator) is None
    assert why_nothing_waits(project, annotator).title == "You are paused by manager: Training"
    event = Event.objects.get(verb="paused")
    assert (event.after, event.reason) == ("annotator", "Training")
    resume(access=manager_access, membership_id=membership(project, annotator))
    assert claim(project=project, user=annotator) is not None


def test_what_was_held_goes_back_but_a_late_answer_counts(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    project.overlap = 1
    items = [make_item(), make_item()]
    looks = [take(project, annotator)]
    pause(access=manager_access, membership_id=membership(project, annotator), reason="No")
    looks[0].refresh_from_db()
    assert (looks[0].state, looks[0].annotator) == (LookState.FREE, None)
    give(looks[0], annotator, "alpha")
    assert [vote.item for vote in Annotation.objects.live()] == items[:1]
    assert take(project, second_annotator).task.item == items[1]


def test_nor_does_an_undo_give_a_look(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    make_item()
    answer(project, annotator, "alpha")
    pause(access=manager_access, membership_id=membership(project, annotator), reason="No")
    with pytest.raises(Conflict, match="You are paused"):
        undo(project=project, user=annotator)


def test_refuses_what_makes_no_sense(
    project: Project, manager_access: Access, annotator: User, other_project: Project
) -> None:
    member = membership(project, annotator)
    with pytest.raises(Invalid, match="reason: "):
        pause(access=manager_access, membership_id=member, reason="  ")
    with pytest.raises(Conflict, match="not paused"):
        resume(access=manager_access, membership_id=member)
    pause(access=manager_access, membership_id=member, reason="No")
    with pytest.raises(Conflict, match="paused already"):
        pause(access=manager_access, membership_id=member, reason="No")
    foreign = other_project.memberships.get().pk
    with pytest.raises(Missing):
        pause(access=manager_access, membership_id=foreign, reason="No")
