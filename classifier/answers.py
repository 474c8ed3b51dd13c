"""A model's answers to the holdout as a file, by which every figure can be computed again."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404

from classifier.models import Evaluation, HoldoutPrediction
from labeling.models import Project
from labeling.spreadsheet_text import neutralise

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
CHUNK = 1000
_FIELDS = ("row__external_id", "row__label", "predicted", "confidence", "probabilities")


def answers_file(project: Project, number: int, form: str) -> StreamingHttpResponse:
    """Return the answers of a project's model as a download; any unknown form gives CSV.

    Raises:
        Http404: the project has no such model.
    """
    mine = Evaluation.objects.filter(model_version__project=project)
    evaluation = get_object_or_404(mine, model_version__number=number)
    form = form if form in CONTENT_TYPES else "csv"
    name = f"{project.slug}-model-{number}-holdout.{form}"
    return StreamingHttpResponse(
        lines(evaluation, form),
        content_type=CONTENT_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def lines(evaluation: Evaluation, form: str) -> Iterator[bytes]:
    """Yield the answers as CSV, or as JSON lines for the form `jsonl`.

    Each has the item's external id, its label, the model's label, the confidence, and the
    probability of each label: in CSV a column `p:LABEL` for each.
    """
    labels: list[str] = evaluation.overall["labels"]
    answers = HoldoutPrediction.objects.filter(evaluation=evaluation).order_by("id")
    rows = answers.values_list(*_FIELDS).iterator(chunk_size=CHUNK)
    if form == "csv":
        yield _csv(["external_id", "label", "predicted", "confidence", *(f"p:{x}" for x in labels)])
    for name, label, predicted, confidence, shares in rows:
        if form == "csv":
            said = (neutralise(each) for each in (name, label, predicted))
            yield _csv([*said, confidence, *shares])
            continue
        content: dict[str, Any] = {
            "external_id": name,
            "label": label,
            "predicted": predicted,
            "confidence": confidence,
            "probabilities": dict(zip(labels, shares, strict=True)),
        }
        yield orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)


def _csv(cells: list[Any]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
