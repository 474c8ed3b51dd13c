"""Skipping, taking back and keeping an item on the label page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from labeling.models import Annotation, Assignment, Item, LookState, Project
from labeling.queue import claim
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import answer

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(annotator: User, client_for: ClientFor) -> Client:
    """The annotator's browser."""
    return client_for(annotator)


@pytest.fixture
def look(client: Client, project: Project, annotator: User, make_item: MakeItem) -> Assignment:
    """The look that the annotator holds; one more item waits."""
    make_item("First")
    make_item("Second")
    look = claim(project=project, user=annotator)
    assert look is not None
    return look


class TestSkip:
    """An item goes to somebody else."""

    def test_the_next_item_comes_with_the_reply(self, client: Client, look: Assignment) -> None:
        sent = {"token": look.token, "reason": "unclear"}
        response = client.post(at("label-skip", look.pk), sent, headers=PART)
        look.refresh_from_db()
        assert (look.state, look.skip_reason) == (LookState.SKIPPED, "unclear")
        page = text_of(response)
        assert '<h2 class="item-title">Second</h2>' in page
        assert "Skipped: it goes to somebody else." in page

    def test_without_scripts(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-skip", look.pk), {"token": look.token, "reason": "broken"})
        assert response["Location"] == "/p/test/label/"
        assert told(response) == ["Skipped: it goes to somebody else."]

    @pytest.mark.parametrize(
        ("change", "status"), [({"reason": "bored"}, 422), ({"token": "wrong"}, 409)]
    )
    def test_a_refused_skip_keeps_the_item(
        self, change: dict[str, str], status: int, client: Client, look: Assignment
    ) -> None:
        sent = {"token": look.token, "reason": "unclear"} | change
        response = client.post(at("label-skip", look.pk), sent, headers=PART)
        assert response.status_code == status
        assert '<h2 class="item-title">First</h2>' in text_of(response)

    def test_an_unknown_look_is_not_found(self, client: Client, look: Assignment) -> None:
        assert client.post(at("label-skip", 999_999)).status_code == 404


class TestUndo:
    """The last answer is taken back."""

    def test_the_item_is_shown_again(
        self, client: Client, look: Assignment, project: Project, annotator: User
    ) -> None:
        answer(project, annotator, "alpha")
        response = client.post(at("label-undo"), headers=PART)
        page = text_of(response)
        assert '<h2 class="item-title">First</h2>' in page
        assert "Taken back. Here it is again." in page
        assert not Annotation.objects.live().exists()
        assert Annotation.objects.count() == 2

    def test_without_scripts(
        self, client: Client, look: Assignment, project: Project, annotator: User
    ) -> None:
        answer(project, annotator, "alpha")
        response = client.post(at("label-undo"))
        assert response["Location"] == "/p/test/label/"
        assert told(response) == ["Taken back. Here it is again."]

    def test_with_nothing_to_take_back_it_says_so(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-undo"), headers=PART)
        page = text_of(response)
        assert response.status_code == 409
        assert "There is no answer of yours to take back." in page
        assert '<h2 class="item-title">First</h2>' in page


class TestExtend:
    """The page keeps its item while it is open."""

    def test_the_lease_runs_anew(self, client: Client, look: Assignment, project: Project) -> None:
        Assignment.objects.filter(pk=look.pk).update(
            lease_expires_at=timezone.now() + timedelta(seconds=30)
        )
        response = client.post(at("label-extend", look.pk), {"token": look.token})
        look.refresh_from_db()
        assert response.status_code == 204
        assert look.lease_expires_at is not None
        left = look.lease_expires_at - timezone.now()
        assert left > timedelta(minutes=project.lease_minutes - 1)

    def test_a_lost_lease_is_told(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-extend", look.pk), {"token": "wrong"})
        assert response.status_code == 409
        assert response.content.decode() == "This item has gone back to the queue."

    def test_an_unknown_look_is_not_found(self, client: Client, look: Assignment) -> None:
        assert client.post(at("label-extend", 999_999)).status_code == 404
