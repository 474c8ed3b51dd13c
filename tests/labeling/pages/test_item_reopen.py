"""Reopening a decision on the page of its item."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Adjudication, Item, Project, Reopening
from tests.labeling.pages.browse import at, text_of, told
from tests.labeling.steps import disagree, label_of

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(manager: User, client_for: ClientFor) -> Client:
    """The manager's browser."""
    return client_for(manager)


@pytest.fixture
def decision(
    project: Project, reviewer: User, pair: tuple[User, User], make_item: MakeItem
) -> Adjudication:
    """A decision for gamma, on an item on which two annotators disagreed."""
    case = disagree(make_item("Disputed"), *pair)
    return decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")


def sent(decision: Adjudication, reason: str = "Rule 2 says <b>beta</b>") -> dict[str, str]:
    """Return what the form sends."""
    return {"decision_id": str(decision.pk), "reason": reason}


def test_the_form_names_the_decision_that_stands(client: Client, decision: Adjudication) -> None:
    page = text_of(client.get(at("item", decision.item_id)))
    assert at("item-reopen", decision.item_id) in page
    assert f'name="decision_id" value="{decision.pk}"' in page


def test_the_item_waits_again_and_the_history_tells_why(
    client: Client, decision: Adjudication
) -> None:
    response = client.post(at("item-reopen", decision.item_id), sent(decision))
    assert response["Location"] == at("item", decision.item_id)
    assert told(response) == ["Reopened: the item waits for a reviewer again."]
    assert label_of(decision.item) is None
    page = text_of(client.get(at("item", decision.item_id)))
    assert "<b>manager</b> reopened task from closed to review" in page
    assert "Rule 2 says &lt;b&gt;beta&lt;/b&gt;" in page
    assert "<dt>Status</dt><dd>waiting for a reviewer</dd>" in page
    assert "Reopen the decision" not in page
    sheet = client.get(at("item", decision.item_id)).context["sheet"]
    assert [entry.over for entry in sheet.history if entry.kind == "decision"] == [True]


def test_the_case_tells_the_reason(client: Client, decision: Adjudication) -> None:
    client.post(at("item-reopen", decision.item_id), sent(decision))
    page = text_of(client.get(at("review")))
    assert "Reopened by manager: Rule 2 says &lt;b&gt;beta&lt;/b&gt;" in page
    assert '<span class="reason">reopened</span>' in page


@pytest.mark.parametrize("reason", ["", "  ", "x" * 4001])
def test_without_a_fitting_reason_it_stays(
    client: Client, decision: Adjudication, reason: str
) -> None:
    response = client.post(at("item-reopen", decision.item_id), sent(decision, reason))
    assert "say in 1 to 4,000 characters" in told(response)[0]
    assert label_of(decision.item) == "gamma"


@pytest.mark.parametrize("named", ["", "x", "0"])
def test_without_the_decision_that_stands_it_stays(
    client: Client, decision: Adjudication, named: str
) -> None:
    client.post(at("item-reopen", decision.item_id), {"decision_id": named, "reason": "Because"})
    assert not Reopening.objects.exists()


def test_who_answered_the_item_may_not(
    project: Project,
    manager: User,
    annotator: User,
    reviewer: User,
    make_item: MakeItem,
    client_for: ClientFor,
) -> None:
    case = disagree(make_item(), annotator, reviewer)
    made = decide(project=project, user=manager, task_id=case.pk, label_name="gamma")
    page = text_of(client_for(reviewer).get(at("item", case.item_id)))
    assert "Reopen the decision" not in page
    response = client_for(reviewer).post(at("item-reopen", case.item_id), sent(made))
    assert told(response) == [
        "You gave an answer on this item yourself: another reviewer has to decide it."
    ]
    assert label_of(case.item) == "gamma"


def test_it_is_for_reviewers_of_the_project(
    decision: Adjudication, annotator: User, outsider: User, client_for: ClientFor
) -> None:
    url = at("item-reopen", decision.item_id)
    assert client_for(annotator).post(url, sent(decision)).status_code == 403
    other = f"/p/other/items/{decision.item_id}/reopen/"
    assert client_for(outsider).post(other, sent(decision)).status_code == 404
