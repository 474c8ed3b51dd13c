"""The label page: what it shows."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.access import Access
from labeling.models import Assignment, Item, LookState, Project, Split, TaskReason
from labeling.projects import NewLabel, add_label
from labeling.queue import SKIP_REASONS, claim, want_look
from labeling.views.label import SKIP_WORDS
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer, disagree, pass_on

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(annotator: User, client_for: ClientFor) -> Client:
    """The annotator's browser."""
    return client_for(annotator)


def suggest(item: Item) -> None:
    """Ask for looks at an item with the model's guess that it is beta."""
    want_look(
        project=item.project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=1,
        priority=10,
        suggestion=item.project.labels.get(name="beta"),
        confidence=0.4321,
        source="model 7",
    )


def test_it_leases_the_item_that_it_shows(
    client: Client, annotator: User, make_item: MakeItem
) -> None:
    make_item("A title", "A body\nof two lines")
    page = text_of(client.get(at("label")))
    look = Assignment.objects.get(state=LookState.LEASED)
    assert look.annotator == annotator
    assert '<h2 class="item-title">A title</h2>' in page
    assert f'name="token" value="{look.token}"' in page
    assert f'data-heartbeat-url="/p/test/label/{look.pk}/extend/"' in page


def test_opening_it_again_shows_the_same_item(client: Client, make_item: MakeItem) -> None:
    make_item()
    make_item()
    first, second = client.get(at("label")), client.get(at("label"))
    assert first.context["look"] == second.context["look"]
    assert "no-store" in second["Cache-Control"]


def test_each_label_has_its_key(client: Client, make_item: MakeItem) -> None:
    make_item()
    page = client.get(at("label")).content.decode()
    found = re.findall(r'name="label" value="(\w+)" data-colour="(\d)" data-key="(\d)"', page)
    assert found == [("alpha", "0", "1"), ("beta", "1", "2"), ("gamma", "2", "3")]
    assert "data-label-filter" not in page


def test_many_labels_can_be_filtered(
    client: Client, manager_access: Access, make_item: MakeItem
) -> None:
    for number, key in enumerate("456789ha"):
        add_label(access=manager_access, label=NewLabel(f"more {number}", key))
    make_item()
    assert "data-label-filter" in client.get(at("label")).content.decode()


def test_a_suggestion_is_shown_with_its_confidence_and_source(
    client: Client, make_item: MakeItem
) -> None:
    suggest(make_item(task=False))
    page = text_of(client.get(at("label")))
    assert '<p class="suggestion">' in page
    assert '<span class="num">0.43</span> <span>model 7</span>' in page
    assert 'value="beta" data-key="Enter"' in page


def test_a_blind_task_carries_no_trace_of_a_suggestion(client: Client, make_item: MakeItem) -> None:
    suggest(make_item(task=False, split=Split.HOLDOUT))
    page = client.get(at("label")).content.decode()
    for trace in ("suggest", "0.43", "model 7", 'data-key="Enter"'):
        assert trace not in page.lower()


def test_the_guideline_stands_beside_the_item(client: Client, make_item: MakeItem) -> None:
    make_item()
    page = text_of(client.get(at("label")))
    assert "<p>Alpha comes <strong>first</strong>.</p>" in page
    assert "version 1" in page


def test_hostile_text_is_shown_as_text(client: Client, make_item: MakeItem) -> None:
    make_item("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
    page = client.get(at("label")).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_header_tells_the_day_and_what_is_left(
    client: Client, project: Project, annotator: User, make_item: MakeItem
) -> None:
    for _ in range(4):
        make_item()
    given = answer(project, annotator, "alpha")
    type(given).objects.filter(pk=given.pk).update(seconds=7.25)
    page = text_of(client.get(at("label")))
    assert "<b>1</b> today</a> <span>7.3 s each</span>" in page
    assert "<b>3</b> left for you" in page
    assert "<span>25 %</span>" in page


def test_every_reason_to_skip_has_words() -> None:
    assert SKIP_WORDS.keys() == SKIP_REASONS.keys()


def test_the_page_costs_few_queries(
    client: Client,
    annotator: User,
    project: Project,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_item()
    claim(project=project, user=annotator)
    with django_assert_max_num_queries(14):
        client.get(at("label"))


class TestNothingWaits:
    """The page says why there is nothing, and what could bring some."""

    def test_no_items(self, client: Client, project: Project) -> None:
        page = text_of(client.get(at("label")))
        assert "This project has no items yet." in page
        assert "A manager of the project imports them." in page

    def test_no_items_for_a_manager(
        self, project: Project, manager: User, client_for: ClientFor
    ) -> None:
        page = text_of(client_for(manager).get(at("label")))
        assert '<a class="button" href="/p/test/items/import/">Import items</a>' in page

    def test_all_labeled(
        self,
        client: Client,
        project: Project,
        annotator: User,
        second_annotator: User,
        make_item: MakeItem,
    ) -> None:
        make_item()
        answer(project, annotator, "alpha")
        answer(project, second_annotator, "alpha")
        assert "Every item has its label." in text_of(client.get(at("label")))

    def test_others_have_to_look(
        self, client: Client, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        make_item()
        answer(project, annotator, "alpha")
        pass_on(project, annotator)
        page = text_of(client.get(at("label")))
        assert "2 items wait for somebody else&#x27;s look after yours." in page
        assert "with other annotators" not in page

    def test_a_reviewer_has_to_decide(
        self, client: Client, pair: tuple[User, User], make_item: MakeItem
    ) -> None:
        disagree(make_item(), *pair)
        page = text_of(client.get(at("label")))
        assert "1 item waits for a reviewer&#x27;s decision." in page
        assert 'form="undo-form"' in page

    def test_others_hold_it(
        self,
        client: Client,
        project: Project,
        reviewer: User,
        second_annotator: User,
        make_item: MakeItem,
    ) -> None:
        make_item()
        claim(project=project, user=reviewer)
        claim(project=project, user=second_annotator)
        page = text_of(client.get(at("label")))
        assert "1 item waits with other annotators right now; the first comes back at " in page
