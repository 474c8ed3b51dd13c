"""Asking what a model says of a case."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Adjudication, Event, Item, Project, Split, Task, TaskReason
from labeling.queue import want_look
from tests.labeling.pages.browse import PART, at, text_of, told

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


def unsure(item: Item, reason: TaskReason = TaskReason.LOW_CONFIDENCE) -> Task:
    """Bring an item before a reviewer, of which model 7 says gamma."""
    task, _ = want_look(
        project=item.project,
        item=item,
        reason=reason,
        looks=0,
        priority=0,
        suggestion=item.project.labels.get(name="gamma"),
        confidence=0.8125,
        source="model 7",
        review=True,
    )
    return task


@pytest.fixture
def case(project: Project, make_item: MakeItem) -> Task:
    """A case that a model was unsure of, with no suggestion hidden by chance."""
    project.hidden_share = 0.0
    project.save()
    return unsure(make_item(task=False))


def mentions(page: str) -> bool:
    """Tell whether a page says anything of what the model thinks."""
    # The confidence alone is the value by which the list is read.
    return "odel 7" in page or 'id="opinion"' in page or 'data-key="Enter"' in page


def test_nothing_is_told_before_it_is_asked_for(client: Client, case: Task) -> None:
    for page in (at("review"), at("review-case", case.pk), at("item", case.item_id)):
        assert not mentions(client.get(page).content.decode()), page
    assert 'data-key="m" data-key-title="Ask a model"' in text_of(client.get(at("review")))


def test_asked_for_it_is_shown_leads_and_is_recorded(
    client: Client, case: Task, reviewer: User
) -> None:
    sent = {"comment": "half a thought"}
    response = client.post(at("review-opinion", case.pk), sent, headers=PART)
    page = text_of(response)
    assert '<section id="opinion"><h3>Model 7</h3>' in page
    assert '<span class="num">0.81</span>' in page
    assert 'value="gamma" data-key="Enter"' in page
    assert "half a thought</textarea>" in page
    assert "Ask a model" not in page
    assert response["HX-Push-Url"] == at("review-case", case.pk)
    event = Event.objects.get(verb="asked for a model's opinion")
    assert (event.actor, event.subject_type, event.subject_id) == (reviewer, "task", str(case.pk))
    assert (event.after, event.reason) == ("gamma", "model 7: 0.81")


def test_it_is_shown_again_to_who_asked_and_to_nobody_else(
    client: Client, case: Task, manager: User, client_for: ClientFor
) -> None:
    client.post(at("review-opinion", case.pk))
    assert mentions(client.get(at("review")).content.decode())
    assert not mentions(client_for(manager).get(at("review")).content.decode())


def test_asking_twice_is_recorded_once(client: Client, case: Task) -> None:
    for _ in range(2):
        assert client.post(at("review-opinion", case.pk))["Location"] == at("review-case", case.pk)
    assert Event.objects.filter(verb="asked for a model's opinion").count() == 1


def test_the_decision_notes_whether_its_maker_had_asked(
    client: Client, case: Task, manager: User, client_for: ClientFor, make_item: MakeItem
) -> None:
    client.post(at("review-opinion", case.pk))
    client_for(manager).post(at("review-decide", case.pk), {"label": "beta"})
    assert not Adjudication.objects.get().saw_opinion
    other = unsure(make_item(task=False))
    client.post(at("review-opinion", other.pk))
    client.post(at("review-decide", other.pk), {"label": "beta"})
    assert Adjudication.objects.get(task=other).saw_opinion


@pytest.mark.parametrize("kept", ["holdout", "audit", "drawn"])
def test_a_case_that_measures_is_decided_without(
    kept: str, client: Client, project: Project, make_item: MakeItem
) -> None:
    project.hidden_share = 1.0
    project.save()
    split = Split.HOLDOUT if kept == "holdout" else Split.POOL
    reason = TaskReason.AUDIT if kept == "audit" else TaskReason.LOW_CONFIDENCE
    case = unsure(make_item(task=False, split=split), reason)
    page = client.get(at("review-case", case.pk)).content.decode()
    assert "Ask a model" not in page
    response = client.post(at("review-opinion", case.pk), headers=PART)
    assert response.status_code == 409
    assert "This case is decided without a model" in text_of(response)
    assert not mentions(response.content.decode())
    assert not Event.objects.filter(verb="asked for a model's opinion").exists()


def test_where_no_model_has_said_anything(
    client: Client, project: Project, make_item: MakeItem
) -> None:
    case, _ = want_look(
        project=project,
        item=make_item(task=False),
        reason=TaskReason.REPORT,
        looks=0,
        priority=0,
        review=True,
    )
    response = client.post(at("review-opinion", case.pk))
    assert told(response) == ["No model has said anything about this item yet."]


def test_a_decided_case_is_not_asked_about(client: Client, case: Task) -> None:
    client.post(at("review-decide", case.pk), {"label": "beta"})
    response = client.post(at("review-opinion", case.pk), headers=PART)
    assert response.status_code == 409
    assert "This case no longer waits for a reviewer." in text_of(response)


def test_it_is_for_reviewers_of_the_project(
    case: Task, annotator: User, outsider: User, client_for: ClientFor
) -> None:
    assert client_for(annotator).post(at("review-opinion", case.pk)).status_code == 403
    url = f"/p/other/review/{case.pk}/opinion/"
    assert client_for(outsider).post(url).status_code == 404
