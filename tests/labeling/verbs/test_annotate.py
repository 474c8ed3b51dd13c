"""Giving an answer, in time and late."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from labeling.annotate import submit
from labeling.errors import Conflict, Invalid
from labeling.models import Annotation, Item, LookState, Project
from labeling.queue import claim_many
from tests.labeling.steps import give, label_of, take

MakeItem = Callable[..., Item]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TestSubmit:
    def test_stores_the_answer_with_the_guideline_that_was_in_force(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        look = take(project, annotator)
        given = submit(
            project=project,
            user=annotator,
            assignment_id=look.pk,
            token=look.token,
            label_name="beta",
            idempotency_key="one",
            seconds=3.5,
            note="hm",
        )
        stored = Annotation.objects.get()
        assert stored == given
        assert (stored.item, stored.annotator, str(stored.label)) == (item, annotator, "beta")
        assert (stored.seconds, stored.note) == (3.5, "hm")
        assert stored.guideline is not None
        assert stored.guideline.version == 1
        look.refresh_from_db()
        assert (look.state, look.token, look.lease_expires_at) == (LookState.DONE, "", None)

    def test_the_same_key_again_answers_the_same_and_changes_nothing(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        first = give(look, annotator, "alpha", key="k")
        assert give(look, annotator, "beta", key="k") == first
        assert [str(row.label) for row in Annotation.objects.all()] == ["alpha"]

    def test_the_key_of_another_item_is_refused(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        make_item()
        give(take(project, annotator), annotator, "alpha", key="k")
        with pytest.raises(Conflict, match="used for another item"):
            give(take(project, annotator), annotator, "alpha", key="k")

    def test_a_key_of_another_item_that_the_database_finds_is_refused_too(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        """As when both are sent at once: nothing is stored for the second item."""
        make_item()
        make_item()
        first, second = claim_many(project=project, user=annotator, tab="", wanted=2)
        give(first, annotator, "alpha", key="k")
        with pytest.raises(Conflict, match="used for another item"):
            give(second, annotator, "alpha", key="k")
        assert Annotation.objects.count() == 1
        second.refresh_from_db()
        assert second.state == LookState.LEASED

    def test_two_annotators_may_use_the_same_key(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        for user in (annotator, second_annotator):
            give(take(project, user), user, "alpha", key="k")
        assert Annotation.objects.live().count() == 2

    @pytest.mark.parametrize("key", ["", "x" * 65])
    def test_refuses_a_key_of_the_wrong_length(
        self, project: Project, annotator: User, make_item: MakeItem, key: str
    ) -> None:
        make_item()
        look = take(project, annotator)
        with pytest.raises(Invalid, match="1 to 64 characters"):
            submit(
                project=project,
                user=annotator,
                assignment_id=look.pk,
                token=look.token,
                label_name="alpha",
                idempotency_key=key,
            )

    def test_refuses_an_unknown_label(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        with pytest.raises(Invalid, match="label: 'delta' is not one of alpha, beta, gamma"):
            give(take(project, annotator), annotator, "delta")

    def test_refuses_a_wrong_token_and_another_s_look(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        with pytest.raises(Conflict):
            give(look, annotator, "alpha", token="guessed")
        with pytest.raises(Conflict):
            give(look, second_annotator, "alpha")
        assert not Annotation.objects.exists()

    def test_refuses_a_look_of_another_project(
        self, project: Project, other_project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        with pytest.raises(Conflict, match="no longer in the queue"):
            submit(
                project=other_project,
                user=annotator,
                assignment_id=look.pk,
                token=look.token,
                label_name="one",
                idempotency_key="k",
            )

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [(-1.0, 0.0), (1e9, 3600.0), (float("nan"), 0.0), (float("inf"), 3600.0), (None, None)],
    )
    def test_keeps_seconds_within_an_hour(
        self,
        project: Project,
        annotator: User,
        make_item: MakeItem,
        sent: float | None,
        stored: float | None,
    ) -> None:
        make_item()
        look = take(project, annotator)
        submit(
            project=project,
            user=annotator,
            assignment_id=look.pk,
            token=look.token,
            label_name="alpha",
            idempotency_key="k",
            seconds=sent,
        )
        assert Annotation.objects.get().seconds == stored


class TestLate:
    """An answer on a lease that has run out."""

    def test_counts_while_nobody_else_asked(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        with time_machine.travel(NOON, tick=False):
            look = take(project, annotator)
        with time_machine.travel(NOON + timedelta(hours=2), tick=False):
            give(look, annotator, "alpha")
        assert Annotation.objects.live().count() == 1

    def test_counts_while_the_look_is_back_in_the_queue(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        """The claim of another released it, but took the item's other look."""
        item = make_item()
        with time_machine.travel(NOON, tick=False):
            look = take(project, annotator)
            take(project, second_annotator)
        with time_machine.travel(NOON + timedelta(minutes=14), tick=False):
            take(project, second_annotator)
        with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
            take(project, second_annotator)
            look.refresh_from_db()
            assert look.state == LookState.FREE
            given = give(look, annotator, "alpha")
            give(take(project, second_annotator), second_annotator, "alpha")
        assert given.assignment.annotator == annotator
        assert label_of(item) == "alpha"
        assert Annotation.objects.live().count() == 2

    def test_is_refused_once_somebody_else_has_the_look(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        make_item()
        with time_machine.travel(NOON, tick=False):
            look = take(project, annotator)
        with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
            taken = take(project, second_annotator)
            with pytest.raises(Conflict, match="went to somebody else"):
                give(look, annotator, "alpha")
            give(taken, second_annotator, "beta")
        assert [vote.annotator for vote in Annotation.objects.live()] == [second_annotator]

    def test_is_refused_where_the_annotator_holds_the_other_look_by_now(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        with time_machine.travel(NOON, tick=False):
            lost = take(project, annotator)
            token = lost.token
        other = lost.task.assignments.exclude(pk=lost.pk).get()
        type(lost).objects.filter(pk=other.pk).update(priority=1)
        with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
            held = take(project, annotator)
            assert held.pk == other.pk
            with pytest.raises(Conflict):
                give(lost, annotator, "alpha", token=token)
            give(held, annotator, "alpha")
        assert Annotation.objects.live().count() == 1
