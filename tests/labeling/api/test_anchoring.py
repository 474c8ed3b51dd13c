"""GET and PATCH /api/projects/SLUG/quality/anchoring/"""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.models import Item, Project
from labeling.tasks import watch_anchoring
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.pulled import pull

URL = path("quality/anchoring/")
MakeItem = Callable[..., Item]


def test_nothing_measured_is_said_so(reviewer: User, api_for: ApiFor) -> None:
    nothing = {"value": None, "low": None, "high": None, "hits": 0, "total": 0}
    assert ok(api_for(reviewer).get(URL)) == {
        "suggestions_on": True,
        "why_off": "",
        "hidden_share": 0.1,
        "anchoring_limit": 0.1,
        "shown": nothing,
        "hidden": nothing,
        "difference": None,
        "reason": "Not enough answers yet: 0 with the suggestion shown and 0 with it hidden; "
        "it takes 50 of each.",
    }


def test_the_difference_comes_with_its_interval(
    annotator: User, reviewer: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    pull(make_item, annotator, shown=(54, 60), hidden=(25, 50))
    watch_anchoring()
    found = ok(api_for(reviewer).get(URL))
    assert (found["shown"]["hits"], found["shown"]["total"]) == (54, 60)
    assert (found["hidden"]["hits"], found["hidden"]["total"]) == (25, 50)
    assert found["difference"]["value"] == pytest.approx(0.4)
    assert found["difference"]["low"] == pytest.approx(0.2322, abs=5e-4)
    assert found["suggestions_on"] is False
    assert found["why_off"].startswith("Annotators agree with the suggestion 40 points")


def test_a_manager_changes_it(project: Project, manager: User, api_for: ApiFor) -> None:
    api = api_for(manager)
    assert "reason" in refused(api.patch(URL, {"suggestions_on": False}), 400)
    sent = {"suggestions_on": False, "reason": "A trial", "anchoring_limit": 0.2}
    found = ok(api.patch(URL, sent))
    assert (found["suggestions_on"], found["why_off"]) == (False, "A trial")
    assert (found["anchoring_limit"], found["hidden_share"]) == (0.2, 0.1)
    assert "off already" in refused(api.patch(URL, sent), 409)


def test_annotators_may_not_see_it_nor_reviewers_change_it(
    annotator: User, reviewer: User, api_for: ApiFor
) -> None:
    assert api_for(annotator).get(URL).status_code == 403
    assert api_for(reviewer).patch(URL, {}).status_code == 403
