"""GET /api/projects/SLUG/predictions/."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Prediction
from labeling.models import Project
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction

URL = "/api/projects/test/predictions/"
Api = Callable[[User], APIClient]


@pytest.fixture
def predictions(project: Project) -> list[Prediction]:
    """Three predictions, the oldest first."""
    model = make_model(project)
    return [
        make_prediction(model, "alpha", 0.95, external_id="a"),
        make_prediction(model, "beta", 0.4, external_id="b"),
        make_prediction(model, "beta", 0.9, external_id="b", source="batch"),
    ]


def ids(response: object) -> list[str]:
    """Return the ids of a page."""
    return [row["prediction_id"] for row in response.json()["results"]]  # type: ignore[attr-defined]


def test_the_newest_first_with_all_that_was_stored(
    predictions: list[Prediction], reviewer: User, api_for: Api
) -> None:
    response = api_for(reviewer).get(URL)
    assert ids(response) == [str(each.pk) for each in reversed(predictions)]
    row = response.json()["results"][2]
    assert (row["label"], row["confidence"], row["model_version"]) == ("alpha", 0.95, 1)
    assert (row["route"], row["source"], row["item"]) == ("accept", "realtime", None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("route=review", [1]),
        ("label=beta", [2, 1]),
        ("external_id=a", [0]),
        ("source=batch", [2]),
        ("label=beta&route=accept", [2]),
        ("label=nothing", []),
        ("external_id=%00", []),
    ],
)
def test_filters(
    predictions: list[Prediction], reviewer: User, api_for: Api, query: str, found: list[int]
) -> None:
    response = api_for(reviewer).get(f"{URL}?{query}")
    assert ids(response) == [str(predictions[place].pk) for place in found]


def test_pages(predictions: list[Prediction], reviewer: User, api_for: Api) -> None:
    first = api_for(reviewer).get(f"{URL}?page_size=2")
    second = api_for(reviewer).get(first.json()["next"])
    assert ids(first) + ids(second) == [str(each.pk) for each in reversed(predictions)]


def test_who_may(
    predictions: list[Prediction],
    annotator: User,
    outsider: User,
    api_for: Api,
) -> None:
    assert api_for(annotator).get(URL).status_code == 403
    assert api_for(outsider).get(URL).status_code == 404
    assert ids(api_for(outsider).get("/api/projects/other/predictions/")) == []
    assert APIClient().get(URL).status_code == 401


def test_queries(
    predictions: list[Prediction],
    reviewer: User,
    api_for: Api,
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        assert api_for(reviewer).get(URL).status_code == 200
