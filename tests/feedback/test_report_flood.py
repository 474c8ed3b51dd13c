"""A flood of reports: it is stored, opens a few cases, changes no label, and hides nobody's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from classifier.models import ModelVersion, Prediction
from feedback import reports
from feedback.models import Report, RoutingPolicy
from feedback.reports import report
from feedback.tasks import open_reports, route_predictions
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.models import Project, Resolution, Role, Task
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction

MANY, CAP = 2000, 20


@pytest.fixture
def predictions(model: ModelVersion, project: Project) -> list[Prediction]:
    """Thousands of tags that were accepted, routed already."""
    RoutingPolicy.objects.create(project=project, audit_share=0.0)
    first = make_prediction(model, "alpha", 0.9)
    made = [
        Prediction(
            project=project,
            model_version=model,
            title=f"Flooded {number}",
            label=first.label,
            confidence=0.9,
            probabilities=first.probabilities,
            route="accept",
            threshold=0.8,
            source="realtime",
        )
        for number in range(MANY)
    ]
    Prediction.objects.bulk_create(made)
    route_predictions()
    return made


def test_a_flood_from_one_key_drowns_nobody(
    predictions: list[Prediction], project: Project, annotator: User, reviewer: User
) -> None:
    flooder = Access(project, annotator, Role.ANNOTATOR)
    for prediction in predictions:
        report(access=flooder, prediction_id=prediction.pk)
    assert Report.objects.count() == MANY
    assert Report.objects.filter(waiting=True).count() == MANY - CAP
    assert Task.objects.count() == CAP
    assert not Resolution.objects.exists()
    # Another reporter is heard the same day, and before all of them once they are known.
    other = Access(project, reviewer, Role.REVIEWER)
    made, _ = report(access=other, prediction_id=predictions[-1].pk, label_name="beta")
    assert (made.waiting, made.task is not None) == (False, True)
    open_reports()
    assert Task.objects.count() == CAP + 1
    Report.objects.exclude(task=None).update(opened_at=timezone.now() - timedelta(days=1))
    open_reports()
    assert Task.objects.count() == 2 * CAP + 1
    assert Report.objects.filter(waiting=True).count() == MANY - 2 * CAP


def keep(model: ModelVersion, reporter: User, *, opened: int, waiting: int) -> None:
    """Store reports of somebody: so many opened a case on the day before, so many wait."""
    for place in range(opened + waiting):
        Report.objects.create(
            project=model.project,
            prediction=make_prediction(model, "alpha", 0.9),
            reported_by=reporter,
            reporter=f"user:{reporter.pk}",
            waiting=place >= opened,
            opened_at=timezone.now() - timedelta(days=1) if place < opened else None,
        )


def waiting_of(reporter: User) -> int:
    """Return how many reports of somebody wait."""
    return Report.objects.filter(reported_by=reporter, waiting=True).count()


def test_who_has_much_waiting_keeps_nobody_else_waiting(
    model: ModelVersion,
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One reporter is heard each time: first the one never heard, then in turn."""
    monkeypatch.setattr(reports, "REPORTERS_AT_ONCE", 1)
    RoutingPolicy.objects.create(project=project, audit_share=0.0, report_cap=2)
    keep(model, annotator, opened=1, waiting=9)
    keep(model, second_annotator, opened=1, waiting=2)
    keep(model, reviewer, opened=0, waiting=1)
    told = []
    for _ in range(4):
        open_reports()
        told.append(tuple(map(waiting_of, (annotator, second_annotator, reviewer))))
    assert told == [(9, 2, 0), (7, 2, 0), (7, 0, 0), (7, 0, 0)]


def test_a_project_with_much_waiting_keeps_no_other_waiting(
    model: ModelVersion,
    project: Project,
    other_project: Project,
    annotator: User,
    second_annotator: User,
    outsider: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reports, "REPORTERS_AT_ONCE", 1)
    for each in (project, other_project):
        RoutingPolicy.objects.create(project=each, audit_share=0.0, report_cap=1)
    keep(model, annotator, opened=0, waiting=5)
    keep(model, second_annotator, opened=0, waiting=5)
    other_project.labels.create(name="alpha")
    keep(make_model(other_project), outsider, opened=0, waiting=1)
    open_reports()
    assert tuple(map(waiting_of, (annotator, second_annotator, outsider))) == (4, 5, 0)
    open_reports()
    assert tuple(map(waiting_of, (annotator, second_annotator, outsider))) == (4, 4, 0)


def test_who_was_right_before_comes_first(
    model: ModelVersion, project: Project, annotator: User, reviewer: User, manager: User
) -> None:
    RoutingPolicy.objects.create(project=project, audit_share=0.0)
    good = Access(project, annotator, Role.ANNOTATOR)
    bad = Access(project, reviewer, Role.REVIEWER)
    for access, truth in ((good, "beta"), (bad, "alpha")):
        for _ in range(9):
            made, _ = report(access=access, prediction_id=make_prediction(model, "alpha", 0.9).pk)
            assert made.task is not None
            decide(project=project, user=manager, task_id=made.task.pk, label_name=truth)
    late, _ = report(access=bad, prediction_id=make_prediction(model, "alpha", 0.9).pk)
    soon, _ = report(access=good, prediction_id=make_prediction(model, "alpha", 0.9).pk)
    assert late.task is not None
    assert soon.task is not None
    # 9 of 9: at least 0.05 ** (1 / 10) = 0.74 of theirs are right; 0 of 9: at least 0.005.
    assert (soon.task.priority, late.task.priority) == (23, 20)


def test_a_confirmation_counts_for_nothing_but_itself(
    model: ModelVersion, project: Project, annotator: User
) -> None:
    access = Access(project, annotator, Role.ANNOTATOR)
    made, _ = report(
        access=access, prediction_id=make_prediction(model, "alpha", 0.9).pk, agrees=True
    )
    assert (made.agrees, made.task, made.waiting, made.opened_at) == (True, None, False, None)
    assert not Task.objects.exists()
