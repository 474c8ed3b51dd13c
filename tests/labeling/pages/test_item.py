"""The page of one item."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.models import Item, Project, Split, TaskReason
from labeling.queue import want_look
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer, disagree

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


def test_it_shows_text_and_metadata_as_text(client: Client, make_item: MakeItem) -> None:
    item = make_item("<script>x</script>", "Body", task=False, metadata={"<i>lang</i>": "en"})
    page = text_of(client.get(at("item", item.pk)))
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<dt>&lt;i&gt;lang&lt;/i&gt;</dt><dd>en</dd>" in page
    assert "<script>x" not in page


def test_after_the_decision_the_names_are_known(
    client: Client,
    project: Project,
    pair: tuple[User, User],
    reviewer: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    task = disagree(item, *pair)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="beta", comment="Clear")
    page = text_of(client.get(at("item", item.pk)))
    assert "<b>annotator</b> answered" in page
    assert "<b>second</b> answered" in page
    assert "<b>reviewer</b> decided by adjudication" in page
    assert '<span class="muted">Clear</span>' in page
    assert "<dt>How</dt><dd>adjudication</dd>" in page
    assert "<b>reviewer</b> moved task from review to closed" in page


def test_until_the_decision_they_are_not(
    client: Client, pair: tuple[User, User], make_item: MakeItem
) -> None:
    item = make_item()
    task = disagree(item, *pair)
    page = text_of(client.get(at("item", item.pk)))
    assert "<b>annotator A</b> answered" in page
    assert "<b>annotator B</b> answered" in page
    assert "<b>second</b>" not in page
    assert f'<a href="/p/test/review/{task.pk}/">waiting for a reviewer</a>' in page


def test_nobody_sees_the_answers_to_an_item_that_they_may_get_to_label(
    client: Client, project: Project, annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    answer(project, annotator, "gamma")
    page = text_of(client.get(at("item", item.pk)))
    assert "gamma" not in page
    assert "1 answer given. They are shown once you cannot be asked for your own any more." in page


def test_who_has_answered_sees_the_answers(
    client: Client, project: Project, reviewer: User, make_item: MakeItem
) -> None:
    item = make_item()
    answer(project, reviewer, "gamma")
    assert "gamma" in client.get(at("item", item.pk)).content.decode()


def test_a_blind_task_shows_no_suggestion(
    client: Client, project: Project, make_item: MakeItem
) -> None:
    item = make_item(task=False, split=Split.HOLDOUT)
    want_look(
        project=project,
        item=item,
        reason=TaskReason.AUDIT,
        looks=1,
        priority=0,
        suggestion=project.labels.get(name="gamma"),
        confidence=0.9,
        source="model 7",
    )
    page = client.get(at("item", item.pk)).content.decode()
    assert "model 7" not in page
    assert "gamma" not in page
    assert "blind" in page


def test_an_answer_that_was_taken_back_stays_in_the_history(
    client: Client, project: Project, reviewer: User, make_item: MakeItem
) -> None:
    item = make_item()
    answer(project, reviewer, "gamma")
    undo(project=project, user=reviewer)
    answer(project, reviewer, "beta")
    sheet = client.get(at("item", item.pk)).context["sheet"]
    given = [
        (e.text, e.label and e.label.name, e.over) for e in sheet.history if e.kind == "answer"
    ]
    assert given == [
        ("answered", "beta", False),
        ("took the answer back", None, True),
        ("answered", "gamma", True),
    ]
    assert [found.annotation.label.name for found in sheet.answers] == ["beta"]


def test_the_page_costs_few_queries(
    client: Client,
    pair: tuple[User, User],
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    item = make_item()
    disagree(item, *pair)
    with django_assert_max_num_queries(8):
        client.get(at("item", item.pk))
