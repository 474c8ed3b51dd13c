"""POST /api/projects/SLUG/review/TASK/decide/"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.models import Adjudication, Item, Project, Task, TaskState
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import disagree, label_of, task_of


@pytest.fixture
def item(make_item: Callable[..., Item]) -> Item:
    """An item on which two annotators disagree."""
    return make_item()


@pytest.fixture
def case(item: Item, annotator: User, second_annotator: User) -> Task:
    """Its task."""
    return disagree(item, annotator, second_annotator)


def url(case: Task, slug: str = "test") -> str:
    """Return where to decide a case."""
    return path(f"review/{case.pk}/decide/", slug)


def test_labels_the_item(item: Item, case: Task, reviewer: User, api_for: ApiFor) -> None:
    made = ok(api_for(reviewer).post(url(case), {"label": "gamma", "comment": "see 2"}))
    assert (made["label"], made["comment"], made["decided_by"]) == ("gamma", "see 2", "reviewer")
    assert label_of(item) == "gamma"


def test_tells_who_had_said_what(case: Task, reviewer: User, api_for: ApiFor) -> None:
    made = ok(api_for(reviewer).post(url(case), {"label": "gamma"}))
    assert made["votes"] == [
        {"annotator": "annotator", "label": "alpha"},
        {"annotator": "second", "label": "beta"},
    ]
    assert made["effects"] == []


def test_puts_the_item_out_of_scope(
    item: Item, case: Task, reviewer: User, api_for: ApiFor
) -> None:
    made = ok(api_for(reviewer).post(url(case), {"label": None, "out_of_scope": True}))
    assert made["label"] is None
    assert (label_of(item), task_of(item).state) == (None, TaskState.CLOSED)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "label"),
        ({"label": None}, 400, "label"),
        ({"label": "alpha", "out_of_scope": True}, 400, "label"),
        ({"label": "delta"}, 422, "'delta' is not one of"),
        ({"label": "alpha", "comment": "x" * 2001}, 400, "comment"),
    ],
)
def test_refuses_what_is_no_decision(
    case: Task, reviewer: User, api_for: ApiFor, body: dict[str, Any], status: int, said: str
) -> None:
    assert said in refused(api_for(reviewer).post(url(case), body), status)
    assert not Adjudication.objects.exists()


def test_happens_once(case: Task, reviewer: User, api_for: ApiFor) -> None:
    ok(api_for(reviewer).post(url(case), {"label": "alpha"}))
    refused(api_for(reviewer).post(url(case), {"label": "beta"}), 409)
    assert Adjudication.objects.count() == 1


def test_is_not_for_who_answered(
    project: Project, reviewer: User, annotator: User, item: Item, api_for: ApiFor
) -> None:
    case = disagree(item, reviewer, annotator)
    said = refused(api_for(reviewer).post(url(case), {"label": "alpha"}), 403)
    assert "another reviewer has to decide it" in said


def test_finds_cases_of_the_project_alone(
    case: Task, reviewer: User, annotator: User, outsider: User, api_for: ApiFor
) -> None:
    body = {"label": "alpha"}
    refused(api_for(outsider).post(url(case), body), 404)
    refused(api_for(outsider).post(url(case, "other"), body), 404)
    refused(api_for(reviewer).post(path("review/0/decide/"), body), 404)
    refused(api_for(annotator).post(url(case), body), 403)
