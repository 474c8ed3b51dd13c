"""From an answer on to the models that learned from it: its page, and the same over REST."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import DatasetSnapshot, ModelVersion, Stage
from labeling.annotate import submit
from labeling.models import Annotation, Item, Project, Task, TaskState
from labeling.queue import claim
from tests.classifier.champions import make_model

Api = Callable[[User], APIClient]


@pytest.fixture
def given(project: Project, annotator: User, make_item: Callable[..., Item]) -> Annotation:
    """An answer, alpha, to an item that waits for nobody."""
    make_item("Counting penguins")
    look = claim(project=project, user=annotator)
    assert look is not None
    submit(
        project=project,
        user=annotator,
        assignment_id=look.pk,
        token=look.token,
        label_name="alpha",
        idempotency_key="1",
    )
    Task.objects.update(state=TaskState.CLOSED)
    return Annotation.objects.get()


def trained(given: Annotation, *, use: str = "pool", label: str = "alpha", hours: float = 1) -> int:
    """Make a model whose snapshot was taken some hours after an answer; return its number."""
    stage = Stage.CANDIDATE if ModelVersion.objects.exists() else Stage.CHAMPION
    model = make_model(given.project, stage=stage)
    when = given.created_at + timedelta(hours=hours)
    DatasetSnapshot.objects.filter(pk=model.snapshot_id).update(created_at=when)
    model.snapshot.rows.create(
        item=given.item, split=use, external_id="1", title="t", label=label, weight=0.5
    )
    return model.number


def told(api_for: Api, user: User, given: Annotation) -> dict[str, Any]:
    """Return what REST says of an answer."""
    found: dict[str, Any] = api_for(user).get(f"/api/projects/test/annotations/{given.pk}/").json()
    return found


def test_on_to_every_model_that_learned_from_it(
    given: Annotation, reviewer: User, api_for: Api
) -> None:
    trained(given)
    trained(given, use="holdout", label="beta")
    trained(given, hours=-1)
    make_model(given.project, stage=Stage.CANDIDATE)
    found = told(api_for, reviewer, given)
    assert (found["annotator"], found["label"], found["guideline"]) == ("annotator", "alpha", 1)
    assert (found["item"], found["hidden"], found["cut"]) == (given.item_id, False, False)
    row = {"recipe": "keywords", "weight": 0.5}
    assert found["models"] == [
        {"model": 2, "run": 2, "snapshot": 2, "stage": "candidate", "use": "holdout"}
        | {"label": "beta", "counted": False}
        | row,
        {"model": 1, "run": 1, "snapshot": 1, "stage": "champion", "use": "pool"}
        | {"label": "alpha", "counted": True}
        | row,
    ]


def test_nothing_learned_from_it_after_it_was_superseded(
    given: Annotation, reviewer: User, api_for: Api
) -> None:
    trained(given, hours=1)
    trained(given, hours=3)
    undo = Annotation.objects.create(
        project=given.project,
        item=given.item,
        assignment=given.assignment,
        annotator=given.annotator,
        supersedes=given,
        idempotency_key="2",
        created_at=given.created_at + timedelta(hours=2),
    )
    found = told(api_for, reviewer, given)
    assert [each["model"] for each in found["models"]] == [1]
    assert found["superseded_by"] == undo.pk
    taken_back = told(api_for, reviewer, undo)
    assert (taken_back["label"], taken_back["models"]) == (None, [])


def test_an_answer_to_a_check_teaches_nobody(
    given: Annotation, reviewer: User, api_for: Api
) -> None:
    trained(given)
    Annotation.objects.update(checking=True)
    assert told(api_for, reviewer, given)["models"] == []


@pytest.mark.parametrize("state", [TaskState.OPEN, TaskState.REVIEW])
def test_nothing_is_told_while_the_item_waits(
    given: Annotation,
    reviewer: User,
    api_for: Api,
    client_for: Callable[[User], Client],
    state: TaskState,
) -> None:
    trained(given)
    Task.objects.update(state=state)
    found = told(api_for, reviewer, given)
    assert (found["hidden"], found["annotator"], found["label"]) == (True, None, None)
    assert found["models"] == []
    text = client_for(reviewer).get(f"/p/test/annotations/{given.pk}/").content.decode()
    assert "Not shown yet" in text
    assert "alpha" not in text


def test_the_page(given: Annotation, reviewer: User, client_for: Callable[[User], Client]) -> None:
    client = client_for(reviewer)
    url = f"/p/test/annotations/{given.pk}/"
    assert "No model has learned from it" in client.get(url).content.decode()
    number = trained(given)
    text = client.get(url).content.decode()
    assert f'href="/p/test/models/{number}/"' in text
    assert "for it" in text
    assert url in client.get(f"/p/test/items/{given.item_id}/").content.decode()


def test_who_may(
    given: Annotation, annotator: User, reviewer: User, outsider: User, api_for: Api
) -> None:
    url = f"/api/projects/test/annotations/{given.pk}/"
    assert api_for(annotator).get(url).status_code == 403
    assert api_for(outsider).get(url).status_code == 404
    assert api_for(outsider).get(url.replace("test", "other")).status_code == 404
    assert api_for(reviewer).get("/api/projects/test/annotations/999999/").status_code == 404


def test_only_the_newest_models_are_shown(
    given: Annotation,
    reviewer: User,
    api_for: Api,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    monkeypatch.setattr("feedback.learned.MODELS_SHOWN", 2)
    for _ in range(3):
        trained(given)
    assert timezone.now() > given.created_at
    with django_assert_max_num_queries(8):
        found = told(api_for, reviewer, given)
    assert ([each["model"] for each in found["models"]], found["cut"]) == ([3, 2], True)
