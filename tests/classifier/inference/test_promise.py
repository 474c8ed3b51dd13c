"""Choosing the accept threshold by a promise, on the page and over REST."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Deployment, HoldoutPrediction, SnapshotRow
from labeling.gold import mark_gold
from labeling.models import Event, Item, Project
from tests.classifier.champions import make_model
from tests.classifier.holdouts import answer_holdout

PAGE, API = "/p/test/rollout/promise/", "/api/projects/test/promise/"
Clients = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def champion(project: Project) -> Project:
    """A champion that was asked about 150 holdout rows, ever less sure: right on the first 120."""
    answer_holdout(make_model(project), right=120, wrong=30)
    return project


def api_of(user: User) -> APIClient:
    """Return an API client of a user."""
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_rest_tells_the_threshold_and_what_it_rests_on(champion: Project, reviewer: User) -> None:
    told = api_of(reviewer).get(API).json()
    # 100, 105, 110, 115, 120, 126: the last accepts six that are wrong.
    assert told == {
        "error": 0.05,
        "risk": 0.05,
        "threshold": 0.88,
        "labels": 150,
        "accepted": 120,
        "wrong": 0,
        "upper": pytest.approx(1 - 0.05 ** (1 / 120)),
        "coverage": 0.8,
        "missing": 0,
    }


def test_what_somebody_picked_as_gold_proves_nothing(
    champion: Project, manager: User, make_item: MakeItem, client_for: Clients
) -> None:
    for place in range(10):
        item = make_item(f"Picked {place}")
        SnapshotRow.objects.filter(external_id=f"row {place}").update(item=item)
        mark_gold(project=champion, actor=manager, items=[item.pk])
    told = api_of(manager).get(API).json()
    # 100, 105, 110, 115: the last accepts five that are wrong.
    assert (told["labels"], told["accepted"], told["threshold"]) == (140, 110, 0.88)
    text = client_for(manager).get(PAGE).content.decode()
    assert "10 items that somebody picked as gold measure models and people" in text


def test_rest_tells_how_many_labels_are_missing(champion: Project, reviewer: User) -> None:
    told = api_of(reviewer).get(API, {"error": "0.01"}).json()
    # ln .05 / ln .99 is 298.07.
    assert (told["threshold"], told["missing"]) == (None, 299 - 150)


@pytest.mark.parametrize("asked", [{"error": "0"}, {"risk": "1"}, {"error": "much"}])
def test_rest_refuses_what_is_no_promise(
    asked: dict[str, str], champion: Project, reviewer: User
) -> None:
    refused = api_of(reviewer).get(API, asked)
    assert refused.status_code == 400
    assert next(iter(asked)) in refused.content.decode()


def test_without_a_model_there_is_nothing_to_promise_of(
    project: Project, reviewer: User, client_for: Clients
) -> None:
    told = api_of(reviewer).get(API).json()
    assert (told["threshold"], told["labels"], told["missing"]) == (None, 0, 59)
    assert "No model in service" in client_for(reviewer).get(PAGE).content.decode()


def test_a_manager_takes_a_threshold_with_its_promise_as_the_reason(
    champion: Project, manager: User, client_for: Clients
) -> None:
    client = client_for(manager)
    text = client.get(PAGE, {"error": "0.05", "risk": "0.05"}).content.decode()
    assert 'name="threshold" value="0.88"' in text
    said = "At most 5.0% of the accepted is wrong, 95% sure, by 150 holdout labels."
    assert f'name="reason" value="{said}"' in text
    client.post("/p/test/rollout/threshold/", {"threshold": "0.88", "reason": said})
    assert Deployment.objects.get(project=champion).accept_threshold == 0.88
    assert Event.objects.get(verb="set threshold").reason == said


def test_a_reviewer_only_reads(champion: Project, reviewer: User, client_for: Clients) -> None:
    text = client_for(reviewer).get(PAGE).content.decode()
    assert "Thresholds of model 1" in text
    assert 'name="threshold"' not in text


def test_says_where_the_cost_of_an_error_puts_it(
    champion: Project, reviewer: User, client_for: Clients
) -> None:
    asked = {"error": "0.05", "risk": "0.05", "looks": "20"}
    text = client_for(reviewer).get(PAGE, asked).content.decode()
    assert "as much as 20 looks" in text
    assert "0.950" in text


def test_what_is_no_promise_is_told_beside_its_field(
    champion: Project, reviewer: User, client_for: Clients
) -> None:
    text = client_for(reviewer).get(PAGE, {"error": "2", "risk": "0.05"}).content.decode()
    assert "less than or equal to 0.5" in text


@pytest.fixture
def sure_of_both(project: Project) -> Project:
    """A champion that was asked about 180 holdout rows: alpha 100 times, right, beta 80, not."""
    model = make_model(project)
    for place in range(180):
        row = SnapshotRow.objects.create(
            snapshot=model.snapshot,
            split="holdout",
            external_id=f"row {place}",
            title=f"Row {place}",
            label="beta" if place in range(100, 150) else "alpha",
            method="agreement",
        )
        HoldoutPrediction.objects.create(
            evaluation=model.evaluation,
            row=row,
            predicted="alpha" if place < 100 else "beta",
            confidence=round(0.999 - place / 1000, 3),
            probabilities=[],
        )
    return project


LABELS_API, ACCEPTING = "/api/projects/test/promise/labels/", "/api/projects/test/accepting/"


def test_rest_tells_what_each_label_takes(sure_of_both: Project, reviewer: User) -> None:
    told = api_of(reviewer).get(LABELS_API, {"error": "0.05", "risk": "0.15"}).json()
    assert (told["error"], told["risk"], told["risk_each"]) == (0.05, 0.15, pytest.approx(0.05))
    assert told["coverage"] == pytest.approx(100 / 180)
    alpha, beta, gamma = told["by_label"]
    assert alpha == {
        "label": "alpha",
        "threshold": 0.9,
        "labels": 100,
        "accepted": 100,
        "wrong": 0,
        "upper": pytest.approx(1 - 0.05 ** (1 / 100)),
        "coverage": 1.0,
        "missing": 0,
    }
    # All 80 answers of beta are looked at together, and 30 of them are wrong.
    assert (beta["label"], beta["threshold"], beta["labels"], beta["missing"]) == (
        *("beta", None, 80, 0),
    )
    assert (gamma["label"], gamma["labels"], gamma["missing"]) == ("gamma", 0, 59)


def test_rest_takes_a_threshold_for_each_label(sure_of_both: Project, manager: User) -> None:
    api = api_of(manager)
    sent = {"label_thresholds": {"alpha": 0.9, "beta": None}, "error": 0.05, "risk": 0.15}
    told = api.put(ACCEPTING, sent, format="json").json()
    assert told["label_thresholds"] == {"alpha": 0.9, "beta": None, "gamma": None}
    assert (told["error"], told["accept_threshold"]) == (0.05, 0.8)
    event = Event.objects.get(verb="set threshold")
    assert (event.before, event.after) == ("0.8", "each of 3 labels its own")
    assert event.reason == "alpha: 0.9, beta: never, gamma: never"
    revision = Deployment.objects.get().revision
    api.put(ACCEPTING, sent, format="json")
    assert Deployment.objects.get().revision == revision
    told = api.put(ACCEPTING, {"accept_threshold": 0.7}, format="json").json()
    assert (told["label_thresholds"], told["accept_threshold"]) == (None, 0.7)


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        ({"delta": 0.9}, 422, "'delta' is not one of alpha, beta, gamma"),
        ({"alpha": 1.1}, 400, "less than or equal to 1"),
        ({"alpha": "high"}, 400, "valid number"),
        ([0.9], 400, "label_thresholds"),
    ],
)
def test_rest_refuses_what_is_no_threshold_of_a_label(
    sent: object, status: int, why: str, sure_of_both: Project, manager: User
) -> None:
    refused = api_of(manager).put(ACCEPTING, {"label_thresholds": sent}, format="json")
    assert refused.status_code == status
    assert why in refused.content.decode()
    assert not Deployment.objects.exists()


def test_a_manager_takes_a_threshold_for_each_label(
    sure_of_both: Project, manager: User, client_for: Clients
) -> None:
    client, asked = client_for(manager), {"error": "0.05", "risk": "0.15"}
    text = client.get(PAGE, asked).content.decode()
    assert "For each label by itself" in text
    assert "At least 59 more holdout items that the model answers so." in text
    told = client.post(f"{PAGE}labels/", asked, follow=True).content.decode()
    assert "Each label is accepted from its own threshold on" in told
    assert "of what is accepted as each label is wrong" in told
    deployment = Deployment.objects.get()
    assert deployment.label_thresholds == {"alpha": 0.9, "beta": None, "gamma": None}
    assert (deployment.promise_error, deployment.promise_risk) == (0.05, 0.15)
    assert "by label" in client.get("/p/test/rollout/").content.decode()


def test_where_no_label_can_be_promised_nothing_changes(
    sure_of_both: Project, manager: User, client_for: Clients
) -> None:
    client = client_for(manager)
    for sent, why in (
        ({"error": "0.01", "risk": "0.05"}, "No label's promise can be kept yet"),
        ({"error": "2", "risk": "0.05"}, "both must be numbers"),
    ):
        told = client.post(f"{PAGE}labels/", sent, follow=True).content.decode()
        assert why in told.replace("&#x27;", "'")
    assert not Deployment.objects.exists()
