"""The whole loop on real content: from a CSV file to a model that learned from its own doubts.

It runs on SQLite with the embedded broker, and on PostgreSQL with Redis where their addresses
are given as TEST_POSTGRES_URL and TEST_REDIS_URL; every process is the one that `./run up` starts.
"""

from typing import Any

import pytest

from tests.loop.data import Content, as_csv, read_content
from tests.loop.people import (
    LABELS,
    Person,
    adjudicate_everything,
    erring,
    label_everything,
    truthful,
)
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.processes
PROJECT = "ml"
LATER = 64  # items that arrive only after the first model is in service


def test_loop(stack: Stack, manager: Person) -> None:
    """Content is imported, labeled, learned, served, doubted, labeled and learned again."""
    content = read_content()
    early, late = content[:-LATER], content[-LATER:]
    truth = {item.title.strip(): item for item in content}
    reviewer = Person.new(stack, "reviewer", "read", "write")
    annotators = [Person.new(stack, name, "write") for name in ("ann", "bob")]
    _make_project(manager, reviewer, annotators)

    assert _import(manager, early)["added"] == len(early)
    again = _import(manager, early)
    assert (again["added"], again["duplicates"]) == (0, len(early))
    answers = dict(zip(annotators, (truthful, erring(0.1)), strict=True))
    given = sum(label_everything(answers, PROJECT, truth).values())
    checked = manager.get(f"projects/{PROJECT}/quality/people/")
    repeats = sum(person["consistency"]["total"] for person in checked)
    assert given == 2 * len(early) + repeats
    assert adjudicate_everything(reviewer, PROJECT, truth) == sum(
        erring(0.1)(item) != item.tag for item in early
    )
    agreement = manager.get(f"projects/{PROJECT}/agreement/")
    assert 0.8 < agreement["low"] < agreement["value"] < agreement["high"] < 0.95

    first = _retrain(stack, manager, kill_once=True)
    model = first["linear"]
    assert model["weighted_f1"]["value"] >= 0.87
    assert first["keywords"]["weighted_f1"]["value"] < model["weighted_f1"]["value"]
    assert {row["name"] for row in model["evaluation"]["slices"]} >= {"short_text"}
    _approve(manager, model)

    predictions = [_tag(manager, item) for item in late]
    unsure = [given for given in predictions if given["route"] == "review"]
    assert 0 < len(unsure) < len(late)
    _report_a_wrong_one(manager, predictions, late)
    looks = await_value(
        lambda: _routed(manager, unsure), f"{len(unsure)} low-confidence items to come back"
    )
    assert looks == len(unsure)
    answers = dict(zip(annotators, (truthful, truthful), strict=True))
    assert sum(label_everything(answers, PROJECT, truth).values()) > 0
    assert adjudicate_everything(reviewer, PROJECT, truth) >= 1

    second = _retrain(stack, manager, kill_once=False)["linear"]
    assert second["snapshot"]["training_rows"] > model["snapshot"]["training_rows"]
    assert second["evaluation"]["comparison"] is not None
    _approve(manager, second)
    await_value(
        lambda: _tag(manager, late[0])["model_version"] == second["number"],
        "the second model to serve",
    )


def _make_project(manager: Person, reviewer: Person, annotators: list[Person]) -> None:
    labels = [{"name": name} for name in LABELS]
    manager.post("projects/", {"name": "ML", "slug": PROJECT, "labels": labels, "overlap": 2})
    roles = {reviewer: "reviewer"} | dict.fromkeys(annotators, "annotator")
    for person, role in roles.items():
        manager.post(f"projects/{PROJECT}/members/", {"username": person.username, "role": role})


def _import(manager: Person, items: list[Content]) -> dict[str, Any]:
    files = {"file": ("content.csv", as_csv(items), "text/csv")}
    job: dict[str, Any] = manager.post(f"projects/{PROJECT}/items/import/?wait=30", files=files)
    assert job["refused"] == 0, job["problems"]
    return job


def _retrain(stack: Stack, manager: Person, *, kill_once: bool) -> dict[str, dict[str, Any]]:
    """Press Retrain and wait for the models; kill the worker in the middle where asked."""
    run = manager.post(f"projects/{PROJECT}/runs/")
    path = f"projects/{PROJECT}/runs/{run['number']}/"
    if kill_once:
        await_value(lambda: manager.get(path)["state"] == "running", "the run to start")
        assert stack.kill("worker", "training")
    ended = await_value(lambda: _ended(manager, path), "the run to end")
    assert ended["state"] == "succeeded", ended
    assert ended["attempt"] == (2 if kill_once else 1)
    models = manager.get(f"projects/{PROJECT}/models/")["results"]
    return {
        model["recipe"]: manager.get(f"projects/{PROJECT}/models/{model['number']}/")
        for model in models
        if model["run"] == run["number"]
    }


def _approve(manager: Person, model: dict[str, Any]) -> None:
    path = f"projects/{PROJECT}/models/{model['number']}/approve/"
    manager.post(path, {"comment": "The figures were looked at; take it."})
    await_value(
        lambda: manager.get(f"projects/{PROJECT}/models/{model['number']}/")["stage"] == "champion",
        "the model to be the champion",
    )


def _tag(manager: Person, item: Content) -> dict[str, Any]:
    """Ask for a tag, over Django's API, until a model is in service."""
    body = {"title": item.title, "body": item.body, "external_id": item.external_id}
    given = await_value(lambda: _answer(manager, body), "a model in service")
    assert sum(given["probabilities"].values()) == pytest.approx(1)
    stored = manager.get(f"projects/{PROJECT}/predictions/{given['prediction_id']}/")
    assert stored["label"] == given["label"]
    return given


def _ended(manager: Person, path: str) -> dict[str, Any] | None:
    run: dict[str, Any] = manager.get(path)
    return None if run["state"] in {"queued", "running"} else run


def _answer(manager: Person, body: dict[str, str]) -> dict[str, Any] | None:
    answer = manager.http.post(f"projects/{PROJECT}/tag/", json=body)
    if answer.status_code == 503:
        return None
    given: dict[str, Any] = answer.raise_for_status().json()
    return given


def _report_a_wrong_one(
    manager: Person, predictions: list[dict[str, Any]], items: list[Content]
) -> None:
    """Report one wrong tag that the model was sure of, or else any tag."""
    pairs = list(zip(predictions, items, strict=True))
    wrong = [pair for pair in pairs if pair[0]["label"] != pair[1].tag]
    prediction, item = next((p for p in wrong if p[0]["route"] == "accept"), pairs[0])
    path = f"projects/{PROJECT}/predictions/{prediction['prediction_id']}/report/"
    manager.post(path, {"label": item.tag, "comment": "It reads otherwise."})


def _routed(manager: Person, unsure: list[dict[str, Any]]) -> int:
    """Return how many of the predictions lead to a task, once all do."""
    details = [
        manager.get(f"projects/{PROJECT}/predictions/{given['prediction_id']}/") for given in unsure
    ]
    count = sum(detail["routing"] is not None for detail in details)
    return count if count == len(unsure) else 0
