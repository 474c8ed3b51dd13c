"""A promise that holds for less is a reason to retrain, as the default rules have it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from classifier.deploy import close_accepting, set_label_thresholds, set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import (
    HoldoutPrediction,
    ModelVersion,
    Prediction,
    SnapshotRow,
    TrainingRun,
)
from feedback.models import RetrainProposal
from feedback.triggers.proposals import propose, set_policy
from labeling.access import Access
from labeling.models import Project
from tests.classifier.predictions import make_prediction


def said(project: Project) -> list[tuple[str, str, str]]:
    """Look for reasons, and return the proposals."""
    propose(project)
    rows = RetrainProposal.objects.order_by("id")
    return list(rows.values_list("trigger", "reason", "state"))


@pytest.fixture
def promised(model: ModelVersion, manager_access: Access) -> Callable[..., Project]:
    """A champion sure of 80 of 100 holdout texts under a promise, and of some live ones.

    The policy is the one that projects begin with.
    """
    for place in range(100):
        row = SnapshotRow.objects.create(
            snapshot=model.snapshot, split="holdout", external_id=f"h{place}", title="t",
            body="", label="alpha", method="agreement",
        )  # fmt: skip
        model.evaluation.predictions.create(
            row=row, predicted="alpha", confidence=0.8 if place < 80 else 0.5, probabilities=[]
        )
    set_threshold(access=manager_access, threshold=0.8, promise=Promise(0.05, 0.05))

    def answer(answers: int, accepted: int) -> Project:
        first = make_prediction(model, "alpha", 0.8)
        same: dict[str, Any] = {
            "project": model.project,
            "model_version": model,
            "label": first.label,
            "probabilities": {},
            "threshold": 0.8,
            "source": "realtime",
            "title": "t",
        }
        Prediction.objects.bulk_create(
            Prediction(confidence=0.8 if place < accepted else 0.79, route="accept", **same)
            for place in range(1, answers)
        )
        return model.project

    return answer


def test_a_promise_that_accepts_surely_less(promised: Callable[..., Project]) -> None:
    project = promised(200, 134)
    reason = (
        "Of the last 14 days' 200 answers 67% are sure enough to be accepted under the promise; "
        "of the holdout's 80% were."
    )
    assert said(project) == [("promise", reason, "open")]


def test_each_label_counts_from_its_own_threshold_on(
    promised: Callable[..., Project], manager_access: Access
) -> None:
    project = promised(200, 134)
    own = {"alpha": 0.9}
    set_label_thresholds(access=manager_access, by_label=own, promise=Promise(0.05, 0.05))
    assert said(project) == []
    set_label_thresholds(
        access=manager_access, by_label={"alpha": 0.8}, promise=Promise(0.05, 0.05)
    )
    assert [trigger for trigger, _, _ in said(project)] == ["promise"]


@pytest.mark.parametrize(("answers", "accepted"), [(200, 135), (199, 0)])
def test_what_may_be_chance_or_is_little_is_no_reason(
    promised: Callable[..., Project], answers: int, accepted: int
) -> None:
    assert said(promised(answers, accepted)) == []


def test_answers_of_more_than_14_days_ago_do_not_count(promised: Callable[..., Project]) -> None:
    project = promised(200, 100)
    old = timezone.now() - timedelta(days=14, minutes=1)
    Prediction.objects.filter(pk=Prediction.objects.first().pk).update(created_at=old)  # type: ignore[union-attr]
    assert said(project) == []


def test_a_small_holdout_tells_nothing_of_the_promise(promised: Callable[..., Project]) -> None:
    project = promised(200, 1)
    HoldoutPrediction.objects.filter(
        pk__in=HoldoutPrediction.objects.values_list("pk")[:51]
    ).delete()
    assert said(project) == []


def test_without_a_promise_less_accepted_is_no_reason(
    promised: Callable[..., Project], manager_access: Access
) -> None:
    project = promised(200, 100)
    set_threshold(access=manager_access, threshold=0.8)
    assert said(project) == []


def test_the_rule_of_the_promise_can_be_turned_off(
    promised: Callable[..., Project], manager_access: Access
) -> None:
    project = promised(200, 100)
    set_policy(access=manager_access, changes={"on_promise": False})
    assert said(project) == []


def test_a_promise_that_audits_refuted_is_a_reason_until_a_run_is_made(
    promised: Callable[..., Project],
) -> None:
    project = promised(1, 1)
    assert said(project) == []
    close_accepting(project=project, reason="6 of 10 audited answers were wrong.")
    reason = "Nothing is accepted any more. 6 of 10 audited answers were wrong."
    assert said(project) == [("promise", reason, "open")]
    RetrainProposal.objects.all().delete()
    TrainingRun.objects.update(created_at=timezone.now() + timedelta(minutes=1))
    assert said(project) == []
