"""GET /metrics: what Prometheus reads."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from classifier.models import ModelVersion, Stage
from labeling.models import Project
from tests.classifier.champions import make_model, promote
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(http: httpx.Client) -> Figures:
    """Return every figure by its name and labels."""
    response = http.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def grown(before: Figures, after: Figures, name: str, **labels: str) -> float:
    """Return how much a figure has grown."""
    key = (f"tagloop_serving_{name}", frozenset(labels.items()))
    return after.get(key, 0.0) - before.get(key, 0.0)


def test_calls_batches_and_predictions_are_counted(ask: Ask, http: httpx.Client) -> None:
    before = read(http)
    for _ in range(2):
        assert ask(headers={"Idempotency-Key": "once"}).status_code == 200
    assert ask(title="").status_code == 422
    assert http.get("/nowhere").status_code == 404
    after = read(http)
    assert grown(before, after, "requests_total", path="/v1/tag", code="200") == 2
    assert grown(before, after, "requests_total", path="/v1/tag", code="422") == 1
    assert grown(before, after, "requests_total", path="other", code="404") == 1
    assert grown(before, after, "request_seconds_count", path="/v1/tag") == 3
    assert grown(before, after, "stored_predictions_total") == 1
    assert grown(before, after, "batch_size_count") == 2
    assert after["tagloop_serving_waiting", frozenset()] == 0


def test_the_model_of_each_project(
    process: Process, http: httpx.Client, project: Project, champion: ModelVersion
) -> None:
    key = ("tagloop_serving_model", frozenset({("project", "test")}))
    assert read(http)[key] == 1
    promote(make_model(project, stage=Stage.CANDIDATE))
    process.poll()
    assert read(http)[key] == 2
    project.model_versions.update(stage=Stage.RETIRED)
    process.poll()
    assert read(http)[key] == 0
