"""The list of items, and its pages."""

from collections.abc import Callable

import pytest
from django.http import QueryDict
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Adjudication, Item, Project, ResolutionMethod, Split
from labeling.pagination import keyset
from labeling.resolve import derive
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import disagree

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


@pytest.fixture
def items(pair: tuple[User, User], project: Project, make_item: MakeItem) -> list[Item]:
    """A disputed item, one that came labeled beta as holdout, and one that waits."""
    disputed = make_item("Disputed", "about boats")
    disagree(disputed, *pair)
    labeled = make_item("Labeled", "about trains", task=False, split=Split.HOLDOUT)
    beta = project.labels.get(name="beta")
    Adjudication.objects.create(
        project=project, item=labeled, label=beta, method=ResolutionMethod.IMPORTED
    )
    derive(labeled)
    return [disputed, labeled, make_item("Waiting", "<b>bold</b>", external_id="feed-7")]


def titles(client: Client, query: str = "") -> list[str]:
    """Return the titles of the items that the list shows."""
    rows = client.get(at("items") + query).context["rows"]
    return [item.title for item, _, _ in rows]


def test_the_newest_comes_first_with_its_state(client: Client, items: list[Item]) -> None:
    response = client.get(at("items"))
    found = [(item.title, word, item.vote_count) for item, _, word in response.context["rows"]]
    assert found == [
        ("Waiting", "waiting", 0),
        ("Labeled", "labeled", 0),
        ("Disputed", "in review", 2),
    ]
    page = text_of(response)
    assert ">3 items<" in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert f'<a data-open href="/p/test/items/{items[0].pk}/">Disputed</a>' in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=BOATS", ["Disputed"]),
        ("?q=feed-7", ["Waiting"]),
        ("?q=%00", ["Waiting", "Labeled", "Disputed"]),
        ("?label=beta", ["Labeled"]),
        ("?label=unknown", ["Waiting", "Labeled", "Disputed"]),
        ("?status=unlabeled", ["Waiting", "Disputed"]),
        ("?status=labeled", ["Labeled"]),
        ("?status=review", ["Disputed"]),
        ("?split=holdout", ["Labeled"]),
        ("?split=pool&status=unlabeled&q=about", ["Disputed"]),
        ("?status=labeled&split=pool", []),
        ("?annotator=second", ["Disputed"]),
        ("?annotator=reviewer", []),
        ("?agreement=disagree", ["Disputed"]),
        ("?agreement=agree", []),
        ("?reason=new", ["Waiting", "Disputed"]),
        ("?reason=report", []),
        ("?flagged=yes", []),
        ("?below=0.5", []),
        ("?above=0", []),
        ("?date_from=2020-01-01&date_to=2900-01-01", ["Waiting", "Labeled", "Disputed"]),
        ("?date_to=2020-01-01", []),
        ("?date_to=9999-12-31", ["Waiting", "Labeled", "Disputed"]),
        ("?source=99999", ["Waiting", "Labeled", "Disputed"]),
        ("?last=1", ["Waiting", "Labeled", "Disputed"]),
        ("?status=waiting&q=bold", ["Waiting"]),
        ("?label=beta&annotator=annotator&q=boats", []),
        ("?before=junk", ["Waiting", "Labeled", "Disputed"]),
        (f"?before={'9' * 40}", ["Waiting", "Labeled", "Disputed"]),
    ],
)
def test_filters(query: str, expected: list[str], client: Client, items: list[Item]) -> None:
    assert titles(client, query) == expected


def test_what_was_searched_stays_in_the_field(client: Client, items: list[Item]) -> None:
    page = text_of(client.get(at("items") + '?q="><script>'))
    assert 'name="q" value="&quot;&gt;&lt;script&gt;"' in page
    assert "No item matches" in page


def test_an_empty_project_says_what_fills_it(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(manager).get(at("items")))
    assert "No items yet" in page
    assert '<a class="button" href="/p/test/items/import/">Import a file</a>' in page


def test_pages_of_fifty_follow_each_other(client: Client, make_item: MakeItem) -> None:
    for number in range(51):
        make_item(f"T{number}", task=False)
    first = client.get(at("items"))
    assert len(first.context["rows"]) == 50
    assert titles(client, first.context["page"].next_url) == ["T0"]


@pytest.mark.parametrize("size", [5, 120])
def test_a_page_costs_few_queries(
    size: int,
    client: Client,
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(size):
        make_item()
    for query in ("", "?last=1", "?label=beta&status=labeled", "?annotator=annotator"):
        with django_assert_max_num_queries(8):
            client.get(at("items") + query)


class TestKeyset:
    """Cutting pages by key."""

    @pytest.fixture
    def keys(self, project: Project, make_item: MakeItem) -> list[int]:
        """The keys of five items, the newest first."""
        return [make_item(task=False).pk for _ in range(5)][::-1]

    def cut(self, query: str) -> tuple[list[int], str, str]:
        """Return the keys of a page of two, and its neighbours."""
        page = keyset(QueryDict(query), Item.objects.all(), size=2)
        return [item.pk for item in page.rows], page.next_url, page.previous_url

    def test_first(self, keys: list[int]) -> None:
        assert self.cut("q=a") == (keys[:2], f"?q=a&before={keys[1]}", "")

    def test_middle(self, keys: list[int]) -> None:
        expected = (keys[2:4], f"?before={keys[3]}", f"?after={keys[2]}")
        assert self.cut(f"before={keys[1]}") == expected

    def test_last(self, keys: list[int]) -> None:
        assert self.cut(f"before={keys[3]}") == (keys[4:], "", f"?after={keys[4]}")

    def test_back(self, keys: list[int]) -> None:
        expected = (keys[2:4], f"?before={keys[3]}", f"?after={keys[2]}")
        assert self.cut(f"after={keys[4]}") == expected

    def test_back_to_the_first(self, keys: list[int]) -> None:
        assert self.cut(f"after={keys[2]}") == (keys[:2], f"?before={keys[1]}", "")

    def test_beyond_the_end(self, keys: list[int]) -> None:
        assert self.cut("before=1") == ([], "", "")
