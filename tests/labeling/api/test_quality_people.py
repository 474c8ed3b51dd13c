"""`/quality/people/`, `/checks/`, and checks among the looks of a program."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from labeling.models import Event, Item, Project
from tests.labeling.gold import check_with, make_gold, only

ApiFor = Callable[[User], APIClient]
MakeItem = Callable[..., Item]
PEOPLE, CHECKS = "/api/projects/test/quality/people/", "/api/projects/test/checks/"


@pytest.fixture
def gold(project: Project, make_item: MakeItem) -> Item:
    """A gold item of label alpha, beside two items that wait."""
    only(project, first=1)
    made = make_gold(make_item("Gold", task=False))
    make_item()
    make_item()
    return made


def send(client: APIClient, look: dict[str, Any], label: str) -> dict[str, Any]:
    """Answer a look and return what came back."""
    body = {"token": look["token"], "label": label, "idempotency_key": str(look["id"])}
    url = f"/api/projects/test/assignments/{look['id']}/submit/"
    found: dict[str, Any] = client.post(url, body, format="json").json()
    return found


@pytest.mark.parametrize("shown", [False, True])
def test_a_check_looks_like_any_other(
    project: Project, annotator: User, gold: Item, api_for: ApiFor, *, shown: bool
) -> None:
    project.gold_show = shown
    project.save()
    client = api_for(annotator)
    check = client.post("/api/projects/test/tasks/next/").json()
    assert check["item"]["id"] == gold.pk
    reply = send(client, check, "beta")
    other = reply.pop("next")
    assert check.keys() == other.keys()
    alike = ("reason", "suggestion", "labels")
    assert [check[name] for name in alike] == [other[name] for name in alike]
    assert check["item"].keys() == other["item"].keys()
    lesson = {"right": False, "label": "alpha", "about": "", "note": ""}
    assert reply["lesson"] == (lesson if shown else None)
    assert reply["label"] == "beta"
    assert send(client, other, "beta")["lesson"] is None


def test_reviewers_see_everybody_and_annotators_themselves(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    gold: Item,
    api_for: ApiFor,
) -> None:
    check_with(project, annotator, "alpha")
    (row,) = api_for(reviewer).get(PEOPLE).json()
    assert (row["username"], row["skill"]["right"], row["skill"]["answered"]) == ("annotator", 1, 1)
    assert row["skill"]["mean"] == pytest.approx(10 / 11)
    assert (row["warning"], row["review_since"]) == ("", None)
    (own,) = api_for(annotator).get(PEOPLE).json()
    assert own["skill"] is None, "without telling, today's checks stay unknown"
    assert "warning" not in own
    assert api_for(annotator).get(f"{PEOPLE}{second_annotator.pk}/").status_code == 403
    project.gold_show = True
    project.save()
    own = api_for(annotator).get(f"{PEOPLE}{annotator.pk}/").json()
    assert own["skill"]["answered"] == 1


def test_a_manager_lifts(
    project: Project, annotator: User, manager: User, reviewer: User, api_for: ApiFor
) -> None:
    where = f"{PEOPLE}{annotator.pk}/lift/"
    assert api_for(reviewer).post(where).status_code == 403
    assert api_for(manager).post(where).status_code == 409
    member = project.memberships.get(user=annotator)
    member.review_since = member.created_at
    member.save()
    assert api_for(manager).post(where).json()["review_since"] is None


def test_a_manager_changes_the_rules(
    project: Project, manager: User, reviewer: User, api_for: ApiFor
) -> None:
    client = api_for(manager)
    changed = client.patch(CHECKS, {"gold_rate": 0.25, "gold_show": True}, format="json").json()
    assert changed == {
        "gold_first": 5,
        "gold_rate": 0.25,
        "repeat_rate": 0.0,
        "gold_show": True,
        "skill_warn": 0.8,
        "skill_review": 0.0,
        "skill_pause": 0.0,
    }
    said = Event.objects.get(verb="changed checks").reason
    assert said == "gold_rate 0.1 to 0.25, gold_show False to True"
    assert client.patch(CHECKS, {"gold_rate": 0.7}, format="json").status_code == 400
    assert api_for(reviewer).get(CHECKS).json()["gold_rate"] == 0.25
    assert api_for(reviewer).patch(CHECKS, {}, format="json").status_code == 403
