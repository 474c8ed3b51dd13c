"""GET /api/projects/SLUG/progress/"""

from collections.abc import Callable

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer

URL = path("progress/")


def test_tells_what_the_home_shows(
    project: Project,
    annotator: User,
    reviewer: User,
    api_for: ApiFor,
    make_item: Callable[..., Item],
) -> None:
    make_item()
    make_item()
    answer(project, annotator, "alpha")
    found = ok(api_for(reviewer).get(URL))
    assert found["items"] == {"waiting": 2}
    assert (found["looks_left"], found["reasons"]) == (3, {"new": 2})
    assert (len(found["days"]), found["days"][-1]["answers"]) == (30, 1)
    assert found["finish"]["low"] is None
    assert found["labels"][0] == {"label": "alpha", "items": 0}
    person = found["people"][0]
    assert (person["username"], person["today"], person["week"]) == ("annotator", 1, 1)


def test_annotators_are_refused(project: Project, annotator: User, api_for: ApiFor) -> None:
    assert "reviewer" in refused(api_for(annotator).get(URL), 403)
