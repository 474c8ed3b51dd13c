"""The page of a signed link, /r/TOKEN/, without an account, and the page that gives links out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.signing import TimestampSigner
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, Prediction
from feedback.links import SALT, address_of
from feedback.models import Report, RoutingPolicy
from labeling.models import Project, Resolution, Task
from tests.classifier.predictions import make_prediction

LINKS = "/p/test/monitor/links/"


@pytest.fixture
def prediction(model: ModelVersion, project: Project) -> Prediction:
    """A tag in a project that lets links work."""
    RoutingPolicy.objects.create(project=project, links_on=True, audit_share=0.0)
    return make_prediction(model, "alpha", 0.95, title="A text", body="of some words")


@pytest.fixture
def url(prediction: Prediction) -> str:
    """The link to it."""
    return address_of(prediction.pk)


def post(url: str, address: str = "10.0.0.1", **said: str) -> Any:
    """Answer the question of a link, from an address."""
    return Client(enforce_csrf_checks=True).post(url, said, REMOTE_ADDR=address)


def test_it_asks_without_an_account_or_a_cookie(url: str) -> None:
    response = Client().get(url)
    page = response.content.decode()
    assert response.status_code == 200
    assert "A text" in page
    assert "alpha" in page
    assert '<option value="beta">' in page
    assert '<option value="alpha">' not in page
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]


def test_no_opens_a_case_and_changes_no_label(url: str, prediction: Prediction) -> None:
    response = post(url, right="no", label="beta", comment="berries")
    assert "a person decides" in response.content.decode()
    report, task = Report.objects.get(), Task.objects.get()
    assert (report.reported_by, report.agrees, report.task) == (None, False, task)
    assert report.claimed_label is not None
    assert (task.reason, task.state, task.priority) == ("report", "review", 20)
    assert task.note == "Reported by a visitor: alpha should be beta. berries"
    assert not Resolution.objects.exists()
    assert Prediction.objects.get().label.name == "alpha"
    assert "10.0.0.1" not in report.reporter


def test_yes_is_noted_and_no_more(url: str) -> None:
    assert "the tag is right" in post(url, right="yes").content.decode()
    assert Report.objects.get().agrees
    assert not Task.objects.exists()


def test_an_address_has_one_word_on_each(url: str, model: ModelVersion) -> None:
    for address, right in (("10.0.0.1", "no"), ("10.0.0.1", "yes"), ("10.0.0.2", "no")):
        post(url, address, right=right)
    assert list(Report.objects.order_by("id").values_list("agrees", flat=True)) == [False, False]
    post(address_of(make_prediction(model, "beta", 0.9).pk), "10.0.0.1", right="no")
    assert Report.objects.count() == 3


def test_more_reporters_raise_the_case(url: str) -> None:
    priorities = []
    for place in range(20):
        post(url, f"10.0.1.{place}", right="no")
        priorities.append(Task.objects.get().priority)
    assert priorities == sorted(priorities)
    # One to whom nothing is known counts 0.05: of twenty at least one is right with 0.64.
    assert (priorities[0], priorities[-1]) == (20, 23)
    assert Task.objects.get().note.count("Reported by") == 10


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Say yes or no"),
        ({"right": "maybe"}, "Say yes or no"),
        ({"right": "no", "label": "delta"}, "is not one of alpha, beta, gamma"),
        ({"right": "no", "label": "alpha"}, "is what the model said"),
        ({"right": "no", "comment": "c" * 501}, "at most 500"),
    ],
)
def test_what_cannot_be_taken(url: str, said: dict[str, str], words: str) -> None:
    response = post(url, **said)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Report.objects.exists()


def test_a_token_that_is_none(url: str, project: Project, settings: LazySettings) -> None:
    wrong = [f"{url[:-3]}xx/", "/r/abc/"]
    other, unknown = (TimestampSigner(salt=salt).sign("0" * 32) for salt in ("other", SALT))
    for each in (*wrong, f"/r/{other}/", f"/r/{unknown}/"):
        assert Client().get(each).status_code == 404
    settings.REPORT_LINK_DAYS = -1
    expired = Client().get(url)
    assert (expired.status_code, "has expired" in expired.content.decode()) == (404, True)
    settings.REPORT_LINK_DAYS = 30
    RoutingPolicy.objects.update(links_on=False)
    assert Client().get(url).status_code == 404
    assert post(url, right="no").status_code == 404
    assert not Report.objects.exists()


def test_frames_only_for_sites_that_a_manager_allows(url: str) -> None:
    closed = Client().get(url)
    assert "frame-ancestors 'none'" in closed["Content-Security-Policy"]
    assert closed["X-Frame-Options"] == "DENY"
    RoutingPolicy.objects.update(origins="https://one.example\nhttps://two.example:8443")
    opened = Client().get(url)
    policy = opened["Content-Security-Policy"]
    assert "frame-ancestors https://one.example https://two.example:8443" in policy
    assert "script-src 'self'" in policy
    assert "X-Frame-Options" not in opened


def test_an_address_that_is_too_fast_waits(url: str) -> None:
    statuses = [Client().get(url, REMOTE_ADDR="10.0.0.9").status_code for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    slowed = Client().get(url, REMOTE_ADDR="10.0.0.9")
    assert 0 < int(slowed["Retry-After"]) <= 60
    assert Client().get(url, REMOTE_ADDR="10.0.0.8").status_code == 200
    spoofed = Client().get(url, REMOTE_ADDR="10.0.0.9", headers={"x-forwarded-for": "1.2.3.4"})
    assert spoofed.status_code == 429
    cache.clear()
    assert Client().get(url, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_managers_give_links_out(
    url: str,
    prediction: Prediction,
    manager: User,
    reviewer: User,
    client_for: Callable[[User], Client],
    api_for: Callable[[User], APIClient],
) -> None:
    client = client_for(manager)
    assert "http://testserver/r/" in client.get(LINKS).content.decode()
    sent = {"links_on": "on", "origins": "https://one.example/path"}
    refused = client.post(f"{LINKS}change/", sent)
    assert (refused.status_code, "without a path" in refused.content.decode()) == (422, True)
    assert RoutingPolicy.objects.get().origins == ""
    told = api_for(reviewer).get(f"/api/projects/test/predictions/{prediction.pk}/").json()
    assert told["report_url"].startswith("http://testserver/r/")
    assert Client().get(told["report_url"]).status_code == 200
    client.post(f"{LINKS}change/", {"origins": "https://one.example"})
    told = api_for(reviewer).get(f"/api/projects/test/predictions/{prediction.pk}/").json()
    assert told["report_url"] is None
