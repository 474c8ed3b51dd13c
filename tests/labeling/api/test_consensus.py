"""GET and PATCH /api/projects/SLUG/consensus/, POST /api/projects/SLUG/consensus/weigh/"""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.models import ConsensusJob, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer
from tests.labeling.weighed import make_crowd, put_by_hand, work

URL, WEIGH = path("consensus/"), path("consensus/weigh/")
MakeItem = Callable[..., Item]


def test_at_first_votes_are_counted(reviewer: User, api_for: ApiFor) -> None:
    assert ok(api_for(reviewer).get(URL)) == {
        "consensus": "agreement",
        "sure_enough": 0.95,
        "overlap": 2,
        "overlap_share": 1.0,
        "max_looks": 2,
        "weights": None,
        "weights_in_force": False,
        "working": False,
    }


def test_a_manager_changes_it_and_reads_what_is_missing(
    project: Project, manager: User, api_for: ApiFor
) -> None:
    make_crowd(project, manager, gold=3, pool=3)
    api = api_for(manager)
    found = ok(api.patch(URL, {"consensus": "weighted", "sure_enough": 0.9, "max_looks": 4}))
    assert (found["consensus"], found["sure_enough"], found["max_looks"]) == ("weighted", 0.9, 4)
    assert (found["working"], found["weights"]) == (True, None)
    work(project)
    found = ok(api.get(URL))
    assert (found["working"], found["weights_in_force"]) == (False, False)
    weights = found["weights"]
    assert (weights["version"], weights["calibrated"], weights["votes"]) == (1, False, 18)
    assert (weights["gold"], weights["gold_wanted"], weights["gold_missing"]) == (3, 50, 47)
    assert weights["reason"].startswith("Not calibrated")


def test_votes_are_weighed_anew_on_demand(project: Project, manager: User, api_for: ApiFor) -> None:
    api = api_for(manager)
    assert "not weighed here" in refused(api.post(WEIGH), 409)
    ok(api.patch(URL, {"consensus": "weighted"}))
    work(project)
    assert ok(api.post(WEIGH), 202)["working"] is True
    assert ConsensusJob.objects.filter(state="queued").count() == 1


@pytest.mark.parametrize(
    ("sent", "field", "status"),
    [
        ({"consensus": "loudest"}, "consensus", 400),
        ({"sure_enough": 0.5}, "sure_enough", 400),
        ({"max_looks": 1}, "max_looks", 422),
    ],
)
def test_a_bad_value_is_refused(
    project: Project,
    manager: User,
    api_for: ApiFor,
    sent: dict[str, object],
    field: str,
    status: int,
) -> None:
    assert field in refused(api_for(manager).patch(URL, sent), status)
    project.refresh_from_db()
    assert (project.consensus, project.sure_enough, project.max_looks) == ("agreement", 0.95, 2)


def test_annotators_may_not_see_it_nor_reviewers_change_it(
    annotator: User, reviewer: User, api_for: ApiFor
) -> None:
    assert api_for(annotator).get(URL).status_code == 403
    assert api_for(reviewer).patch(URL, {}).status_code == 403
    assert api_for(reviewer).post(WEIGH).status_code == 403


def test_an_item_says_by_which_weights(
    project: Project, annotator: User, second_annotator: User, reviewer: User,
    make_item: MakeItem, api_for: ApiFor,
) -> None:  # fmt: skip
    put_by_hand(project, {annotator.pk: 0.99}, anybody=0.4)
    item = make_item()
    answer(project, annotator, "alpha")
    answer(project, second_annotator, "beta")
    found = ok(api_for(reviewer).get(path(f"items/{item.pk}/")))["resolution"]
    assert (found["label"], found["method"], found["votes"]) == ("alpha", "weighted", 2)
    assert (found["weights"], found["confidence"]) == (1, pytest.approx(0.988353, abs=1e-6))
