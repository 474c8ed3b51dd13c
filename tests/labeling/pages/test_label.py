"""The label page: what it shows."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.access import Access
from labeling.models import SKIP_REASONS, Assignment, Item, LookState, Project, Split, TaskReason
from labeling.projects import NewLabel, add_label
from labeling.queue import claim, want_look
from labeling.views.label import SKIP_WORDS
from tests.labeling.pages.browse import PART, at, text_of, told
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


def ask(client: Client, tab: str = "t1") -> str:
    """Return what the page's script gets when it asks for items."""
    return text_of(client.post(at("label-next"), {"tab": tab}, headers=PART))


def test_opening_it_changes_nothing(client: Client, make_item: MakeItem) -> None:
    make_item("A title")
    response = client.get(at("label"))
    assert not Assignment.objects.filter(state=LookState.LEASED).exists()
    assert "A title" not in text_of(response)
    assert "no-store" in response["Cache-Control"]


def test_a_tab_leases_an_item_and_the_one_after_it(
    client: Client, annotator: User, make_item: MakeItem
) -> None:
    for title in ("A title", "The next", "One more"):
        make_item(title, "A body\nof two lines")
    page = ask(client)
    looks = Assignment.objects.filter(state=LookState.LEASED).order_by("id")
    assert [(look.annotator, look.tab) for look in looks] == [(annotator, "t1")] * 2
    assert '<h2 class="item-title">A title</h2>' in page
    assert '<h2 class="item-title">The next</h2>' in page
    assert "One more" not in page
    for look in looks:
        assert f'data-look="{look.pk}" data-token="{look.token}"' in page


def test_asking_again_gives_the_same_items(client: Client, make_item: MakeItem) -> None:
    for _ in range(3):
        make_item()
    given = [re.findall(r'data-look="(\d+)"', ask(client)) for _ in range(2)]
    assert given[0] == given[1]


def test_two_tabs_get_different_items(client: Client, make_item: MakeItem) -> None:
    for _ in range(4):
        make_item()
    first, second = (set(re.findall(r'data-look="(\d+)"', ask(client, tab))) for tab in "ab")
    assert len(first | second) == 4


def test_one_tab_too_many_is_told(client: Client, make_item: MakeItem) -> None:
    for _ in range(8):
        make_item()
    for tab in "abc":
        ask(client, tab)
    page = ask(client, "d")
    assert "<h2>You label in 3 tabs already" in page
    assert "data-look" not in page


class TestWithoutScripts:
    """Plain forms do the same, one item at a time."""

    def test_the_page_offers_to_start(self, client: Client, make_item: MakeItem) -> None:
        make_item("A title")
        assert "Start labeling</button>" in text_of(client.get(at("label")))
        response = client.post(at("label-next"))
        assert response["Location"] == "/p/test/label/"
        look = Assignment.objects.get(state=LookState.LEASED)
        page = text_of(client.get(at("label")))
        noscript = page[page.index("<noscript>") : page.index("</noscript>")]
        assert '<h2 class="item-title">A title</h2>' in noscript
        assert f'name="token" value="{look.token}"' in noscript
        assert f'action="/p/test/label/{look.pk}/submit/"' in noscript

    def test_it_says_why_nothing_waits(self, client: Client, project: Project) -> None:
        response = client.post(at("label-next"))
        assert told(response) == ["This project has no items yet."]


def test_each_label_has_its_key(client: Client) -> None:
    page = client.get(at("label")).content.decode()
    found = re.findall(r'name="label" value="(\w+)" data-colour="(\d)" data-key="(\d)"', page)
    assert found == [("alpha", "0", "1"), ("beta", "1", "2"), ("gamma", "2", "3")]
    assert "data-label-filter" not in page


def test_many_labels_can_be_filtered(client: Client, manager_access: Access) -> None:
    for number, key in enumerate("456789da"):
        add_label(access=manager_access, label=NewLabel(f"more {number}", key))
    assert "data-label-filter" in client.get(at("label")).content.decode()


def test_a_suggestion_is_shown_with_its_confidence_and_source(
    client: Client, make_item: MakeItem
) -> None:
    suggest(make_item(task=False))
    page = ask(client)
    assert '<p class="suggestion"' in page
    assert '<span class="num">0.43</span> <span>model 7</span>' in page
    assert 'value="beta" data-colour="1" data-key="Enter"' in page


def test_a_blind_task_carries_no_trace_of_a_suggestion(client: Client, make_item: MakeItem) -> None:
    make_item()
    suggest(make_item(task=False, split=Split.HOLDOUT))
    page = ask(client)
    assert page.count("data-look=") == 2
    for trace in ("suggest", "0.43", "model 7", 'data-key="enter"', "low_confidence"):
        assert trace not in page.lower()


def test_keywords_are_marked_in_the_colour_of_their_label(
    client: Client, project: Project, make_item: MakeItem
) -> None:
    project.labels.filter(name="beta").update(keywords="graph\nknowledge graph")
    make_item("A Knowledge  Graph", "graphs & <graph>")
    page = ask(client)
    mark = '<mark data-colour="1" title="beta">'
    assert f"A {mark}Knowledge Graph</mark></h2>" in page
    assert f"graphs &amp; &lt;{mark}graph</mark>&gt;</p>" in page


def test_the_guideline_stands_beside_the_item(client: Client, project: Project) -> None:
    project.labels.filter(name="beta").update(
        description="Second", examples="So\nAnd so", counterexamples="Not <so>", keywords="bet"
    )
    page = text_of(client.get(at("label")))
    assert "<p>Alpha comes <strong>first</strong>.</p>" in page
    assert "version 1" in page
    assert re.search('<dd class="yes">So</dd> ?<dd class="yes">And so</dd>', page)
    assert '<dd class="no">Not &lt;so&gt;</dd>' in page
    assert '<mark data-colour="1">bet</mark>' in page


def test_hostile_text_is_shown_as_text(client: Client, make_item: MakeItem) -> None:
    make_item("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>')
    page = ask(client)
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
    page = ask(client)
    assert '<b data-figure="done">1</b> today</a> <span data-figure="seconds">7.3 s each' in page
    assert '<span data-figure="hour">497 an hour</span>' in page
    assert '<b data-figure="left">3</b> left for you' in page
    assert "<span>25 %</span>" in page


def test_every_reason_to_skip_has_words_and_says_what_follows(
    client: Client, project: Project
) -> None:
    project.skip_rules = {"unclear": "another", "out_of_scope": "nobody", "broken": "reviewer"}
    project.save()
    page = text_of(client.get(at("label")))
    dialog = page[page.index('id="skip-dialog"') :]
    found = re.findall(r'value="(\w+)" data-key="(\d)".*?small">(.*?)</span>', dialog)
    again = "It goes to another annotator, the second time to a reviewer."
    assert found == [
        ("unclear", "1", again),
        ("out_of_scope", "2", "It is closed without a label."),
        ("broken", "3", "It goes to a reviewer."),
        ("other", "4", again),
    ]
    assert SKIP_WORDS.keys() == SKIP_REASONS.keys()


@pytest.mark.parametrize("items", [1, 40])
def test_the_page_costs_few_queries(
    items: int,
    reviewer: User,
    client_for: ClientFor,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(items):
        make_item()
    client = client_for(reviewer)
    client.post(at("label-next"))
    with django_assert_max_num_queries(9):
        assert "</noscript>" in client.get(at("label")).content.decode()


@pytest.mark.parametrize("items", [3, 40])
def test_asking_for_held_items_costs_few_queries(
    items: int,
    client: Client,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(items):
        make_item()
    ask(client)
    with django_assert_max_num_queries(11):
        ask(client)


class TestNothingWaits:
    """The page says why there is nothing, and what could bring some."""

    def test_no_items(self, client: Client, project: Project) -> None:
        page = ask(client)
        assert "This project has no items yet." in page
        assert "A manager of the project imports them." in page

    def test_no_items_for_a_manager(
        self, project: Project, manager: User, client_for: ClientFor
    ) -> None:
        page = ask(client_for(manager))
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
        assert "Every item has its label." in ask(client)

    def test_others_have_to_look(
        self, client: Client, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        make_item()
        answer(project, annotator, "alpha")
        pass_on(project, annotator)
        page = ask(client)
        assert "2 items wait for somebody else&#x27;s look after yours." in page
        assert "with other annotators" not in page

    def test_a_reviewer_has_to_decide(
        self, client: Client, pair: tuple[User, User], make_item: MakeItem
    ) -> None:
        disagree(make_item(), *pair)
        page = ask(client)
        assert "1 item waits for a reviewer&#x27;s decision." in page
        assert 'data-undo data-key="z"' in page

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
        page = ask(client)
        assert "1 item waits with other annotators right now; the first comes back at " in page
