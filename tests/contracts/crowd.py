"""More rows of everything that a page of `build_world` shows."""

from typing import Any

from django.utils import timezone

from accounts.keys import create_key
from accounts.models import User
from classifier.models import (
    BatchJob,
    DatasetSnapshot,
    Evaluation,
    HoldoutPrediction,
    ModelVersion,
    OutOfFoldAnswer,
    Pair,
    Pick,
    PickKind,
    PickStrategy,
    Prediction,
    PriorityJob,
    SnapshotRow,
    TrainingRun,
    Trial,
)
from feedback.drift.checking import TITLES
from feedback.models import Delivery, DriftCheck, Report, Routing, Webhook
from labeling.events import record
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    ImportProblem,
    ImportState,
    Item,
    JobState,
    Label,
    LookState,
    Project,
    Resolution,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.statistics.text import text_hash
from tests.contracts.world import ROWS


def grow(project: Project, world: dict[str, Any], numbers: range) -> None:
    """Add a member, items, answers, models, predictions and jobs for each of these numbers."""
    for number in numbers:
        member = User.objects.create_user(f"crowd-{number}")
        project.memberships.create(user=member, role=list(Role)[number % len(Role)])
        _settings(project, member, number)
        _items(project, world, member, number)
        _jobs(project, world, number)
        _models(project, world, number)
        made = _prediction(project, world, number)
        _beside(project, world, made, number)
        _webhooks(project, world, member, number)
        _drift(project, world, made, number)
        _reports(project, world, made, member)


def join_projects(user: User, numbers: range) -> None:
    """Let a user have a key, and a project of that user's own, for each of these numbers."""
    for number in numbers:
        create_key(user=user, name=f"key {number}", scopes=["read"])
        own = Project.objects.create(slug=f"{user}-{number}", name=f"Project {number}")
        own.memberships.create(user=user, role=Role.MANAGER)
        _item(own, f"own-{number}")


def _settings(project: Project, member: User, number: int) -> None:
    project.labels.create(name=f"label-{number}", position=10 + number, keywords="word")
    project.guidelines.create(version=100 + number, text=f"Text {number}", created_by=member)
    project.behaviour_cases.create(
        test=f"test-{number}", kind="invariance", text="World", changed="world"
    )
    project.slices.create(name=f"slice-{number}", terms=["world"])


def _items(project: Project, world: dict[str, Any], member: User, number: int) -> None:
    labels = list(project.labels.all())
    settled = _task(_item(project, f"settled-{number}"), TaskState.CLOSED)
    _vote(settled, 1, member, labels[number % 2])
    Resolution.objects.create(
        project=project,
        item=settled.item,
        label=labels[number % 2],
        method="agreement",
        votes=1,
        resolved_at=timezone.now(),
    )
    case = _task(_item(project, f"case-{number}"), TaskState.REVIEW)
    _vote(case, 1, member, labels[0])
    record(project=project, actor=member, verb="skipped", subject=case, reason="unclear")
    free = _task(_item(project, f"free-{number}"), TaskState.OPEN)
    free.assignments.create(project=project, slot=1, audience=f"-{member.pk},")
    held = _task(_item(project, f"held-{number}"), TaskState.OPEN)
    _look(held, 1, LookState.LEASED, member)
    _history(project, world, member, number, labels[0])


def _history(
    project: Project, world: dict[str, Any], member: User, number: int, label: Label
) -> None:
    """Add to the past of the world's item and to the votes of its case."""
    item = Item.objects.get(pk=world["item_id"])
    task = _task(item, TaskState.CLOSED)
    _vote(task, 1, member, label)
    Adjudication.objects.create(
        project=project, item=item, task=task, label=label, decided_by=member
    )
    record(project=project, actor=member, verb="changed", subject=item)
    case = Task.objects.get(pk=world["task_id"])
    _vote(case, 20 + number, member, label)
    record(project=project, actor=member, verb="skipped", subject=case, reason="unclear")
    Adjudication.objects.create(
        project=project, item=case.item, label=label, decided_by=member, method="imported"
    )


def _item(project: Project, name: str) -> Item:
    return Item.objects.create(
        project=project,
        external_id=name,
        title=f"World {name}",
        text_hash=text_hash(name, ""),
        draw=1,
    )


def _task(item: Item, state: TaskState) -> Task:
    return Task.objects.create(project=item.project, item=item, state=state, priority=1)


def _look(task: Task, slot: int, state: LookState, user: User) -> Assignment:
    now = timezone.now()
    return Assignment.objects.create(
        project=task.project,
        task=task,
        slot=slot,
        state=state,
        annotator=user,
        token="token",
        lease_expires_at=now,
        done_at=now,
    )


def _vote(task: Task, slot: int, user: User, label: Label) -> Annotation:
    return Annotation.objects.create(
        project=task.project,
        item=task.item,
        assignment=_look(task, slot, LookState.DONE, user),
        annotator=user,
        label=label,
        guideline=task.project.guidelines.first(),
        idempotency_key=f"{task.pk}-{slot}",
        seconds=2.0,
    )


def _jobs(project: Project, world: dict[str, Any], number: int) -> None:
    ImportProblem.objects.create(
        job_id=world["job_id"], row=number, field="title", reason="It is empty."
    )
    project.imports.create(source=f"{number}.csv", state=ImportState.SUCCEEDED)
    project.exports.create(format="csv", state=JobState.SUCCEEDED)
    project.deletions.create()


def _models(project: Project, world: dict[str, Any], number: int) -> None:
    first = ModelVersion.objects.select_related("run", "snapshot").get(
        project=project, number=world["number"]
    )
    snapshot = DatasetSnapshot.objects.create(
        project=project,
        number=100 + number,
        hash="h",
        labels=[],
        training_rows=0,
        holdout_rows=0,
    )
    run = TrainingRun.objects.create(
        project=project,
        number=100 + number,
        recipes={},
        snapshot=snapshot,
        state=JobState.SUCCEEDED,
    )
    _model(first, run, 100 + number)
    model = _model(first, first.run, 200 + number)
    BatchJob.objects.create(project=project, model_version=model, state=JobState.SUCCEEDED)
    _choice(project, model)
    row = SnapshotRow.objects.create(
        snapshot=first.snapshot,
        item_id=Item.objects.get(external_id=f"settled-{number}").pk,
        split="holdout",
        external_id=f"row-{number}",
        title="World",
        label="alpha",
        method="agreement",
    )
    HoldoutPrediction.objects.create(
        evaluation=first.evaluation, row=row, predicted="beta", confidence=0.5, probabilities=[]
    )
    OutOfFoldAnswer.objects.create(
        model_version=first,
        row=row,
        predicted="beta",
        confidence=0.9,
        credibility=0.1,
        probabilities=[],
        suspect=True,
    )


def _choice(project: Project, model: ModelVersion) -> None:
    """Make a choice of what to label next with one pick, and change the gate."""
    choice = PriorityJob.objects.create(
        project=project,
        model_version=model,
        strategy=PickStrategy.MARGIN,
        size=1,
        random_share=0.0,
        state=JobState.SUCCEEDED,
    )
    Pick.objects.create(
        job=choice,
        task=Task.objects.filter(project=project, pick=None)[0],
        place=0,
        kind=PickKind.UNCERTAIN,
        uncertainty=0.5,
        was_priority=0,
    )
    record(project=project, actor=None, verb="changed gate", subject=model, reason="margin")


def _model(first: ModelVersion, run: TrainingRun, number: int) -> ModelVersion:
    """Make a model that differs from the first in its number and its run."""
    model = ModelVersion.objects.create(
        project=first.project,
        number=number,
        run=run,
        snapshot=first.snapshot,
        recipe=f"recipe-{number}",
        stage="retired",
        artifact="none",
        artifact_hash="h",
        manifest={},
        train_seconds=1,
    )
    evaluation = Evaluation.objects.get(model_version=first)
    evaluation.pk = None
    evaluation.model_version, evaluation.champion = model, first
    evaluation.save(force_insert=True)
    return model


def _prediction(project: Project, world: dict[str, Any], number: int) -> Prediction:
    """Make a prediction about a case that was reported."""
    first = Prediction.objects.get(pk=world["prediction_id"])
    task = Task.objects.get(item__external_id=f"case-{number}")
    task.reason = TaskReason.REPORT
    task.save()
    return Prediction.objects.create(
        project=project,
        model_version=first.model_version,
        item=task.item,
        title="Text",
        label=first.label,
        confidence=0.5,
        probabilities={},
        route="review",
        threshold=0.8,
        source="realtime",
    )


def _beside(project: Project, world: dict[str, Any], made: Prediction, number: int) -> None:
    """Answer it by a challenger, too, end another trial, and route it."""
    Pair.objects.create(
        trial_id=world["trial_id"],
        prediction=made,
        model_version=made.model_version,
        label=made.label,
        confidence=0.5,
        differs=True,
        item=Item.objects.get(external_id=f"settled-{number}"),
    )
    Trial.objects.create(
        project=project,
        challenger=made.model_version,
        champion=made.model_version,
        ended_at=timezone.now(),
        outcome="withdrawn",
    )
    Routing.objects.create(
        prediction=made,
        project=project,
        item=made.item,
        destination="review",
        reason="low_confidence",
        task=Task.objects.get(item=made.item),
        outcome="asked a reviewer",
        asked_at=timezone.now(),
    )


def _webhooks(project: Project, world: dict[str, Any], member: User, number: int) -> None:
    webhook = Webhook.objects.create(
        project=project, url=f"https://example.org/{number}", created_by=member
    )
    first_hook = Webhook.objects.get(pk=world["webhook_id"])
    for each in (webhook, first_hook):
        each.deliveries.create(kind="test", payload={}, give_up_at=timezone.now())
    Delivery.objects.get(pk=world["delivery_id"]).log.create(status=500, duration_ms=1.0)


def _drift(project: Project, world: dict[str, Any], made: Prediction, number: int) -> None:
    check = DriftCheck.objects.create(
        project=project, model_version=made.model_version, state=JobState.SUCCEEDED, outcome="ok"
    )
    predictions = [str(world["prediction_id"]), str(made.pk)]
    for look in (DriftCheck.objects.get(pk=world["check_id"]), check):
        look.figures.create(name=list(TITLES)[number + 1], state="ok", value=0.1, limit=0.2, **ROWS)
        look.groups.create(number=2 + number, size=1, words=["w"], predictions=predictions)
    project.retrain_proposals.create(trigger="drift", reason="It drifts", state="dismissed")


def _reports(project: Project, world: dict[str, Any], made: Prediction, member: User) -> None:
    for prediction in (Prediction.objects.get(pk=world["prediction_id"]), made):
        Report.objects.create(
            project=project,
            prediction=prediction,
            claimed_label=made.label,
            reported_by=member,
            task=Task.objects.get(item=made.item),
        )
