"""The pages of a trial, and a trial over REST."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Pair, Prediction, Trial
from classifier.rollout.guard import watch_trials
from classifier.rollout.trial import stop_trial
from labeling.access import Access
from tests.classifier.predictions import make_prediction
from tests.classifier.rollout.pairs import lost, make_pair, won

Clients = Callable[[User], Client]


def url_of(trial: Trial, rest: str = "") -> str:
    return f"/p/test/rollout/trials/{trial.pk}/{rest}"


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_before_anything_was_compared(trial: Trial, manager: User, client_for: Clients) -> None:
    text = text_of(client_for(manager), url_of(trial))
    assert "In shadow: it answers nothing." in text
    assert "Nothing compared yet" in text
    assert "No evidence yet" in text
    assert "Not enough evidence yet to tell which is better" in text


def test_side_by_side(trial: Trial, reviewer: User, client_for: Clients) -> None:
    won(trial, 2)
    lost(trial, 1)
    make_pair(trial, "alpha", None)
    led = make_prediction(trial.challenger, "beta", 0.6)
    label = trial.project.labels.get(name="beta")
    Pair.objects.create(
        trial=trial, prediction=led, model_version=trial.champion, label=label, confidence=0.9
    )
    text = text_of(client_for(reviewer), url_of(trial))
    assert "4 of 5" in text
    assert "1 of 5" in text
    assert "model 2 alone was right on 2, model 1 alone on 1" in text
    assert text.count('r="2.5"') == 3
    assert "All 3 of 5 texts" in text
    assert "Promote model" not in text, "a reviewer only reads"


def test_a_won_trial_is_proposed_on_both_pages(
    trial: Trial, manager: User, client_for: Clients
) -> None:
    won(trial, 12)
    watch_trials()
    client = client_for(manager)
    assert "Proposed for promotion" in text_of(client, "/p/test/rollout/")
    text = text_of(client, url_of(trial))
    assert "Model 2 is better" in text
    assert "Promoting it takes a reason" not in text
    client.post("/p/test/models/2/approve/", {"comment": ""})
    assert "promoted. Model 2 serves." in text_of(client, url_of(trial))


def test_disagreements_by_page(trial: Trial, reviewer: User, client_for: Clients) -> None:
    for _ in range(51):
        make_pair(trial, "alpha", "beta")
    client = client_for(reviewer)
    text = text_of(client, url_of(trial, "disagreements/"))
    assert text.count("data-row") == 50
    last = Pair.objects.order_by("-pk")[49]
    older = text_of(client, url_of(trial, f"disagreements/?before={last.pk}"))
    assert older.count("data-row") == 1


def test_over_rest(trial: Trial, reviewer: User, api_for: Callable[[User], APIClient]) -> None:
    won(trial, 2)
    url = f"/api/projects/test/trials/{trial.pk}/"
    told = api_for(reviewer).get(url).json()
    assert told["figures"]["texts"] == told["figures"]["differing"] == 2
    sides = [(side["model_version"], side["answered"]) for side in told["figures"]["sides"]]
    assert sides == [(1, 2), (2, 0)]
    assert (told["evidence"]["wins"], told["evidence"]["bound"]) == (2, 20.0)
    assert [look["wins"] for look in told["evidence"]["path"]] == [1, 2]
    row = api_for(reviewer).get(f"{url}disagreements/").json()["results"][0]
    assert (row["answer"], row["answered_by"], row["silent_answer"]) == ("alpha", 1, "beta")
    assert row["truth"] == "beta"


@pytest.mark.parametrize("ended", [False, True])
def test_queries_at_any_size(
    trial: Trial, manager: User, manager_access: Access, client_for: Clients, ended: bool
) -> None:
    won(trial, 3)
    make_pair(trial, "alpha", "beta")
    if ended:
        stop_trial(access=manager_access, trial_id=trial.pk, reason="enough")
    client = client_for(manager)
    urls = ("/p/test/rollout/", url_of(trial), url_of(trial, "disagreements/"))
    for url in (*urls, f"/api/projects/test/trials/{trial.pk}/", "/api/projects/test/trials/"):
        with CaptureQueriesContext(connection) as ran:
            client.get(url)
        assert len(ran) <= 8, (url, "\n".join(q["sql"][-200:] for q in ran))
    assert Prediction.objects.count() == 4
