"""What follows from gold items, how it is lifted, and that few results never suffice."""

from collections.abc import Callable, Iterable

import pytest

from accounts.models import User
from labeling import vigilance
from labeling.access import Access
from labeling.errors import Conflict
from labeling.models import Event, Item, Membership, Project, TaskState
from labeling.skills import people
from labeling.vigilance import judge, lift
from tests.labeling.gold import check_with, make_gold, only
from tests.labeling.steps import answer, task_of

MakeItem = Callable[..., Item]
GiveGold = Callable[[Iterable[bool]], None]


@pytest.fixture
def member(project: Project, annotator: User) -> Membership:
    """The annotator's membership, in a project that gives checks only when a test asks."""
    only(project)
    return project.memberships.get(user=annotator)


@pytest.fixture
def give_gold(
    project: Project, annotator: User, make_item: MakeItem, member: Membership
) -> GiveGold:
    """Answer gold items right or wrong; an item that waits lets them pass unnoticed."""
    make_item()

    def give(results: Iterable[bool]) -> None:
        for right in results:
            make_gold(make_item(task=False))
            check_with(project, annotator, "alpha" if right else "beta")

    return give


def limit(project: Project, *, warn: float = 0.0, review: float = 0.0, pause: float = 0.0) -> None:
    """Set the limits."""
    project.skill_warn, project.skill_review, project.skill_pause = warn, review, pause
    project.save()


def test_a_warning_is_given_once(
    project: Project, annotator: User, member: Membership, give_gold: GiveGold
) -> None:
    limit(project, warn=0.8)
    give_gold([False] * 10)
    assert judge(project=project, user=annotator) == ["warned of"]
    assert judge(project=project, user=annotator) == []
    member.refresh_from_db()
    # Nine right of ten to begin with, and ten wrong: Beta(9, 11).
    assert member.warning == ("Right on gold items: 0.45 [0.24, 0.67] of 10; the limit is 0.80.")
    event = Event.objects.get(verb="warned of")
    assert (event.actor, event.after, event.reason) == (None, "annotator", member.warning)
    assert member.paused_at is None
    assert member.review_since is None


def test_nine_results_are_too_few(project: Project, annotator: User, give_gold: GiveGold) -> None:
    limit(project, warn=1.0, review=1.0, pause=1.0)
    give_gold([False] * 9)
    assert judge(project=project, user=annotator) == []
    give_gold([False])
    assert judge(project=project, user=annotator) == ["warned of", "sent to review", "paused"]


def test_an_interval_that_reaches_the_limit_breaks_nothing(
    project: Project, annotator: User, give_gold: GiveGold
) -> None:
    limit(project, warn=0.66, review=0.66, pause=0.66)
    give_gold([False] * 10)
    assert judge(project=project, user=annotator) == []


def test_a_limit_of_zero_is_none(project: Project, annotator: User, give_gold: GiveGold) -> None:
    limit(project)
    give_gold([False] * 12)
    assert judge(project=project, user=annotator) == []


def test_a_paused_member_reads_why(
    project: Project, annotator: User, member: Membership, give_gold: GiveGold
) -> None:
    limit(project, pause=0.7)
    give_gold([False] * 12)
    assert judge(project=project, user=annotator) == ["paused"]
    member.refresh_from_db()
    assert member.paused_by is None
    assert member.pause_reason.startswith("Right on gold items: 0.41 [")
    assert Event.objects.get(verb="paused").reason == member.pause_reason


def test_answers_under_review_go_to_a_reviewer(
    project: Project,
    annotator: User,
    second_annotator: User,
    give_gold: GiveGold,
) -> None:
    limit(project, review=0.7)
    give_gold([False] * 12)
    judge(project=project, user=annotator)
    mine = answer(project, annotator, "alpha")
    answer(project, second_annotator, "alpha")
    assert mine.flagged
    assert task_of(mine.item).state == TaskState.REVIEW


def test_what_is_lifted_stays_lifted_until_new_results(
    project: Project,
    annotator: User,
    member: Membership,
    manager_access: Access,
    give_gold: GiveGold,
) -> None:
    limit(project, warn=0.8, review=0.8, pause=0.8)
    give_gold([False] * 10)
    assert len(judge(project=project, user=annotator)) == 3
    lift(access=manager_access, membership_id=member.pk)
    member.refresh_from_db()
    assert (member.warned_at, member.warning, member.review_since) == (None, "", None)
    assert member.paused_at is None
    give_gold([False] * 9)
    assert judge(project=project, user=annotator) == []
    give_gold([False])
    assert len(judge(project=project, user=annotator)) == 3
    assert Event.objects.filter(verb="lifted", subject_id=str(member.pk)).count() == 1


def test_nothing_to_lift(member: Membership, manager_access: Access) -> None:
    with pytest.raises(Conflict, match="Nothing was held against annotator"):
        lift(access=manager_access, membership_id=member.pk)


def test_a_drop_rings_once(
    project: Project,
    annotator: User,
    member: Membership,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit(project)
    results = [True] * 60 + [False] * 8
    dated = [(project.created_at, right) for right in results]
    monkeypatch.setattr(vigilance, "gold_results", lambda *_: dated)
    assert judge(project=project, user=annotator) == ["warned of"]
    assert judge(project=project, user=annotator) == []
    member.refresh_from_db()
    assert member.warning.startswith("The share right dropped; noticed at gold item 6")


def test_the_figures_count_first_answers_by_kind(
    project: Project, annotator: User, give_gold: GiveGold
) -> None:
    give_gold([True, True, False])
    (person,) = people(project)
    assert person.username == "annotator"
    assert person.skill is not None
    # Nine right of ten to begin with, and two right of three.
    assert person.skill.mean == pytest.approx(11 / 13)
    assert (person.skill.right, person.skill.answered) == (2, 3)
    assert person.consistency.value is None


def test_an_answer_asks_a_worker_to_judge(
    project: Project,
    annotator: User,
    make_item: MakeItem,
    give_gold: GiveGold,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_item()
    asked: list[tuple[Project, User]] = []
    monkeypatch.setattr(
        "labeling.annotate.ask_to_judge", lambda project, user: asked.append((project, user))
    )
    answer(project, annotator, "alpha")
    assert asked == []
    give_gold([True])
    assert asked == [(project, annotator)]
