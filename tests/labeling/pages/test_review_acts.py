"""Deciding and sending back on the review page."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Adjudication, Item, Project, Task, TaskState
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import disagree, label_of

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


@pytest.fixture
def case(pair: tuple[User, User], make_item: MakeItem) -> Task:
    """An item on which two annotators disagree; another such item waits after it."""
    first = disagree(make_item("First"), *pair)
    disagree(make_item("Second"), *pair)
    return first


class TestDecide:
    """A case gets its answer."""

    def test_the_item_is_labeled_and_the_next_case_comes_with_the_reply(
        self, client: Client, case: Task, reviewer: User
    ) -> None:
        sent = {"label": "gamma", "comment": "Neither is right"}
        response = client.post(at("review-decide", case.pk), sent, headers=PART)
        decision = Adjudication.objects.get()
        assert (decision.decided_by, decision.comment) == (reviewer, "Neither is right")
        assert label_of(case.item) == "gamma"
        page = text_of(response)
        assert page.startswith('<div class="review" id="review">')
        assert "Resolved as <span" in page
        assert '<h2 class="item-title" id="case-title">Second</h2>' in page
        assert response["HX-Push-Url"] == "/p/test/review/"

    def test_the_reply_names_who_had_said_what(self, client: Client, case: Task) -> None:
        response = client.post(at("review-decide", case.pk), {"label": "beta"}, headers=PART)
        page = text_of(response)
        assert '<span class="said">annotator said <span class="chip"' in page
        assert '<span class="said">second said the same</span>' in page

    def test_out_of_scope_gives_no_label(self, client: Client, case: Task) -> None:
        sent = {"out_of_scope": "1", "reason": "new"}
        response = client.post(at("review-decide", case.pk), sent, headers=PART)
        assert Adjudication.objects.get().label is None
        assert label_of(case.item) is None
        assert "Put out of scope: it gets no label" in text_of(response)
        assert response["HX-Push-Url"] == "/p/test/review/?reason=new"

    def test_without_scripts(self, client: Client, case: Task) -> None:
        response = client.post(at("review-decide", case.pk), {"label": "alpha"})
        assert response["Location"] == "/p/test/review/"
        assert told(response) == ["Resolved as alpha. annotator said alpha, second said beta."]

    def test_an_unknown_label_keeps_the_case_and_the_comment(
        self, client: Client, case: Task
    ) -> None:
        sent = {"label": "delta", "comment": "Kept"}
        response = client.post(at("review-decide", case.pk), sent, headers=PART)
        page = text_of(response)
        assert response.status_code == 422
        assert '<h2 class="item-title" id="case-title">First</h2>' in page
        assert "Kept</textarea>" in page
        assert not Adjudication.objects.exists()

    def test_a_case_decided_meanwhile_is_told_with_the_next_one(
        self, client: Client, case: Task, project: Project, manager: User
    ) -> None:
        decide(project=project, user=manager, task_id=case.pk, label_name="alpha")
        response = client.post(at("review-decide", case.pk), {"label": "beta"}, headers=PART)
        page = text_of(response)
        assert response.status_code == 409
        assert "This case was decided or sent back by somebody else meanwhile." in page
        assert '<h2 class="item-title" id="case-title">Second</h2>' in page
        assert label_of(case.item) == "alpha"

    def test_a_refusal_is_told_without_scripts(
        self, client: Client, case: Task, project: Project, manager: User
    ) -> None:
        decide(project=project, user=manager, task_id=case.pk, label_name="alpha")
        response = client.post(at("review-decide", case.pk), {"label": "beta"})
        assert response["Location"] == "/p/test/review/"
        assert len(told(response)) == 1

    def test_an_own_item_is_refused(
        self, annotator: User, reviewer: User, client: Client, make_item: MakeItem
    ) -> None:
        own = disagree(make_item(), annotator, reviewer)
        response = client.post(at("review-decide", own.pk), {"label": "alpha"}, headers=PART)
        assert response.status_code == 409
        assert "another reviewer has to decide it." in text_of(response)
        assert not Adjudication.objects.exists()

    def test_an_annotator_may_not(self, case: Task, annotator: User, client_for: ClientFor) -> None:
        response = client_for(annotator).post(at("review-decide", case.pk), {"label": "alpha"})
        assert response.status_code == 403
        assert not Adjudication.objects.exists()

    def test_another_projects_case_is_not_found(
        self, case: Task, outsider: User, client_for: ClientFor
    ) -> None:
        url = f"/p/other/review/{case.pk}/decide/"
        assert client_for(outsider).post(url, {"label": "one"}).status_code == 404


class TestSendBack:
    """A case goes to one more annotator."""

    def test_the_annotators_get_it_with_the_comment(self, client: Client, case: Task) -> None:
        sent = {"comment": "Read the second line"}
        response = client.post(at("review-send-back", case.pk), sent, headers=PART)
        case.refresh_from_db()
        assert (case.state, case.note) == (TaskState.OPEN, "Read the second line")
        page = text_of(response)
        assert "Sent back: one more person looks at it" in page
        assert '<h2 class="item-title" id="case-title">Second</h2>' in page

    def test_without_a_comment_it_is_refused(self, client: Client, case: Task) -> None:
        response = client.post(at("review-send-back", case.pk), {"comment": " "}, headers=PART)
        assert response.status_code == 422
        assert "Say in the comment what the next person should look at." in text_of(response)
        case.refresh_from_db()
        assert case.state == TaskState.REVIEW

    def test_another_projects_case_is_not_found(
        self, case: Task, outsider: User, client_for: ClientFor
    ) -> None:
        url = f"/p/other/review/{case.pk}/back/"
        assert client_for(outsider).post(url, {"comment": "x"}).status_code == 404
