"""The filters of items by what was answered: those that the Quality pages lead to."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Annotation, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path
from tests.labeling.pages.browse import at
from tests.labeling.steps import answer, disagree

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
MONDAY, SUNDAY = "2026-03-02", "2026-03-08"


@pytest.fixture
def items(
    project: Project, pair: tuple[User, User], reviewer: User, make_item: MakeItem
) -> list[Item]:
    """Both said beta, decided beta (said alpha and beta), in review (the same), waits (alpha)."""
    agreed = make_item("Agreed")
    for user in pair:
        answer(project, user, "beta")
    decided = make_item("Decided")
    case = disagree(decided, *pair)
    decide(project=project, user=reviewer, task_id=case.pk, label_name="beta")
    review = make_item("Review")
    disagree(review, *pair)
    waits = make_item("Waits")
    answer(project, pair[0], "alpha")
    return [agreed, decided, review, waits]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?agreement=compared", ["Review", "Decided", "Agreed"]),
        ("?gave=alpha", ["Review", "Decided"]),
        ("?gave=beta", ["Review", "Decided", "Agreed"]),
        ("?gave=gamma", []),
        ("?gave=beta&agreement=disagree", ["Review", "Decided"]),
        ("?gave=alpha&label=beta", ["Decided"]),
        ("?gave=alpha&annotator=annotator", ["Decided"]),
        ("?gave=alpha&annotator=second", []),
        ("?gave=beta&annotator=second", ["Decided", "Agreed"]),
        ("?gave=beta&annotator=second&label=beta&agreement=agree", ["Agreed"]),
        ("?annotator=annotator", ["Waits", "Review", "Decided", "Agreed"]),
        ("?annotator=annotator&also=second", ["Review", "Decided", "Agreed"]),
        ("?annotator=second&also=annotator&agreement=disagree", ["Review", "Decided"]),
        ("?also=second", ["Review", "Decided", "Agreed"]),
        ("?also=manager", []),
    ],
)
@pytest.mark.usefixtures("items")
def test_filters(
    query: str, expected: list[str], reviewer: User, client_for: ClientFor, api_for: ApiFor
) -> None:
    rows = client_for(reviewer).get(at("items") + query).context["rows"]
    assert [item.title for item, _, _ in rows] == expected
    found = ok(api_for(reviewer).get(path("items/") + query))["results"]
    assert [item["title"] for item in found] == expected


@pytest.mark.usefixtures("items")
def test_an_answer_that_was_changed_is_no_longer_found(
    project: Project, reviewer: User, client_for: ClientFor
) -> None:
    old = Annotation.objects.filter(item__title="Agreed", annotator__username="second").get()
    Annotation.objects.create(
        project=project,
        item=old.item,
        assignment=old.assignment,
        annotator=old.annotator,
        label=project.labels.get(name="gamma"),
        supersedes=old,
        idempotency_key="changed",
    )
    client = client_for(reviewer)
    for query, expected in (
        ("?gave=gamma", ["Agreed"]),
        ("?gave=gamma&annotator=second", ["Agreed"]),
        ("?gave=beta&annotator=second", ["Decided"]),
        ("?gave=beta&annotator=annotator", ["Agreed"]),
    ):
        rows = client.get(at("items") + query).context["rows"]
        assert [item.title for item, _, _ in rows] == expected, query


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"?week={MONDAY}", ["Review", "Agreed"]),
        (f"?week={SUNDAY}", ["Review", "Agreed"]),
        ("?week=2026-03-09", ["Decided"]),
        ("?week=2026-03-01", []),
        (f"?week={MONDAY}&agreement=disagree", ["Review"]),
        ("?week=junk", ["Waits", "Review", "Decided", "Agreed"]),
    ],
)
def test_the_week_is_that_of_the_newest_answer(
    query: str,
    expected: list[str],
    items: list[Item],
    reviewer: User,
    client_for: ClientFor,
) -> None:
    days = {
        "Agreed": [datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)],
        "Decided": [datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 9, tzinfo=UTC)],
        "Review": [datetime(2026, 3, 8, 23, 59, tzinfo=UTC)] * 2,
        "Waits": [datetime(2026, 3, 4, tzinfo=UTC)],
    }
    for title, times in days.items():
        given = Annotation.objects.filter(item__title=title).order_by("id")
        for one, when in zip(given, times, strict=True):
            Annotation.objects.filter(pk=one.pk).update(created_at=when)
    Annotation.objects.filter(item=items[3]).update(imported=True)
    rows = client_for(reviewer).get(at("items") + query).context["rows"]
    assert [item.title for item, _, _ in rows] == expected


def test_sources_by_name_and_those_that_are_not_recorded(
    project: Project,
    other_project: Project,
    make_item: MakeItem,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    for title, source in (("A", "REST"), ("B", "REST"), ("C", "feed.csv")):
        make_item(title, task=False, import_job=project.imports.create(source=source))
    make_item("D", task=False)
    other_project.imports.create(source="elsewhere.csv")
    client = client_for(reviewer)
    for query, expected in (
        ("?origin=REST", ["B", "A"]),
        ("?origin=feed.csv", ["C"]),
        ("?origin=elsewhere.csv", []),
        ("?source=0", ["D"]),
    ):
        rows = client.get(at("items") + query).context["rows"]
        assert [item.title for item, _, _ in rows] == expected, query


@pytest.mark.usefixtures("items")
def test_each_filter_is_named_and_can_be_taken_away(reviewer: User, client_for: ClientFor) -> None:
    response = client_for(reviewer).get(at("items") + "?gave=beta&annotator=second&week=2026-03-04")
    assert [(title, value) for title, value, _ in response.context["chips"]] == [
        ("Answered by", "second"),
        ("Answered as", "beta"),
        ("Last answered in the week of", "2026-03-04"),
    ]
