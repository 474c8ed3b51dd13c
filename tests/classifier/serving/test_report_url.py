"""The link in a tag's own answer, by which anybody may say that it is wrong."""

from datetime import timedelta

import httpx
import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from classifier.models import Prediction
from feedback.links import address_of
from feedback.models import Report, RoutingPolicy
from labeling.models import Project
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process

KEY = {"Idempotency-Key": "order-1"}


@pytest.fixture
def linked(project: Project, settings: Settings, process: Process) -> Project:
    """A project with links, of which the process knows."""
    settings.PUBLIC_URL = "https://tags.example"
    RoutingPolicy.objects.create(project=project, links_on=True)
    process.poll()
    return project


def test_it_leads_to_the_very_prediction(linked: Project, ask: Ask) -> None:
    told = ask(title="Apricot jam").json()
    base, path = told["report_url"].split("/r/")
    assert base == "https://tags.example"
    page = Client().get(f"/r/{path}")
    assert (page.status_code, "Apricot jam" in page.content.decode()) == (200, True)
    Client().post(f"/r/{path}", {"right": "no"})
    assert str(Report.objects.get().prediction_id) == told["prediction_id"]


def test_it_is_the_same_at_every_repetition(linked: Project, ask: Ask) -> None:
    first = ask(headers=KEY).json()
    with time_machine.travel(timezone.now() + timedelta(minutes=1), tick=True):
        assert ask(headers=KEY).json() == first
    stored = Prediction.objects.get()
    assert first["report_url"].endswith(address_of(stored.pk, stored.created_at))


def test_each_text_of_a_call_for_many_has_its_own(
    linked: Project, http: httpx.Client, secret: str
) -> None:
    body = {"project": "test", "texts": [{"title": "apple"}, {"title": ""}, {"title": "grape"}]}
    response = http.post("/v1/tag/batch", json=body, headers={"Authorization": f"Bearer {secret}"})
    one, refused, other = response.json()["answers"]
    for told in (one, other):
        stored = Prediction.objects.get(pk=told["prediction_id"])
        path = address_of(stored.pk, stored.created_at)
        assert told["report_url"] == f"https://tags.example{path}"
    assert "report_url" not in refused


def test_there_is_none_while_links_are_off(linked: Project, ask: Ask, process: Process) -> None:
    RoutingPolicy.objects.update(links_on=False)
    process.poll()
    assert ask().json()["report_url"] is None


def test_there_is_none_without_a_public_address(
    linked: Project, ask: Ask, process: Process, settings: Settings
) -> None:
    settings.PUBLIC_URL = ""
    process.poll()
    assert ask().json()["report_url"] is None
