"""GET /api/projects/SLUG/predictions/file/: CSV, JSON lines, Parquet."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from classifier import predictions_file
from classifier.models import Prediction
from labeling.models import Event, Item, Project
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction

URL = "/api/projects/test/predictions/file/"
Api = Callable[[User], APIClient]


@pytest.fixture
def predictions(project: Project, make_item: Callable[..., Item]) -> list[Prediction]:
    """One in real time, and two of a batch on items."""
    model = make_model(project)
    first = make_prediction(model, "alpha", 0.95, external_id="a", body="naïve\nzwei")
    batch = [
        make_prediction(model, "beta", 0.4, source="batch", item=make_item(), external_id=name)
        for name in ("b", "=1+1")
    ]
    return [first, *batch]


def content(api: APIClient, query: str) -> bytes:
    """Return a file."""
    response = api.get(URL + query)
    assert response.status_code == 200
    return b"".join(response)


def test_csv(predictions: list[Prediction], reviewer: User, api_for: Api) -> None:
    text = content(api_for(reviewer), "?as=csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["prediction_id"] for row in rows] == [str(each.pk) for each in predictions[::-1]]
    assert rows[2]["body"] == "naïve\nzwei"
    assert (rows[2]["item"], rows[1]["item"]) == ("", str(predictions[1].item_id))
    assert float(rows[2]["confidence"]) == 0.95
    assert json.loads(rows[2]["probabilities"]) == predictions[0].probabilities
    assert rows[0]["external_id"] == "'=1+1", "no cell runs as a formula"


def test_json_lines(predictions: list[Prediction], reviewer: User, api_for: Api) -> None:
    lines = content(api_for(reviewer), "?as=jsonl&source=batch").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["external_id"] for row in rows] == ["=1+1", "b"]
    assert (rows[0]["label"], rows[0]["model_version"], rows[0]["route"]) == ("beta", 1, "review")


def test_parquet_in_more_than_one_chunk(
    predictions: list[Prediction],
    reviewer: User,
    api_for: Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parquet: Any = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(predictions_file, "CHUNK", 2)
    table = parquet.read_table(io.BytesIO(content(api_for(reviewer), "?as=parquet")))
    assert table.num_rows == 3
    assert table["confidence"].to_pylist() == [0.4, 0.4, 0.95]
    assert json.loads(table["probabilities"].to_pylist()[2]) == predictions[0].probabilities


@pytest.mark.parametrize(
    ("query", "found"),
    [("item={item}", 1), ("model_version=1", 3), ("model_version=2", 0), ("item=x", 0)],
)
def test_by_item_and_model_here_and_in_the_list(
    predictions: list[Prediction], reviewer: User, api_for: Api, query: str, found: int
) -> None:
    query = query.format(item=predictions[1].item_id)
    assert len(content(api_for(reviewer), f"?as=jsonl&{query}").splitlines()) == found
    listed = api_for(reviewer).get(f"/api/projects/test/predictions/?{query}").json()
    assert len(listed["results"]) == found


def test_it_is_written_down(predictions: list[Prediction], reviewer: User, api_for: Api) -> None:
    content(api_for(reviewer), "?as=csv&route=review")
    event = Event.objects.get(verb="exported predictions")
    assert (event.actor, event.after, event.reason) == (reviewer, "csv", "route=review")


@pytest.mark.parametrize("query", ["", "?as=xlsx"])
def test_an_unknown_format(project: Project, reviewer: User, api_for: Api, query: str) -> None:
    response = api_for(reviewer).get(URL + query)
    assert response.status_code == 422
    assert response.json()["detail"] == "as: choose one of csv, jsonl, parquet."
