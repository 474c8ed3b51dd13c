"""Taking a decision back on the review page."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Item, Project, Task, TaskReason, TaskState
from labeling.queue import want_look
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
    """The first of two items on which two annotators disagree, with ids of four digits."""
    earlier = make_item("Earlier")
    earlier.tasks.all().delete()
    # A page that wrote numbers for people would put a comma into them.
    Task.objects.create(pk=5000, project=earlier.project, item=earlier, state=TaskState.CLOSED)
    first = disagree(make_item("First"), *pair)
    disagree(make_item("Second"), *pair)
    return first


def offered(case: Task, page: str) -> bool:
    """Tell whether a page has the key that takes the decision on a case back."""
    return at("review-undo", case.pk) in page and 'data-key="z"' in page


def test_the_reply_to_a_decision_offers_it(client: Client, case: Task) -> None:
    response = client.post(at("review-decide", case.pk), {"label": "gamma"}, headers=PART)
    assert offered(case, text_of(response))


def test_the_case_is_there_again_with_the_comment(client: Client, case: Task) -> None:
    sent = {"label": "gamma", "comment": "Neither is right"}
    client.post(at("review-decide", case.pk), sent)
    response = client.post(at("review-undo", case.pk), headers=PART)
    page = text_of(response)
    assert '<h2 class="item-title" id="case-title">First</h2>' in page
    assert "Taken back: the case waits for a decision again" in page
    assert "Neither is right</textarea>" in page
    assert '<span class="reason">reopened</span>' in page
    assert "reopened since" in page
    assert response["HX-Push-Url"] == at("review-case", case.pk)
    assert label_of(case.item) is None


def test_without_scripts(client: Client, case: Task) -> None:
    client.post(at("review-decide", case.pk), {"label": "gamma"})
    response = client.post(at("review-undo", case.pk))
    assert response["Location"] == at("review-case", case.pk)
    assert told(response)[-1] == "Taken back: the case waits for a decision again."


def test_later_the_page_still_offers_the_last_one(
    client: Client, case: Task, manager: User, client_for: ClientFor
) -> None:
    client.post(at("review-decide", case.pk), {"label": "gamma"})
    page = text_of(client.get(at("review")))
    assert "Decided last: First <span" in page
    assert offered(case, page)
    assert not offered(case, text_of(client_for(manager).get(at("review"))))


def test_sending_back_is_not_taken_for_a_decision(
    client: Client, case: Task, project: Project
) -> None:
    client.post(at("review-decide", case.pk), {"label": "gamma"})
    second = Task.objects.get(project=project, state=TaskState.REVIEW)
    sent = {"comment": "Read it again"}
    response = client.post(at("review-send-back", second.pk), sent, headers=PART)
    assert "Sent back" in text_of(response)
    assert 'data-key="z"' not in text_of(response)


def test_what_is_looked_at_again_stays_decided(
    client: Client, case: Task, project: Project
) -> None:
    client.post(at("review-decide", case.pk), {"label": "gamma"})
    want_look(project=project, item=case.item, reason=TaskReason.AUDIT, looks=1, priority=0)
    response = client.post(at("review-undo", case.pk), headers=PART)
    assert response.status_code == 409
    assert "This item is being looked at again already" in text_of(response)
    assert label_of(case.item) == "gamma"


def test_nobody_takes_back_what_another_decided(
    client: Client, case: Task, manager: User, client_for: ClientFor
) -> None:
    client.post(at("review-decide", case.pk), {"label": "gamma"})
    response = client_for(manager).post(at("review-undo", case.pk), headers=PART)
    assert response.status_code == 409
    assert label_of(case.item) == "gamma"


def test_it_is_for_reviewers_of_the_project(
    case: Task, annotator: User, outsider: User, client_for: ClientFor
) -> None:
    assert client_for(annotator).post(at("review-undo", case.pk)).status_code == 403
    assert client_for(outsider).post(f"/p/other/review/{case.pk}/undo/").status_code == 404
