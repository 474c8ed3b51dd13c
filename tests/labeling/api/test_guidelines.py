"""Everything below /api/projects/SLUG/guidelines/"""

from collections.abc import Callable

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import disagree

URL = path("guidelines/")
MakeItem = Callable[..., Item]


def test_versions_are_published_and_listed(
    project: Project, annotator: User, manager: User, api_for: ApiFor
) -> None:
    api = api_for(manager)
    assert "note" in refused(api.post(URL, {"text": "New"}), 400)
    sent = {"text": "New <b>", "note": "Clearer", "based_on": 1}
    assert ok(api.post(URL, sent), 201)["version"] == 2
    assert "put version 2 in force" in refused(api.post(URL, sent | {"text": "Other"}), 409)
    rows = ok(api_for(annotator).get(URL))
    told = [(row["version"], row["note"], row["created_by"], row["votes"]) for row in rows]
    assert told == [(2, "Clearer", "manager", 0), (1, "", "manager", 0)]
    assert rows[0]["alpha"]["value"] is None


def test_a_version_tells_what_differs_from_another(
    annotator: User, manager: User, api_for: ApiFor
) -> None:
    ok(api_for(manager).post(URL, {"text": "New <b>", "note": "Clearer"}), 201)
    api = api_for(annotator)
    assert "changes" not in ok(api.get(f"{URL}2/"))
    assert ok(api.get(f"{URL}2/?against=1"))["changes"] == [
        {"kind": "removed", "text": "Alpha comes **first**."},
        {"kind": "added", "text": "New <b>"},
    ]
    assert "no version 3" in refused(api.get(f"{URL}3/"), 404)
    assert "no version 9" in refused(api.get(f"{URL}2/?against=9"), 404)
    assert "against" in refused(api.get(f"{URL}2/?against=x"), 400)


def test_a_change_is_put_away(
    project: Project, annotator: User, manager: User, api_for: ApiFor
) -> None:
    ok(api_for(manager).post(URL, {"text": "New", "note": "Clearer"}), 201)
    assert api_for(annotator).post(f"{URL}2/seen/").status_code == 204
    seen = project.memberships.get(user=annotator).guideline_seen
    assert seen == project.guidelines.get(version=2)


def test_a_proposal_is_made_and_decided_once(
    annotator: User,
    second_annotator: User,
    reviewer: User,
    manager: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    case = disagree(make_item(), annotator, second_annotator)
    made = ok(
        api_for(reviewer).post(f"{URL}proposals/", {"task": case.pk, "text": "Say more"}), 201
    )
    assert (made["item"], made["state"], made["proposed_by"]) == (case.item_id, "open", "reviewer")
    url = f"{URL}proposals/{made['id']}/"
    assert api_for(reviewer).patch(url, {"taken": True}).status_code == 403
    assert ok(api_for(manager).patch(url, {"taken": True}))["state"] == "taken"
    assert "has taken it already" in refused(api_for(manager).patch(url, {"taken": False}), 409)
    [row] = ok(api_for(reviewer).get(f"{URL}proposals/"))["results"]
    assert (row["state"], row["decided_by"]) == ("taken", "manager")
    assert api_for(annotator).get(f"{URL}proposals/").status_code == 403
    unknown = api_for(reviewer).post(f"{URL}proposals/", {"task": 10**6, "text": "x"})
    assert unknown.status_code == 404
