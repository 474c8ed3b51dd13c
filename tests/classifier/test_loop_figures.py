"""Steps 4 to 7 on the loop page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.loop import figures
from classifier.models import (
    DatasetSnapshot,
    Deployment,
    Evaluation,
    ModelVersion,
    Prediction,
    Stage,
    TrainingRun,
    Trial,
)
from labeling.loop import StepFigure
from labeling.models import Adjudication, Item, JobState, Project, ResolutionMethod
from labeling.resolve import derive
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction

MakeItem = Callable[..., Item]


def step(project: Project, number: int) -> StepFigure:
    """Return the figure of a step."""
    return next(figure for figure in figures(project) if figure.step == number)


def add_labeled(project: Project, make_item: MakeItem, count: int) -> None:
    """Add items of alpha and beta, in turn."""
    labels = list(project.labels.all())[:2]
    for number in range(count):
        item = make_item(f"Text of its own, number {number}", task=False)
        Adjudication.objects.create(
            project=project, item=item, label=labels[number % 2], method=ResolutionMethod.IMPORTED
        )
        derive(item)


def add_run(project: Project, number: int, state: JobState = JobState.SUCCEEDED) -> TrainingRun:
    """Add a run with its snapshot."""
    snapshot = DatasetSnapshot.objects.create(
        project=project, number=number, hash="h", labels=[], training_rows=0, holdout_rows=0
    )
    return TrainingRun.objects.create(
        project=project, number=number, recipes={}, snapshot=snapshot, state=state
    )


def add_model(run: TrainingRun, number: int, stage: Stage, *, passed: bool = True) -> ModelVersion:
    """Add an evaluated model."""
    assert run.snapshot is not None
    model = ModelVersion.objects.create(
        project=run.project,
        number=number,
        run=run,
        snapshot=run.snapshot,
        recipe=f"recipe {number}",
        stage=stage,
        manifest={},
        train_seconds=1,
    )
    Evaluation.objects.create(
        model_version=model,
        rows=0,
        weighted_f1=0,
        overall={},
        per_class=[],
        confusion=[],
        slices=[],
        calibration={},
        comparison={},
        checks=[],
        passed=passed,
    )
    return model


def test_a_new_project_has_nothing_to_train(project: Project) -> None:
    found = {figure.step: (figure.count, figure.note) for figure in figures(project)}
    assert found == {
        4: (0, "new labels, never trained"),
        5: (0, "nothing waits for approval"),
        6: ("none", "no champion yet"),
        7: (0, "needs a champion"),
    }
    assert step(project, 4).backlog is None


def test_enough_labels_and_no_model_hold_the_loop_up(project: Project, make_item: MakeItem) -> None:
    add_labeled(project, make_item, 60)
    backlog = step(project, 4).backlog
    assert backlog is not None
    assert backlog.sentence == "60 items have labels, and no model has learned from them"


def test_labels_count_from_the_last_snapshot_on(project: Project, make_item: MakeItem) -> None:
    add_labeled(project, make_item, 3)
    add_run(project, 1)
    add_labeled_later = make_item("Later", task=False)
    Adjudication.objects.create(
        project=project, item=add_labeled_later, label=project.labels.all()[0]
    )
    derive(add_labeled_later)
    training = step(project, 4)
    assert (training.count, training.note) == (1, "new labels since the last snapshot")
    assert (training.flow, training.backlog) == ("1 a week", None)


def test_a_run_that_is_on_is_named(project: Project) -> None:
    add_run(project, 1, JobState.RUNNING)
    assert step(project, 4).note == "run 1 is running"


def test_models_that_passed_wait_for_approval(project: Project) -> None:
    run = add_run(project, 1)
    add_model(run, 1, Stage.CANDIDATE)
    add_model(run, 2, Stage.CANDIDATE)
    add_model(run, 3, Stage.CANDIDATE, passed=False)
    evaluation = step(project, 5)
    assert evaluation.count == 2
    assert evaluation.backlog is not None
    assert evaluation.backlog.sentence == (
        "Model 1 and model 2 have passed the gate and wait for approval"
    )


def test_candidates_beside_the_champion_do_not_wait(project: Project) -> None:
    run = add_run(project, 1)
    add_model(run, 1, Stage.CANDIDATE)
    add_model(run, 2, Stage.CHAMPION)
    assert step(project, 5).count == 0
    add_model(add_run(project, 2), 3, Stage.CANDIDATE)
    backlog = step(project, 5).backlog
    assert backlog is not None
    assert backlog.sentence == "Model 3 has passed the gate and waits for approval"


@pytest.mark.parametrize(("hours", "count"), [(1, 1), (25, 0)])
def test_the_champion_and_its_answers_of_the_day(hours: int, count: int, project: Project) -> None:
    model = add_model(add_run(project, 1), 7, Stage.CHAMPION)
    prediction = Prediction.objects.create(
        project=project,
        model_version=model,
        title="Text",
        label=project.labels.all()[0],
        confidence=0.5,
        probabilities={},
        route="accept",
        threshold=0.8,
        source="realtime",
    )
    Prediction.objects.filter(pk=prediction.pk).update(
        created_at=timezone.now() - timedelta(hours=hours)
    )
    rollout, inference = step(project, 6), step(project, 7)
    assert (rollout.count, rollout.note) == ("model 7", "recipe 7 answers all traffic")
    assert (inference.count, inference.note) == (count, "tags in 24 hours")


def test_how_much_needs_no_person(project: Project) -> None:
    assert not step(project, 7).headlines
    model = make_model(project)
    for confidence in (0.9, 0.95, 0.4):
        make_prediction(model, "alpha", confidence)
    (accepted,) = step(project, 7).headlines
    assert (accepted.value, accepted.note) == ("67%", "of 3 tags in 24 h, from 0.8 on")
    deployment = Deployment.objects.create(project=project, accept_threshold=0.93)
    assert step(project, 7).headlines[0].note == "of 3 tags in 24 h, from 0.93 on"
    deployment.label_thresholds = {"alpha": 0.9}
    deployment.save()
    assert step(project, 7).headlines[0].note == "of 3 tags in 24 h, each label from its own on"


def test_a_challenger_that_won_holds_the_loop_up(project: Project) -> None:
    champion = make_model(project)
    challenger = make_model(project, stage=Stage.CANARY)
    trial = Trial.objects.create(
        project=project, champion=champion, challenger=challenger, share=0.1
    )
    rollout = step(project, 6)
    assert (rollout.note, rollout.backlog) == ("model 2 answers 10 %", None)
    assert rollout.oldest == trial.started_at
    assert [(each.value, each.note) for each in rollout.headlines] == [
        ("model 1", "model 2 answers 10 %")
    ]
    Trial.objects.update(proposed_at=timezone.now())
    backlog = step(project, 6).backlog
    assert backlog is not None
    assert backlog.sentence == "Model 2 has proved better than model 1 and waits for promotion"
