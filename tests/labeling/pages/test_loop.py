"""The loop page."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling import loop
from labeling.loop import Backlog, StepFigure, bottleneck
from labeling.models import Item, Project
from tests.labeling.pages.browse import at, text_of
from tests.labeling.steps import disagree

ClientFor = Callable[[User], Client]


def test_an_empty_project_says_what_to_do_first(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(manager).get(at("loop")))
    assert "The project has no items yet." in page
    assert 'id="loop-act" href="/p/test/items/import/">Import some</a>' in page
    assert page.count("loop-card") == 8


def test_the_steps_count_what_waits(
    project: Project,
    pair: tuple[User, User],
    manager: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
) -> None:
    disagree(make_item(), *pair)
    make_item()
    make_item()
    cards = client_for(manager).get(at("loop")).context["cards"]
    assert [card.figure.count for card in cards[:3]] == [3, 2, 1]
    assert [card.figure.flow for card in cards[:3]] == ["3 a day", "2 a day", "0 a day"]
    assert [card.step.number for card in cards if card.bottleneck] == [3]


def test_an_annotator_gets_no_link_that_would_be_refused(
    project: Project, annotator: User, client_for: ClientFor, make_item: Callable[..., Item]
) -> None:
    make_item()
    page = client_for(annotator).get(at("loop")).content.decode()
    assert '<a class="loop-card" id="step-2" href="/p/test/label/">' in page
    assert page.count('<a class="loop-card"') == 1


def test_the_page_costs_few_queries(
    project: Project,
    manager: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(manager)
    make_item()
    with django_assert_max_num_queries(8):
        client.get(at("loop"))


def test_the_ring_asks_for_itself_again(
    project: Project, annotator: User, client_for: ClientFor, make_item: Callable[..., Item]
) -> None:
    make_item()
    client = client_for(annotator)
    assert 'hx-trigger="every 15s"' in client.get(at("loop")).content.decode()
    part = client.get(at("loop"), headers={"hx-request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="loop-live" id="loop-live"')
    assert part.count("loop-card") == 8


def test_what_waits_is_listed_with_how_long_it_takes(
    project: Project,
    pair: tuple[User, User],
    manager: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
) -> None:
    disagree(make_item(), *pair)
    for _ in range(3):
        make_item()
    page = text_of(client_for(manager).get(at("loop")))
    assert "1 case waits for a reviewer" in page
    # 2 answers in 7 days are the work of 1 item at an overlap of 2.
    assert re.search(r"3 items wait for annotators</a></td>.*?0\.1</td>.*?21 days</td>", page)
    assert "until somebody acts" in page
    assert re.search(r'id="hub-1" href="/p/test/items/\?status=labeled">0%</a>', page)


def test_a_figure_in_the_middle_has_no_link_for_who_may_not_follow_it(
    project: Project, annotator: User, client_for: ClientFor, make_item: Callable[..., Item]
) -> None:
    make_item()
    page = text_of(client_for(annotator).get(at("loop")))
    assert '<dd class="loop-figure">0%</dd>' in page


@pytest.fixture
def no_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop of which nobody tells anything yet."""
    monkeypatch.setattr(loop, "providers", [])


def test_a_provider_is_asked_once_however_often_it_registers(
    no_providers: None, project: Project
) -> None:
    def provider(of: Project) -> list[StepFigure]:
        return [StepFigure(4, of.name)]

    loop.register(provider)
    loop.register(provider)
    assert loop.providers == [provider]
    assert loop.figures(project) == {4: StepFigure(4, "Test project")}


def waits(step: int, count: int, per_day: float) -> StepFigure:
    """Return a step at which `count` wait and `per_day` get done."""
    return StepFigure(step, count, backlog=Backlog(count, per_day, "", ""))


def test_the_bottleneck_is_the_step_that_takes_longest_to_clear() -> None:
    assert bottleneck([waits(2, 200, 40), waits(3, 30, 5), waits(8, 1, 1)]) == waits(3, 30, 5)


def test_among_steps_where_nothing_moves_the_later_one_counts() -> None:
    assert bottleneck([waits(5, 1, 0), waits(2, 900, 0)]) == waits(5, 1, 0)


def test_without_waiting_work_there_is_no_bottleneck() -> None:
    assert bottleneck([waits(2, 0, 0), StepFigure(6, "none")]) is None
