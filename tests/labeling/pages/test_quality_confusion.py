"""Votes against the labels that their items have."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Item, Project, TaskReason
from labeling.queue import want_look
from tests.labeling.pages.browse import at, text_of
from tests.labeling.votes import decide_as, vote

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def items(pair: tuple[User, User], make_item: MakeItem, reviewer: User) -> list[Item]:
    """Two agreements; two decided alpha where the second said beta; one that is in review."""
    made = vote(make_item, pair, ["aa", "bb", "ab", "ab", "ac"])
    for item in made[2:4]:
        decide_as(item, reviewer, "alpha")
    return made


@pytest.mark.usefixtures("items")
def test_a_cell_counts_votes_and_leads_to_their_items(
    reviewer: User, client_for: ClientFor
) -> None:
    response = client_for(reviewer).get(at("quality-confusion"))
    counts = [[cell.count for cell in cells] for _, _, cells in response.context["matrix"]]
    assert counts == [[4, 2, 0], [0, 2, 0], [0, 0, 0]]
    assert [total for _, total, _ in response.context["matrix"]] == [6, 2, 0]
    page = text_of(response)
    assert '<a href="/p/test/items/?label=alpha&amp;gave=beta">2</a>' in page


@pytest.mark.usefixtures("items")
def test_one_person_s_confusion(reviewer: User, client_for: ClientFor) -> None:
    client = client_for(reviewer)
    response = client.get(at("quality-confusion") + "?annotator=second")
    counts = [[cell.count for cell in cells] for _, _, cells in response.context["matrix"]]
    assert counts == [[1, 2, 0], [0, 1, 0], [0, 0, 0]]
    query = response.context["matrix"][0][2][1].query
    assert query == "label=alpha&gave=beta&annotator=second"
    rows = client.get(f"{at('items')}?{query}").context["rows"]
    assert [item.title for item, _, _ in rows] == ["Item 4", "Item 3"]


@pytest.mark.usefixtures("items")
def test_who_tells_which_label_how_well(reviewer: User, client_for: ClientFor) -> None:
    people = client_for(reviewer).get(at("quality-confusion")).context["people"]
    found = {one.username: [(s.hits, s.total) for s in one.shares] for one in people}
    assert found == {"annotator": [(3, 3), (1, 1), (0, 0)], "second": [(1, 3), (1, 1), (0, 0)]}
    # Wilson's interval of 1 in 3.
    second = people[1].shares[0]
    assert (second.low, second.high) == pytest.approx((0.0615, 0.7923), abs=1e-4)


@pytest.mark.usefixtures("items")
def test_annotators_see_themselves_alone_and_no_item(
    pair: tuple[User, User], client_for: ClientFor
) -> None:
    response = client_for(pair[1]).get(at("quality-confusion") + "?annotator=annotator")
    assert [one.username for one in response.context["people"]] == ["second"]
    counts = [[cell.count for cell in cells] for _, _, cells in response.context["matrix"]]
    assert counts == [[1, 2, 0], [0, 1, 0], [0, 0, 0]]
    page = text_of(response)
    assert "/p/test/items/" not in page
    assert ">annotator<" not in page


def test_an_item_that_waits_again_is_left_out(
    items: list[Item], project: Project, reviewer: User, client_for: ClientFor
) -> None:
    """What somebody gave there is kept from whoever may get it next."""
    want_look(project=project, item=items[2], reason=TaskReason.REPORT, looks=1, priority=1)
    response = client_for(reviewer).get(at("quality-confusion") + "?annotator=second")
    counts = [[cell.count for cell in cells] for _, _, cells in response.context["matrix"]]
    assert counts == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    query = response.context["matrix"][0][2][1].query
    rows = client_for(reviewer).get(f"{at('items')}?{query}").context["rows"]
    assert [item.title for item, _, _ in rows] == ["Item 4"]


def test_without_labels_it_says_what_is_missing(annotator: User, client_for: ClientFor) -> None:
    page = text_of(client_for(annotator).get(at("quality-confusion")))
    assert "Nothing to compare yet" in page
