"""Looks ahead, giving back, last answers, and pausing over REST."""

from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, take

MakeItem = Callable[..., Item]


def test_leases_ahead_for_a_tab(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    items = [make_item().pk for _ in range(3)]
    found = ok(api_for(annotator).post(path("tasks/next/"), {"tab": "a", "ahead": 1}))
    assert [found["item"]["id"], *(look["item"]["id"] for look in found["ahead"])] == items[:2]
    other = ok(api_for(annotator).post(path("tasks/next/"), {"tab": "b"}))
    assert (other["item"]["id"], "ahead" in other) == (items[2], False)


def test_releases_a_look(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    look = take(project, annotator)
    url = path(f"assignments/{look.pk}/release/")
    assert api_for(annotator).post(url, {"token": look.token}).status_code == 204
    assert "gone back" in refused(api_for(annotator).post(url, {"token": look.token}), 409)


def test_lists_the_last_answers_and_takes_one_back(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    make_item()
    first = answer(project, annotator, "alpha")
    answer(project, annotator, "beta")
    found = ok(api_for(annotator).get(path("tasks/last/")))
    assert [(row["title"], row["label"], row["obstacle"]) for row in found] == [
        ("Item 2", "beta", ""),
        ("Item 1", "alpha", ""),
    ]
    sent = {"assignment_id": first.assignment_id}
    taken = ok(api_for(annotator).post(path("tasks/undo/"), sent))
    assert taken["id"] == first.assignment_id


def test_says_why_nothing_waits(
    project: Project, manager: User, annotator: User, api_for: ApiFor
) -> None:
    assert ok(api_for(annotator).get(path("tasks/why/")))["title"] == (
        "This project has no items yet."
    )


def test_a_manager_pauses_and_resumes_a_member(
    project: Project, manager: User, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    member = project.memberships.get(user=annotator).pk
    url = path(f"members/{member}/")
    paused = ok(api_for(manager).post(f"{url}pause/", {"reason": "Training first"}))
    assert paused["pause_reason"] == "Training first"
    assert api_for(annotator).post(path("tasks/next/")).status_code == 204
    why = ok(api_for(annotator).get(path("tasks/why/")))
    assert why["title"] == "You are paused by manager: Training first"
    assert ok(api_for(manager).post(f"{url}resume/"))["paused_at"] is None
    refused(api_for(annotator).post(f"{url}pause/", {"reason": "No"}), 403)


def test_an_answer_and_the_next_look_take_few_statements(
    project: Project,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Also where the answer closes the task; transactions count as two statements each."""
    for _ in range(3):
        make_item()
    for user, most in ((annotator, 19), (second_annotator, 22)):
        look = take(project, user)
        sent = {"token": look.token, "label": "alpha", "idempotency_key": f"k-{user.pk}"}
        client = api_for(user)
        with django_assert_max_num_queries(most):
            answered = client.post(path(f"assignments/{look.pk}/submit/"), sent)
        assert ok(answered)["next"]["item"]["title"] == "Item 2"
