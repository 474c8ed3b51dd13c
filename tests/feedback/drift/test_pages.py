"""Drift on its page and over REST."""

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from feedback.models import DriftCheck
from labeling.models import Project, Task
from tests.feedback.drift.conftest import Look, Say

API = "/api/projects/test/drift/"
PAGE = "/p/test/monitor/drift/"


@pytest.fixture
def browser(project: Project, manager: User, client_for: Callable[[User], Client]) -> Client:
    """The manager's browser."""
    return client_for(manager)


@pytest.fixture
def api(project: Project, manager: User, api_for: Callable[[User], APIClient]) -> APIClient:
    """The manager's REST client."""
    return api_for(manager)


def test_nothing_yet(browser: Client) -> None:
    assert "Not checked yet" in browser.get(PAGE).content.decode()
    page = browser.post(f"{PAGE}check/", follow=True).content.decode()
    assert "There is no champion" in page


def test_check_now(browser: Client, say: Say) -> None:
    page = browser.post(reverse("monitor-drift-check", args=["test"]), follow=True)
    assert "Drift is being checked" in page.content.decode()
    assert DriftCheck.objects.get().created_by is not None


def test_the_page_shows_figures_and_examples(browser: Client, say: Say, look: Look) -> None:
    say(120, new=25)
    check = look()
    page = browser.get(PAGE).content.decode()
    assert "Unlike anything learned" in page
    assert "bread" in page
    assert "needs 50 of each" in page
    assert page.count("<svg viewBox") == check.figures.filter(value__isnull=False).count()


def test_a_group_is_sent_once(browser: Client, say: Say, look: Look) -> None:
    say(120, new=25)
    check = look()
    address = reverse("monitor-drift-send", args=["test", check.pk, 1])
    assert (
        "between 1 and 100" in browser.post(address, {"count": "0"}, follow=True).content.decode()
    )
    browser.post(address, {"count": "10"})
    assert Task.objects.count() == 10
    task = Task.objects.all()[0]
    assert (task.priority, task.reason, task.suggestion_source) == (15, "drift", "model 1")
    assert task.note.startswith("Unlike what the model learned from: ")
    again = browser.post(address, {"count": "10"}, follow=True)
    assert "was sent to labeling already" in again.content.decode()
    assert Task.objects.count() == 10
    assert check.groups.get(number=1).asked == 10


def test_rest(api: APIClient, say: Say, look: Look) -> None:
    say(120, new=25)
    check = look()
    [listed] = api.get(API).json()["results"]
    assert (listed["id"], listed["outcome"], listed["model"]) == (check.pk, "alarm", 1)
    assert len(listed["figures"]) == 8
    shown = api.get(f"{API}{check.pk}/").json()
    assert shown["groups"][0]["number"] == 1
    sent = api.post(f"{API}{check.pk}/groups/1/send/", {"count": 5})
    assert (sent.status_code, sent.json()) == (201, {"asked": 5})
    assert api.post(f"{API}{check.pk}/groups/1/send/", {"count": 5}).status_code == 409
    asked = api.post(API)
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert api.post(API).status_code == 409


def test_the_figures_as_a_file(api: APIClient, say: Say, look: Look) -> None:
    say(120)
    look()
    answer = api.get(f"{API}figures/?as=csv")
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["name"] for row in rows} >= {"length", "words", "class_mix"}
    assert {row["needed"] for row in rows} == {"100", "50"}
