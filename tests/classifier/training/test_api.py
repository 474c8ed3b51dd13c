"""Runs and models over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, TrainingRun
from labeling.models import Project
from tests.classifier.training.conftest import Caller, Trained

RUNS, MODELS = "/api/projects/test/runs/", "/api/projects/test/models/"
Queries = Callable[..., Any]


def test_runs_are_listed_the_newest_first(
    api: APIClient, candidate: ModelVersion, trained: Trained
) -> None:
    trained("keywords", "linear")

    answer = api.get(RUNS).json()

    assert [each["number"] for each in answer["results"]] == [2, 1]
    assert answer["results"][0]["models"] == [2, 3]
    assert answer["results"][0]["snapshot"]["holdout_rows"] == 54
    assert "log" not in answer["results"][0]


def test_runs_are_paged(api: APIClient, candidate: ModelVersion, trained: Trained) -> None:
    trained("keywords")

    first = api.get(f"{RUNS}?page_size=1").json()
    second = api.get(first["next"]).json()

    assert [each["number"] for each in first["results"] + second["results"]] == [2, 1]
    assert second["next"] is None


def test_one_run_has_its_log(api: APIClient, candidate: ModelVersion) -> None:
    answer = api.get(f"{RUNS}1/").json()

    assert (answer["state"], answer["done"], answer["failure"]) == ("succeeded", 100, "")
    assert "temperature" in answer["log"]


def test_a_run_is_cancelled(api: APIClient, candidate: ModelVersion) -> None:
    api.post(RUNS)

    first = api.post(f"{RUNS}2/cancel/")
    second = api.post(f"{RUNS}2/cancel/")

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert (second.status_code, second.json()["detail"]) == (
        409,
        "Run 2 has ended already: cancelled.",
    )


def test_models_are_listed(api: APIClient, candidate: ModelVersion) -> None:
    answer = api.get(MODELS).json()

    (model,) = answer["results"]
    assert (model["number"], model["recipe"], model["stage"]) == (1, "linear", "candidate")
    assert model["weighted_f1"] == candidate.evaluation.overall["weighted_f1"]
    assert (model["gate_passed"], model["run"]) == (True, 1)
    assert model["snapshot"]["hash"] == candidate.snapshot.hash


def test_one_model_has_its_evaluation(
    api: APIClient, candidate: ModelVersion, trained: Trained
) -> None:
    ModelVersion.objects.update(stage="champion")
    trained("linear")

    answer = api.get(f"{MODELS}2/").json()

    assert api.get(f"{MODELS}1/").json()["evaluation"]["champion"] is None
    assert answer["evaluation"]["champion"] == 1
    assert answer["evaluation"]["rows"] == 54
    assert answer["evaluation"]["checks"][0]["state"] in {"pass", "fail"}
    assert answer["manifest"]["recipe"] == "linear"


@pytest.mark.parametrize("url", [f"{RUNS}9/", f"{MODELS}9/"])
def test_what_does_not_exist_is_not_found(api: APIClient, url: str) -> None:
    assert api.get(url).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("annotator", 403), ("outsider", 404)]
)
@pytest.mark.parametrize("url", [RUNS, f"{RUNS}1/", MODELS, f"{MODELS}1/"])
def test_who_may_read(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int, url: str
) -> None:
    _, api = caller(who)

    assert api.get(url).status_code == status


def test_another_project_s_runs_are_not_listed(
    api_for: Callable[[User], APIClient],
    weak_candidate: ModelVersion,
    outsider: User,
    other_project: Project,
) -> None:
    client = api_for(outsider)

    assert client.get("/api/projects/other/runs/").json()["results"] == []
    assert client.get("/api/projects/other/models/").json()["results"] == []
    assert client.get("/api/projects/other/runs/1/").status_code == 404


@pytest.mark.parametrize("url", [RUNS, f"{RUNS}1/", MODELS, f"{MODELS}1/"])
def test_a_call_costs_eight_queries_at_most(
    api: APIClient,
    candidate: ModelVersion,
    trained: Trained,
    django_assert_max_num_queries: Queries,
    url: str,
) -> None:
    trained("keywords", "linear")

    with django_assert_max_num_queries(8):
        assert api.get(url).status_code == 200
    assert TrainingRun.objects.count() == 2
