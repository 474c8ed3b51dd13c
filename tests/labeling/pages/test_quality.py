"""The quality page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Annotation, Item, Project
from labeling.statistics.agreement import Agreement
from labeling.views.quality import _verdict
from tests.labeling.gold import check_with, make_gold
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import answer
from tests.labeling.votes import decide_as, vote

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
def test_only_the_newest_answers_are_read(
    reviewer: User, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labeling.quality.ANSWERS_READ", 3)
    response = client_for(reviewer).get(at("quality"))
    # The last three: both answers to the third item, and one to the second.
    assert [(row.username, row.votes) for row in response.context["rows"]] == [
        ("second", 2),
        ("annotator", 1),
    ]
    assert response.context["alpha"].items == 1


@pytest.mark.usefixtures("votes")
def test_a_reviewer_sees_everybody(reviewer: User, client_for: ClientFor) -> None:
    response = client_for(reviewer).get(at("quality"))
    page = text_of(response)
    # Three items, six votes: observed disagreement 1/3, expected 3/5, so alpha = 4/9.
    assert response.context["alpha"].value == pytest.approx(4 / 9)
    assert '<a href="/p/test/items/?agreement=compared">0.44</a>' in page
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
    for name in ("agreement", "worst"):
        assert f"/p/test/quality/{name}/" not in page
    assert "What stands out" not in page


def test_without_votes_it_says_what_is_missing(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(manager).get(at("quality")))
    assert "undefined" in page
    assert "none of the 0 labeled items has two votes." in page
    assert "Nobody has voted yet" in page


@pytest.mark.parametrize(
    ("low", "words"),
    [
        (0.8, ("ok", "far beyond chance")),
        (0.79, ("warn", "mostly agree")),
        (0.667, ("warn", "mostly agree")),
        (0.66, ("warn", "too few items")),
    ],
)
def test_the_lower_bound_is_what_counts(low: float, words: tuple[str, str]) -> None:
    state, sentence = _verdict(Agreement(0.9, low, 0.95, 50))
    assert state == words[0]
    assert words[1] in sentence


def test_only_a_low_alpha_is_called_bad() -> None:
    assert _verdict(Agreement(0.66, 0.6, 0.7, 500))[0] == "bad"
    assert _verdict(Agreement(0.667, 0.1, 0.9, 5))[0] == "warn"


def test_without_an_interval_there_is_no_verdict() -> None:
    assert _verdict(Agreement(0.9, None, None, 2, "Too few.")) == ("info", "Too few.")


@pytest.mark.usefixtures("votes")
def test_each_label_has_its_figures_and_leads_to_its_items(
    reviewer: User, client_for: ClientFor
) -> None:
    response = client_for(reviewer).get(at("quality"))
    rows = [
        (row.label.name, row.found.votes, row.found.specific.items)
        for row in response.context["by_label"]
    ]
    assert rows == [("alpha", 3, 2), ("beta", 3, 2), ("gamma", 0, 0)]
    page = text_of(response)
    assert '<a href="/p/test/items/?gave=alpha&amp;agreement=compared">2</a>' in page
    assert 'title="Undefined: none of the 6 votes is for this label."' in page


def test_weeks_make_a_line_and_lead_to_their_items(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    made = vote(make_item, pair, ["aa", "bb", "ab", "aa", "bb"])
    for place, day in enumerate((2, 3, 4, 9, 10)):
        when = datetime(2026, 3, day, 12, tzinfo=UTC)
        Annotation.objects.filter(item=made[place]).update(created_at=when)
    client = client_for(reviewer)
    response = client.get(at("quality"))
    assert [(week.key.isoformat(), week.alpha.items) for week in response.context["weeks"]] == [
        ("2026-03-02", 3),
        ("2026-03-09", 2),
    ]
    # 4/9 and 1 on an axis from 0 or the lowest bound, which is here that of the first week.
    first, second = response.context["trend"].points
    assert first.y > second.y == 10
    page = text_of(response)
    assert '<polyline class="line"' in page
    link = "/p/test/items/?week=2026-03-02&amp;agreement=compared"
    assert f'<a href="{link}">3</a>' in page
    listed = client.get(link.replace("&amp;", "&")).context["rows"]
    assert [item.pk for item, _, _ in listed] == [item.pk for item in reversed(made[:3])]


def test_one_week_is_no_line(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    vote(make_item, pair, ["aa", "bb"])
    response = client_for(reviewer).get(at("quality"))
    assert response.context["trend"] is None
    assert '<polyline class="line"' not in text_of(response)
    assert "Nothing: no label, nobody and not the newest week" in text_of(response)


def test_what_stands_out_is_named_and_leads_on(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    """The second one takes gamma for beta; the reviewer sides with the first one."""
    for item in vote(make_item, pair, ["aa"] * 30 + ["cb"] * 12)[30:]:
        decide_as(item, reviewer, "gamma")
    response = client_for(reviewer).get(at("quality"))
    spots = [(spot.kind, spot.name) for spot in response.context["spots"]]
    assert spots == [("label", "beta"), ("label", "gamma"), ("person", "second")]
    page = text_of(response)
    assert '<a href="/p/test/items/?gave=beta&amp;agreement=disagree">beta</a> is told' in page
    assert '<a href="/p/test/quality/confusion/?annotator=second#matrix">second</a>' in page


def test_the_newest_week_stands_out_where_people_agree_less(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    made = vote(make_item, pair, ["aa", "bb"] * 20 + ["ab", "ba"] * 10)
    earlier = datetime(2026, 3, 2, tzinfo=UTC)
    Annotation.objects.filter(item__in=made[:40]).update(created_at=earlier)
    spots = client_for(reviewer).get(at("quality")).context["spots"]
    assert [spot.kind for spot in spots] == ["week"]


def test_gold_results_stand_beside_the_agreement(
    project: Project,
    annotator: User,
    reviewer: User,
    make_item: MakeItem,
    client_for: ClientFor,
) -> None:
    make_gold(make_item("Gold", task=False))
    make_item()
    check_with(project, annotator, "alpha")
    page = text_of(client_for(reviewer).get(at("quality")))
    part = page[page.index('id="annotators"') : page.index('id="checks"')]
    assert f'<a href="/p/test/quality/people/{annotator.pk}/?kind=gold">0.91</a>' in part


@pytest.mark.usefixtures("votes")
def test_the_page_costs_few_queries(
    reviewer: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(reviewer)
    with django_assert_max_num_queries(8):
        client.get(at("quality"))
