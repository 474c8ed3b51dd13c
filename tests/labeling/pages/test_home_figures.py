"""The figures below the loop."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Annotation, Item, Project
from tests.labeling.pages.browse import PART, at, text_of
from tests.labeling.steps import answer, disagree, take

ClientFor = Callable[[User], Client]
Make = Callable[..., Item]


@pytest.fixture
def client(manager: User, client_for: ClientFor) -> Client:
    """The manager's browser."""
    return client_for(manager)


def test_counts_what_is_left_and_what_was_done(
    project: Project, pair: tuple[User, User], client: Client, make_item: Make
) -> None:
    disagree(make_item(), *pair)
    make_item()
    answer(project, pair[0], "alpha")
    answer(project, pair[1], "alpha")
    make_item()
    take(project, pair[0])
    home = client.get(at("loop-figures")).context["home"]
    assert {status.value: count for status, count in home.left.items.items()} == {
        "review": 1,
        "labeled": 1,
        "waiting": 1,
    }
    assert home.left.looks == 2
    assert {reason.value: count for reason, count in home.left.reasons.items()} == {"new": 1}
    assert [(label.name, count) for label, count in home.labels] == [
        ("alpha", 1),
        ("beta", 0),
        ("gamma", 0),
    ]
    assert (len(home.days), home.days[-1][1], sum(count for _, count in home.hours)) == (30, 4, 4)
    assert [(p.user.username, p.today, p.week, p.holds) for p in home.people] == [
        ("annotator", 2, 2, 1),
        ("second", 2, 2, 0),
    ]


def test_imported_and_old_answers_are_no_pace(
    project: Project, annotator: User, client: Client, make_item: Make
) -> None:
    for _ in range(3):
        make_item()
        answer(project, annotator, "alpha")
    first, second, _ = Annotation.objects.order_by("id")
    Annotation.objects.filter(pk=first.pk).update(imported=True)
    past = timezone.now() - timedelta(days=40)
    Annotation.objects.filter(pk=second.pk).update(created_at=past)
    home = client.get(at("loop-figures")).context["home"]
    assert sum(count for _, count in home.days) == 1


def give_at(project: Project, annotator: User, make_item: Make, moments: list[datetime]) -> None:
    """Let an annotator have answered at these moments."""
    for moment in moments:
        make_item()
        given = answer(project, annotator, "alpha")
        Annotation.objects.filter(pk=given.pk).update(created_at=moment)


def test_days_begin_where_the_viewer_is(
    project: Project, annotator: User, client: Client, make_item: Make
) -> None:
    late = datetime(2026, 3, 2, 22, 50, tzinfo=UTC)
    give_at(project, annotator, make_item, [late - timedelta(hours=5), late])
    with time_machine.travel(late + timedelta(minutes=20), tick=False):
        for told, days, hour, zone in (
            ("", [0, 2], "22:00", "UTC"),
            ("Asia/Kolkata", [1, 1], "04:00", "Asia/Kolkata"),
            ("America/New_York", [0, 2], "17:00", "America/New York"),
            ("Mars/Base", [0, 2], "22:00", "UTC"),
            ("../etc", [0, 2], "22:00", "UTC"),
            ("America", [0, 2], "22:00", "UTC"),
        ):
            client.cookies["time_zone"] = told
            response = client.get(at("loop-figures"))
            home = response.context["home"]
            assert [count for _, count in home.days[-2:]] == days, told
            assert sum(count for _, count in home.hours) == 2
            assert f"<title>{hour}: 1</title>" in text_of(response), told
            assert f"since midnight, {zone}<" in text_of(response)
            assert home.people[0].today == days[1]


def test_the_hours_of_a_day_on_which_clocks_change_are_24(
    project: Project, annotator: User, client: Client, make_item: Make
) -> None:
    noon = datetime(2026, 3, 29, 10, tzinfo=UTC)
    give_at(project, annotator, make_item, [noon - timedelta(hours=back) for back in range(23)])
    client.cookies["time_zone"] = "Europe/Berlin"
    with time_machine.travel(noon, tick=False):
        home = client.get(at("loop-figures")).context["home"]
    assert [count for _, count in home.hours] == [0] + [1] * 23
    assert [hour.hour for hour, _ in home.hours][12:17] == [0, 1, 3, 4, 5]


def test_today_is_no_part_of_the_pace(
    project: Project, annotator: User, client: Client, make_item: Make
) -> None:
    now = datetime(2026, 3, 10, 9, tzinfo=UTC)
    back = [timedelta(days=3)] * 12 + [timedelta(days=1)] * 12 + [timedelta(0)] * 2
    give_at(project, annotator, make_item, [now - ago for ago in back])
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        page = client.get(at("loop-figures"))
    finish = page.context["home"].finish
    assert (finish.low, finish.high, finish.pace, finish.days) == (3, 3, 12.0, 2)
    assert "the mean of 2 days with answers in the 14 before today" in text_of(page)


def test_too_few_answers_say_so(client: Client, make_item: Make) -> None:
    make_item()
    page = text_of(client.get(at("loop-figures")))
    assert "Not enough answers yet: 0 on 0 days; it takes 20 on 2." in page
    assert "Nobody has answered in the last 7 days." in page


def test_each_figure_leads_to_its_items(
    project: Project, annotator: User, client: Client, make_item: Make
) -> None:
    make_item()
    answer(project, annotator, "alpha")
    page = text_of(client.get(at("loop-figures")))
    for query in ("status=waiting", "status=review", "label=alpha", "annotator=annotator"):
        assert f'href="{at("items")}?{query}"' in page


def test_the_loop_page_asks_for_them(client: Client, make_item: Make) -> None:
    assert "home-figures" not in text_of(client.get(at("loop")))
    make_item()
    assert f'hx-get="{at("loop-figures")}"' in text_of(client.get(at("loop")))


def test_annotators_do_not_see_others(
    annotator: User, client_for: ClientFor, make_item: Make
) -> None:
    make_item()
    browser = client_for(annotator)
    assert "home-figures" not in text_of(browser.get(at("loop")))
    assert browser.get(at("loop-figures")).status_code == 403


def test_a_new_project_says_what_it_lacks(project: Project, client: Client) -> None:
    page = text_of(client.get(at("loop")))
    assert "Invite annotators" in page
    assert "Write the guideline" not in page
    project.guidelines.update(text="")
    assert "Write the guideline" in text_of(client.get(at("loop")))


@pytest.mark.parametrize("count", [1, 12])
def test_they_cost_few_queries(
    count: int,
    project: Project,
    annotator: User,
    client: Client,
    make_item: Make,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        make_item()
        answer(project, annotator, "alpha")
    with django_assert_max_num_queries(8):
        client.get(at("loop-figures"), headers=PART)
