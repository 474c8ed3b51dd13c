"""The most disputed items."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Item, Project, Role
from tests.conftest import join
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer
from tests.labeling.votes import decide_as, vote

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


def test_the_most_votes_against_the_leading_label_come_first(
    project: Project, pair: tuple[User, User], make_item: MakeItem, client: Client
) -> None:
    project.max_looks = 3
    project.save()
    third = join(project, "third", Role.ANNOTATOR)
    for title, labels in (("One each", "alpha beta gamma"), ("Two to one", "alpha beta alpha")):
        item = make_item(title)
        for user, label in zip((*pair, third), labels.split(), strict=True):
            answer(item.project, user, label)
    vote(make_item, pair, ["aa"])
    rows = client.get(at("quality-worst")).context["rows"]
    assert [
        (row.item.title, [(label.name, count) for label, count in row.votes], row.disputed.against)
        for row, _, _ in rows
    ] == [
        ("One each", [("alpha", 1), ("beta", 1), ("gamma", 1)], 2),
        ("Two to one", [("alpha", 2), ("beta", 1)], 1),
    ]


def test_votes_are_hidden_while_annotators_are_still_asked(
    project: Project, pair: tuple[User, User], make_item: MakeItem, client: Client
) -> None:
    project.max_looks = 3
    project.save()
    vote(make_item, pair, ["ab"])
    response = client.get(at("quality-worst"))
    ((row, _, word),) = response.context["rows"]
    assert (row.votes, word) == ((), "waiting")
    page = text_of(response)
    assert "hidden while it waits for annotators" in page
    assert "1 of 2" in page


def test_it_leads_to_the_item_and_says_its_label(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client: Client
) -> None:
    (item,) = vote(make_item, pair, ["ab"])
    decide_as(item, reviewer, "gamma")
    page = text_of(client.get(at("quality-worst")))
    assert f'<a data-open href="/p/test/items/{item.pk}/">Item 1</a>' in page
    assert '<span class="chip-name">gamma</span>' in page
    assert "1 item got different labels" in page


def test_pages_of_fifty(pair: tuple[User, User], make_item: MakeItem, client: Client) -> None:
    vote(make_item, pair, ["ab"] * 52)
    first = client.get(at("quality-worst"))
    assert len(first.context["rows"]) == 50
    assert (first.context["previous_url"], first.context["next_url"]) == ("", "?page=2")
    second = client.get(at("quality-worst") + "?page=2")
    assert [row.item.title for row, _, _ in second.context["rows"]] == ["Item 2", "Item 1"]
    assert client.get(at("quality-worst") + "?page=junk").context["previous_url"] == ""


def test_without_disputes_it_says_so(project: Project, client: Client) -> None:
    assert "Nobody disagrees" in text_of(client.get(at("quality-worst")))


def test_it_is_for_reviewers(annotator: User, client_for: ClientFor) -> None:
    assert client_for(annotator).get(at("quality-worst")).status_code == 403
