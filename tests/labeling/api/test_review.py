"""GET /api/projects/SLUG/review/"""

from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project, TaskReason
from labeling.queue import want_look
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import disagree

URL = path("review/")
MakeItem = Callable[..., Item]


def report(item: Item, priority: int = 0) -> None:
    """Send an item straight to the reviewers."""
    want_look(
        project=item.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=0,
        priority=priority,
        note="This is beta.",
        suggestion=item.project.labels.get(name="beta"),
        confidence=0.9,
        source="linear 3",
        review=True,
    )


def test_lists_cases_with_anonymous_votes(
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    item = make_item("Title", "Body")
    task = disagree(item, annotator, second_annotator)
    response = api_for(reviewer).get(URL)
    [case] = ok(response)["results"]
    assert (case["id"], case["reason"], case["label"]) == (task.pk, "new", None)
    assert case["item"] == {"id": item.pk, "title": "Title", "body": "Body", "url": ""}
    assert [(vote["annotator"], vote["label"]) for vote in case["votes"]] == [
        ("A", "alpha"),
        ("B", "beta"),
    ]
    assert b"second" not in response.content.replace(b'"seconds"', b"")


def test_lists_reports_with_what_was_said(
    reviewer: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    report(make_item(task=False))
    [case] = ok(api_for(reviewer).get(URL))["results"]
    assert (case["reason"], case["note"], case["votes"]) == ("report", "This is beta.", [])
    assert case["suggestion"] is None


def test_leaves_the_caller_s_own_items_out(
    reviewer: User, manager: User, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    disagree(make_item(), reviewer, annotator)
    assert ok(api_for(reviewer).get(URL))["results"] == []
    assert len(ok(api_for(manager).get(URL))["results"]) == 1


def test_pages_the_most_urgent_first_at_the_same_cost(
    reviewer: User,
    make_item: MakeItem,
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for priority in (0, 5, -3, 5, 0, 9, 0):
        report(make_item(task=False), priority)
    client, seen, url = api_for(reviewer), [], f"{URL}?page_size=2"
    while url:
        with django_assert_max_num_queries(3):
            page = ok(client.get(url))
        seen += [(case["priority"], case["item"]["title"]) for case in page["results"]]
        url = page["next"]
    assert seen == [
        (9, "Item 6"),
        (5, "Item 2"),
        (5, "Item 4"),
        (0, "Item 1"),
        (0, "Item 5"),
        (0, "Item 7"),
        (-3, "Item 3"),
    ]


def test_knows_the_caller_s_project_only(
    outsider: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    report(make_item(task=False))
    assert ok(api_for(outsider).get(path("review/", "other")))["results"] == []
    refused(api_for(outsider).get(URL), 404)


def test_is_for_reviewers(project: Project, annotator: User, api_for: ApiFor) -> None:
    refused(api_for(annotator).get(URL), 403)
