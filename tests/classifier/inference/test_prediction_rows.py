"""Predictions that are written without the ORM: no column may be forgotten."""

from uuid import UUID

import pytest
from django.utils import timezone

from classifier import batch_work
from classifier.models import ModelVersion, Prediction
from classifier.prediction_rows import insert_predictions, new_ids
from classifier.serving import store
from labeling.models import Project
from tests.classifier.champions import make_model

MINIMAL = (
    *("id", "project_id", "model_version_id", "label_id", "confidence", "probabilities"),
    *("route", "threshold", "source", "body", "external_id", "request_id", "created_at"),
)


def minimal(model: ModelVersion, ids: list[UUID]) -> list[tuple[object, ...]]:
    """Return rows of what a prediction must say."""
    label = model.project.labels.get(name="alpha").pk
    said = (model.project_id, model.pk, label, 0.9, {"alpha": 0.9}, "accept", 0.8, "batch")
    return [(one, *said, "", "", "", timezone.now()) for one in ids]


@pytest.mark.parametrize("columns", [store.COLUMNS, batch_work.COLUMNS])
def test_no_column_that_must_be_filled_is_left_out(columns: tuple[str, ...]) -> None:
    fields = Prediction._meta.concrete_fields
    needed = {
        field.column
        for field in fields
        if not field.null and not field.has_default() and not field.has_db_default()
    }
    may_be_empty = {field.column for field in fields if field.blank}
    assert needed - may_be_empty <= {*columns, "created_at"}
    assert set(columns) <= {field.column for field in fields}


def test_what_is_there_already_stays_and_is_not_counted(project: Project) -> None:
    model = make_model(project)

    def rows(ids: list[UUID], title: str) -> list[tuple[object, ...]]:
        return [(*row, title) for row in minimal(model, ids)]

    columns = (*MINIMAL, "title")
    known, new = new_ids(70), new_ids(70)
    assert len({*known, *new}) == 140
    assert insert_predictions(columns, rows(known, "first")) == 70
    # More than SQLite takes in one statement, and the known ones on both sides of its edge.
    assert insert_predictions(columns, rows([*known[:60], *new, *known[60:]], "second")) == 70
    assert Prediction.objects.filter(title="first", pk__in=known).count() == 70
    assert Prediction.objects.filter(title="second", pk__in=new).count() == 70
