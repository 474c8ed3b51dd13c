"""The figures of an evaluation against scikit-learn's own, on the exported answers."""

import csv
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from django.test import Client
from rest_framework.test import APIClient
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from classifier.models import Evaluation
from labeling.models import Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained

PAGE = "/p/test/models/1/answers/export/"
API = "/api/projects/test/models/1/answers/"
LABELS = ["alpha", "beta", "gamma"]


@pytest.fixture
def evaluation(label_items: LabelItems, trained: Trained, project: Project) -> Evaluation:
    """The evaluation of a model that makes mistakes: a third of the labels are wrong."""
    label_items(40)
    labels = list(project.labels.all())
    for place, resolution in enumerate(project.resolutions.order_by("item_id")):
        if place % 3 == 0:
            project.resolutions.filter(pk=resolution.pk).update(label=labels[place % 7 % 3])
    made: Evaluation = trained("keywords").model_versions.get().evaluation
    return made


def body(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response).decode()


def test_the_page_agrees_with_scikit_learn(as_manager: Client, evaluation: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(body(as_manager.get(PAGE)))))
    truth, said = [row["label"] for row in rows], [row["predicted"] for row in rows]
    page = " ".join(as_manager.get("/p/test/models/1/").content.decode().split())

    assert len(rows) == evaluation.rows == 24
    overall = evaluation.overall
    assert overall["accuracy"]["value"] == pytest.approx(accuracy_score(truth, said))
    for mean in ("macro", "weighted"):
        theirs = precision_recall_fscore_support(truth, said, average=mean, zero_division=0)
        ours = [overall[mean][name] for name in ("precision", "recall", "f1")]
        assert ours == pytest.approx(theirs[:3])
        assert f">{f1_score(truth, said, average=mean):.2f}</a>" in page
    theirs = precision_recall_fscore_support(
        truth, said, average=None, labels=LABELS, zero_division=0
    )
    for place, each in enumerate(evaluation.per_class):
        found = [each[name] for name in ("precision", "recall", "f1", "support")]
        assert found == pytest.approx([column[place] for column in theirs])
        assert f"{each['f1']:.2f}" in page
    assert evaluation.confusion == confusion_matrix(truth, said, labels=LABELS).tolist()
    cells = re.findall(r'answers/\?true=(\w+)&amp;predicted=(\w+)">(\d+)<', page)
    assert {(true, called): int(count) for true, called, count in cells} == {
        (true, called): int(count)
        for true, counts in zip(LABELS, evaluation.confusion, strict=True)
        for called, count in zip(LABELS, counts, strict=True)
        if count
    }


def test_confidence_is_calibrated_as_the_answers_say(
    as_manager: Client, evaluation: Evaluation
) -> None:
    rows = list(csv.DictReader(io.StringIO(body(as_manager.get(PAGE)))))
    shares = np.array([[float(row[f"p:{label}"]) for label in LABELS] for row in rows])
    sure = np.array([float(row["confidence"]) for row in rows])
    right = np.array([row["label"] == row["predicted"] for row in rows])
    bins = np.minimum(np.ceil(sure * 10) - 1, 9)
    error = sum(
        (bins == each).mean() * abs(sure[bins == each].mean() - right[bins == each].mean())
        for each in np.unique(bins)
    )

    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert shares.max(axis=1) == pytest.approx(sure)
    assert [LABELS[place] for place in shares.argmax(axis=1)] == [row["predicted"] for row in rows]
    assert evaluation.calibration["after"]["error"] == pytest.approx(error)


def test_json_lines_hold_the_same(api: APIClient, evaluation: Evaluation) -> None:
    rows = list(csv.DictReader(io.StringIO(body(api.get(API)))))
    lines = [json.loads(line) for line in body(api.get(f"{API}?as=jsonl")).splitlines()]

    assert [line["external_id"] for line in lines] == [row["external_id"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert line["confidence"] == float(row["confidence"])
        assert line["probabilities"] == {label: float(row[f"p:{label}"]) for label in LABELS}


def test_no_cell_runs_as_a_formula(as_manager: Client, evaluation: Evaluation) -> None:
    answer = evaluation.predictions.all()[0]
    type(answer.row).objects.filter(pk=answer.row_id).update(external_id="=1+1")

    assert "\n'=1+1," in body(as_manager.get(PAGE)).replace("\r", "")


@pytest.mark.parametrize(("who", "status"), [("annotator", 403), ("outsider", 404)])
def test_others_get_nothing(caller: Caller, evaluation: Evaluation, who: str, status: int) -> None:
    browser, client = caller(who)

    assert (browser.get(PAGE).status_code, client.get(API).status_code) == (status, status)
