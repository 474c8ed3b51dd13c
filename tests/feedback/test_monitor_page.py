"""The monitor and the list of predictions."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from classifier import predictions as listing
from classifier.models import ModelVersion, Prediction
from feedback.charts import bars
from feedback.monitoring import Day, by_day
from feedback.reports import report
from feedback.tasks import route_predictions
from labeling.access import Access
from labeling.models import Project
from tests.classifier.predictions import make_prediction

Clients = Callable[[User], Client]


def aged(prediction: Prediction, days: int) -> None:
    """Make a prediction some days old."""
    created_at = timezone.now() - timedelta(days=days)
    Prediction.objects.filter(pk=prediction.pk).update(created_at=created_at)


def test_by_day(model: ModelVersion, project: Project) -> None:
    aged(make_prediction(model, "alpha", 0.9), 2)
    aged(make_prediction(model, "alpha", 0.4), 2)
    aged(make_prediction(model, "alpha", 0.4), 20)
    make_prediction(model, "alpha", 0.4)
    days = by_day(project)
    today = timezone.localdate()
    assert [day.day for day in days] == [today - timedelta(days=13 - n) for n in range(14)]
    assert [(day.accepted, day.review) for day in days] == [(0, 0)] * 11 + [(1, 1), (0, 0), (0, 1)]


def test_bars_stand_on_the_axis_and_reach_the_top() -> None:
    today = timezone.localdate()
    low, high = bars([Day(today, 1, 0), Day(today, 2, 2)])
    assert (low.accepted_y, low.accepted_height, low.review_height) == (100, 30, 0)
    assert (high.accepted_y, high.accepted_height) == (70, 60)
    assert (high.review_y, high.review_height) == (10, 60)
    assert bars([Day(today, 0, 0)])[0].accepted_height == 0


def test_figures_and_reports(
    model: ModelVersion, manager_access: Access, reviewer: User, client_for: Clients
) -> None:
    sure = make_prediction(model, "alpha", 0.9, title="Reported one")
    make_prediction(model, "beta", 0.4)
    make_prediction(model, "beta", 0.5)
    route_predictions()
    report(access=manager_access, prediction_id=sure.pk, label_name="gamma", comment="no apples")
    text = client_for(reviewer).get("/p/test/monitor/").content.decode()
    assert "33%" in text
    assert "1 of 3" in text
    assert re.search(r"Low-confidence queue</dt><dd[^>]*><a href=\"/p/test/label/\">2<", text)
    assert "Reported one" in text
    assert "no apples" in text
    assert "waits for a reviewer" in text
    assert "<style" not in text
    assert "style=" not in text


def test_nothing_yet(project: Project, reviewer: User, client_for: Clients) -> None:
    client = client_for(reviewer)
    assert "Nothing to watch yet" in client.get("/p/test/monitor/").content.decode()
    assert "No predictions yet" in client.get("/p/test/predictions/").content.decode()


def test_predictions_page_by_page(
    model: ModelVersion, reviewer: User, client_for: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    same = timezone.now()
    for number in range(5):
        make_prediction(model, title=f"Text {number}.")
    Prediction.objects.update(created_at=same)
    client, url, seen = client_for(reviewer), "?label=alpha", []
    while url:
        text = client.get(f"/p/test/predictions/{url}").content.decode()
        seen += re.findall(r">(Text \d\.)<", text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == [f"Text {number}." for number in range(5)]


def test_predictions_narrowed(model: ModelVersion, reviewer: User, client_for: Clients) -> None:
    make_prediction(model, "alpha", 0.9, title="Sure.", external_id="s1")
    make_prediction(model, "beta", 0.4, title="Unsure.")
    client = client_for(reviewer)

    def shown(query: str) -> list[str]:
        text = client.get(f"/p/test/predictions/?{query}").content.decode()
        return re.findall(r">(Sure\.|Unsure\.)<", text)

    assert shown("") == ["Unsure.", "Sure."]
    assert shown("route=review") == shown("label=beta") == ["Unsure."]
    assert shown("external_id=s1") == ["Sure."]
    assert shown("source=batch") == shown("external_id=%00") == []
    assert shown("before=nonsense") == shown("before=2020-01-01_00") == ["Unsure.", "Sure."]


@pytest.mark.parametrize("path", ["monitor/", "predictions/"])
def test_who_may(
    project: Project, annotator: User, outsider: User, client_for: Clients, path: str
) -> None:
    assert client_for(annotator).get(f"/p/test/{path}").status_code == 403
    assert client_for(outsider).get(f"/p/test/{path}").status_code == 404
    assert client_for(outsider).post(f"/p/other/{path}").status_code == 405


@pytest.mark.parametrize("path", ["monitor/", "predictions/"])
def test_queries(
    model: ModelVersion,
    reviewer: User,
    manager_access: Access,
    client_for: Clients,
    path: str,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for _ in range(5):
        given = make_prediction(model)
        report(access=manager_access, prediction_id=given.pk)
    client = client_for(reviewer)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get(f"/p/test/{path}")
