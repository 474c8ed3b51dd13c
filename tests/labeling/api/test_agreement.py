"""GET /api/projects/SLUG/agreement/"""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer

URL = path("agreement/")


def test_returns_alpha_with_its_interval(
    project: Project,
    annotator: User,
    second_annotator: User,
    make_item: Callable[..., Item],
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    """Ten items, one disagreement. By hand: 20 votes, 11 alpha and 9 beta, 2 disagreeing of 20
    pairs; alpha = 1 - 19 * 2 / (2 * 11 * 9)."""
    for number in range(10):
        make_item()
        for user in (annotator, second_annotator):
            first = user == annotator and number == 5
            answer(project, user, "alpha" if number < 5 or first else "beta")
    with django_assert_max_num_queries(3):
        found = ok(api_for(annotator).get(URL))
    assert found["value"] == pytest.approx(1 - 19 * 2 / (2 * 11 * 9))
    assert found["low"] < found["value"] < found["high"] <= 1
    assert (found["items"], found["reason"]) == (10, "")


def test_says_why_there_is_none(project: Project, annotator: User, api_for: ApiFor) -> None:
    assert ok(api_for(annotator).get(URL)) == {
        "value": None,
        "low": None,
        "high": None,
        "items": 0,
        "reason": "Undefined: none of the 0 labeled items has two votes.",
    }


def test_is_for_members(project: Project, outsider: User, api_for: ApiFor) -> None:
    refused(api_for(outsider).get(URL), 404)
