"""The quality page."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project
from labeling.statistics.agreement import Agreement
from labeling.views.quality import _verdict
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def votes(project: Project, annotator: User, second_annotator: User, make_item: MakeItem) -> None:
    """Two agreements, on alpha and on beta, and one disagreement."""
    for mine, theirs in (("alpha", "alpha"), ("beta", "beta"), ("alpha", "beta")):
        make_item()
        answer(project, annotator, mine)
        answer(project, second_annotator, theirs)


@pytest.mark.usefixtures("votes")
def test_a_reviewer_sees_everybody(reviewer: User, client_for: ClientFor) -> None:
    response = client_for(reviewer).get(at("quality"))
    page = text_of(response)
    # Three items, six votes: observed disagreement 1/3, expected 3/5, so alpha = 4/9.
    assert response.context["alpha"].value == pytest.approx(4 / 9)
    assert '<a href="/p/test/items/?status=labeled">0.44</a>' in page
    assert "n = 3" in page
    assert '<a href="/p/test/review/">1</a>' in page
    assert "<tr><td>annotator</td>" in page
    assert "<tr><td>second</td>" in page
    assert [(bar.label.name, bar.count) for bar in response.context["bars"]] == [
        ("alpha", 1),
        ("beta", 1),
        ("gamma", 0),
    ]


@pytest.mark.usefixtures("votes")
def test_an_annotator_sees_their_own_row(annotator: User, client_for: ClientFor) -> None:
    page = text_of(client_for(annotator).get(at("quality")))
    assert "<tr><td>annotator</td>" in page
    assert "<td>second</td>" not in page
    assert "/p/test/items/" not in page
    assert "/p/test/review/" not in page


def test_without_votes_it_says_what_is_missing(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(manager).get(at("quality")))
    assert "undefined" in page
    assert "none of the 0 labeled items has two votes." in page
    assert "Nobody has voted yet" in page


@pytest.mark.parametrize(
    ("low", "state"), [(0.8, "ok"), (0.79, "warn"), (0.667, "warn"), (0.66, "bad")]
)
def test_the_lower_bound_is_what_counts(low: float, state: str) -> None:
    assert _verdict(Agreement(0.9, low, 0.95, 50))[0] == state


def test_without_an_interval_there_is_no_verdict() -> None:
    assert _verdict(Agreement(0.9, None, None, 2, "Too few.")) == ("info", "Too few.")


@pytest.mark.usefixtures("votes")
def test_the_page_costs_few_queries(
    reviewer: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(reviewer)
    with django_assert_max_num_queries(12):
        client.get(at("quality"))
