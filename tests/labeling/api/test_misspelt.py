"""A change whose field does not exist is refused: it would do nothing, and say nothing."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from labeling.models import Project

PLACES = (
    "",
    "consensus/",
    "quality/anchoring/",
    "checks/",
    "gate/",
    "priorities/policy/",
    "routing/policy/",
    "triggers/",
)


@pytest.mark.parametrize(
    ("method", "place"),
    [*(("PATCH", place) for place in PLACES), ("PUT", "accepting/"), ("POST", "webhooks/")],
)
def test_a_misspelt_field_is_named(
    method: str, place: str, project: Project, manager: User, api_for: Callable[[User], APIClient]
) -> None:
    answer = api_for(manager).generic(
        method, f"/api/projects/test/{place}", '{"overlpa": 3}', content_type="application/json"
    )
    assert answer.status_code == 400, answer.content
    (told,) = answer.json()["errors"]["overlpa"]
    assert told.startswith("There is no such field; there are ")
