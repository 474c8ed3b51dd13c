"""Predictions that are written without the ORM: no column may be forgotten."""

import pytest

from classifier import batch_work
from classifier.models import Prediction
from classifier.serving import store


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
