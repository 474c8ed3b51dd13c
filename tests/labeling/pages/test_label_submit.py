"""Answering on the label page."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Annotation, Assignment, Item, Project
from labeling.queue import claim
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import give, label_of

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
# One of them asks whether there is a gold item for a newcomer.
LIMIT = 28


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


def fields(look: Assignment, **change: str) -> dict[str, str]:
    """Return what the page sends with an answer."""
    sent = {"label": "beta", "token": look.token, "idempotency_key": "k1", "seconds": "4.2"}
    return sent | {"note": ""} | change


def test_the_answer_is_saved_and_the_next_item_comes_with_the_reply(
    client: Client, look: Assignment, annotator: User
) -> None:
    response = client.post(
        at("label-submit", look.pk), fields(look, note="Hard to say"), headers=PART
    )
    saved = Annotation.objects.get()
    assert (saved.label.name if saved.label else "", saved.annotator) == ("beta", annotator)
    assert (saved.seconds, saved.note) == (4.2, "Hard to say")
    assert response.status_code == 200
    page = text_of(response)
    assert page.startswith("<div data-reply>")
    assert '<h2 class="item-title">Second</h2>' in page
    assert "<p data-said>Saved as beta.</p>" in page
    assert "data-pace" not in page


def test_without_scripts_it_goes_back_to_the_page(client: Client, look: Assignment) -> None:
    response = client.post(at("label-submit", look.pk), fields(look))
    assert response["Location"] == "/p/test/label/"
    assert told(response) == ["Saved as beta."]
    assert Annotation.objects.count() == 1


def test_the_same_answer_sent_twice_counts_once(client: Client, look: Assignment) -> None:
    for _ in range(2):
        response = client.post(at("label-submit", look.pk), fields(look), headers=PART)
        assert response.status_code == 200
        assert '<h2 class="item-title">Second</h2>' in text_of(response)
    assert Annotation.objects.count() == 1


def test_two_agreeing_answers_label_the_item(
    client: Client,
    look: Assignment,
    project: Project,
    second_annotator: User,
    client_for: ClientFor,
) -> None:
    client.post(at("label-submit", look.pk), fields(look), headers=PART)
    other = claim(project=project, user=second_annotator)
    assert other is not None
    client_for(second_annotator).post(
        at("label-submit", other.pk), fields(other, idempotency_key="k2"), headers=PART
    )
    assert label_of(look.task.item) == "beta"


def test_a_lost_lease_is_told_with_the_next_item(
    client: Client, look: Assignment, annotator: User
) -> None:
    give(look, annotator, "alpha", key="elsewhere")
    response = client.post(at("label-submit", look.pk), fields(look), headers=PART)
    page = text_of(response)
    assert response.status_code == 409
    assert "<p data-trouble>You have answered this item already" in page
    assert '<h2 class="item-title">Second</h2>' in page
    assert Annotation.objects.count() == 1


def test_a_lost_lease_is_told_without_scripts(
    client: Client, look: Assignment, annotator: User
) -> None:
    give(look, annotator, "alpha", key="elsewhere")
    response = client.post(at("label-submit", look.pk), fields(look))
    assert response["Location"] == "/p/test/label/"
    assert len(told(response)) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "delta"}, "is not one of alpha, beta, gamma."),
        ({"label": ""}, "label: This field is required."),
        ({"idempotency_key": "k" * 65}, "idempotency_key: Ensure this value has at most 64"),
    ],
)
def test_a_wrong_answer_keeps_the_item(
    change: dict[str, str], message: str, client: Client, look: Assignment
) -> None:
    response = client.post(at("label-submit", look.pk), fields(look, **change), headers=PART)
    page = text_of(response)
    assert response.status_code == 422
    assert message in page
    assert '<h2 class="item-title">First</h2>' in page
    assert not Annotation.objects.exists()


@pytest.mark.parametrize("seconds", ["", "nan", "soon", "-3"])
def test_a_count_of_seconds_that_is_none_costs_no_answer(
    seconds: str, client: Client, look: Assignment
) -> None:
    client.post(at("label-submit", look.pk), fields(look, seconds=seconds), headers=PART)
    assert Annotation.objects.get().seconds is None


def test_another_persons_look_cannot_be_answered(
    look: Assignment, second_annotator: User, client_for: ClientFor
) -> None:
    client = client_for(second_annotator)
    response = client.post(at("label-submit", look.pk), fields(look, token="x"), headers=PART)
    assert response.status_code == 409
    assert not Annotation.objects.exists()


def test_another_projects_look_is_not_found(
    look: Assignment, outsider: User, client_for: ClientFor
) -> None:
    response = client_for(outsider).post(f"/p/other/label/{look.pk}/submit/", fields(look))
    assert response.status_code == 404


def test_an_unknown_look_is_not_found(client: Client, look: Assignment) -> None:
    assert client.post(at("label-submit", 999_999), fields(look)).status_code == 404


def test_a_flag_is_sent_along(client: Client, look: Assignment) -> None:
    client.post(at("label-submit", look.pk), fields(look, flagged="on"), headers=PART)
    assert Annotation.objects.get().flagged


def test_the_next_items_are_for_the_tab_that_sends(
    client: Client, project: Project, annotator: User, make_item: Callable[..., Item]
) -> None:
    make_item("Elsewhere")
    make_item("Here")
    make_item("After")
    other = claim(project=project, user=annotator, tab="other")
    here = claim(project=project, user=annotator, tab="here")
    assert other is not None
    assert here is not None
    response = client.post(at("label-submit", here.pk), fields(here, tab="here"), headers=PART)
    page = text_of(response)
    assert '<h2 class="item-title">After</h2>' in page
    assert "Elsewhere" not in page


def test_an_answer_of_another_person_in_this_browser_is_kept_there(
    client: Client, look: Assignment, annotator: User, second_annotator: User
) -> None:
    """Who was signed in when it was given may not be who is signed in now."""
    sent = fields(look, person=str(second_annotator.pk))
    assert client.post(at("label-submit", look.pk), sent, headers=PART).status_code == 401
    assert not Annotation.objects.exists()
    sent = fields(look, person=str(annotator.pk))
    assert client.post(at("label-submit", look.pk), sent, headers=PART).status_code == 200


@pytest.mark.parametrize("items", [1, 40])
def test_the_reply_costs_few_queries(
    items: int,
    client: Client,
    look: Assignment,
    make_item: Callable[..., Item],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(items):
        make_item()
    with django_assert_max_num_queries(LIMIT):
        client.post(at("label-submit", look.pk), fields(look), headers=PART)
