"""POST /api/projects/SLUG/items/bulk/"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.models import Item, Project
from labeling.queue import claim
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import take

URL = path("items/bulk/")
MakeItem = Callable[..., Item]


def test_deletes_by_id(
    project: Project, manager: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    item, other = make_item(), make_item()
    done = ok(api_for(manager).post(URL, {"action": "delete", "ids": [item.pk]}, format="json"))
    deletion = project.deletions.get()
    assert done == {"items": 1, "text": "1 item deleted.", "deletion": deletion.pk}
    assert list(project.items.all()) == [other]


def test_acts_on_all_that_match(
    project: Project, manager: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item("Heron")
    make_item("Stork")
    body = {"action": "priority", "priority": 5, "filter": {"q": "heron"}}
    done = ok(api_for(manager).post(URL, body, format="json"))
    assert done["text"] == "1 waiting item got priority 5."
    assert list(project.tasks.order_by("id").values_list("priority", flat=True)) == [5, 0]


def test_assigns_to_members_and_to_everybody_again(
    project: Project,
    manager: User,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    item = make_item()
    api = api_for(manager)
    body = {"action": "assign", "ids": [item.pk], "members": ["second"]}
    assert ok(api.post(URL, body, format="json")) == {
        "items": 1,
        "text": "1 waiting item kept for second.",
        "deletion": None,
    }
    assert claim(project=project, user=annotator) is None
    done = ok(api.post(URL, body | {"members": []}, format="json"))
    assert done["text"] == "1 waiting item may be had by everybody again."
    assert take(project, annotator).task.item == item
    reasons = project.events.filter(verb="reserved").order_by("pk")
    assert list(reasons.values_list("reason", flat=True)) == ["for second", "for everybody"]


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 400, "action"),
        ({"action": "burn", "ids": [1]}, 400, "action"),
        ({"action": "delete"}, 422, "either ids or filter"),
        ({"action": "delete", "ids": [1], "filter": {}}, 422, "either ids or filter"),
        ({"action": "delete", "ids": []}, 400, "ids"),
        ({"action": "delete", "ids": [99999]}, 422, "none is selected"),
        ({"action": "priority", "ids": [1]}, 422, "priority: say which"),
        ({"action": "assign", "ids": [1]}, 422, "members: choose at least one"),
        ({"action": "assign", "ids": [1], "members": ["x"]}, 422, "'x' is no member"),
        ({"action": "delete", "filter": {"status": "odd"}}, 400, "filter"),
    ],
)
def test_refusals(
    project: Project, manager: User, api_for: ApiFor, body: Any, status: int, said: str
) -> None:
    assert said in refused(api_for(manager).post(URL, body, format="json"), status)


def test_is_for_managers(project: Project, reviewer: User, api_for: ApiFor) -> None:
    refused(api_for(reviewer).post(URL, {"action": "delete", "ids": [1]}, format="json"), 403)
