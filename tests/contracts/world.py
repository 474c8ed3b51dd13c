"""One of everything that a route of a project can name."""

import hashlib
from dataclasses import asdict
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.keys import create_key
from accounts.models import User
from classifier.metrics.classification import evaluate
from classifier.metrics.comparison import compare
from classifier.models import (
    BatchJob,
    DatasetSnapshot,
    Deployment,
    Evaluation,
    LearningCurve,
    ModelVersion,
    OutOfFoldAnswer,
    Pick,
    PickKind,
    PickStrategy,
    Prediction,
    PriorityJob,
    SnapshotRow,
    TrainingRun,
    Trial,
)
from feedback.links import address_of
from feedback.models import DriftCheck, RoutingPolicy, Webhook
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    ExportJob,
    GuidelineProposal,
    Item,
    JobState,
    Label,
    LookState,
    Membership,
    Project,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.opening import open_tasks
from labeling.queue import claim, want_look
from labeling.statistics.text import text_hash

ROWS = {"reference": 100, "window": 100, "needed": 100}
UNKNOWN = {"error": 0.0, "bins": []}


def build_world(project: Project) -> dict[str, Any]:
    """Make one of everything in the project, and return the values of its routes' arguments."""
    items = [_item(project, number) for number in range(3)]
    open_tasks(project=project, items=items[:1])
    label = project.labels.all()[0]
    Adjudication.objects.create(project=project, item=items[1], label=label, method="imported")
    review, _ = want_look(
        project=project, item=items[2], reason=TaskReason.REPORT, looks=0, priority=1, review=True
    )
    annotator = project.memberships.filter(role=Role.ANNOTATOR).first()
    look = claim(project=project, user=annotator.user) if annotator else None
    model = _model(project)
    prediction = _prediction(project, model)
    values = {
        "slug": project.slug,
        "label_id": label.pk,
        "item_id": items[0].pk,
        "task_id": review.pk,
        "assignment_id": look.pk if look else 0,
        "job_id": project.imports.create(source="file.csv").pk,
        "export_id": _export(project).pk,
        "number": model.number,
        "other": model.number,
        "test": project.behaviour_cases.create(
            test="world", kind="invariance", text="World", changed="world"
        ).test,
        "name": project.slices.create(name="world", terms=["world"]).name,
        "row_id": _suspect(model, items[1]).row_id,
        "prediction_id": prediction.pk,
        "annotation_id": _annotation(project, items[1], label).pk,
        "deletion_id": project.deletions.create().pk,
        "version": project.guidelines.create(version=2, text="Second").version,
        "proposal_id": GuidelineProposal.objects.create(
            project=project, item=items[0], text="Say more"
        ).pk,
        "choice_id": _choice(project, model, items[0]).pk,
        "trial_id": Trial.objects.create(project=project, challenger=model, champion=model).pk,
        "retrain_id": project.retrain_proposals.create(trigger="labels", reason="Many").pk,
        "batch_id": BatchJob.objects.create(project=project, model_version=model).pk,
    }
    RoutingPolicy.objects.create(project=project, links_on=True)
    values |= {"signed": address_of(prediction.pk).split("/")[2]}
    values |= _webhook(project) | _drift(project, model)
    return values | _people(project) | {"token": look.token if look else ""}


def _webhook(project: Project) -> dict[str, Any]:
    webhook = Webhook.objects.create(
        project=project, url="https://example.org/hook", kinds=["alert"], nonce="n"
    )
    delivery = webhook.deliveries.create(kind="test", payload={}, give_up_at=timezone.now())
    delivery.log.create(status=200, duration_ms=1.0)
    return {"webhook_id": webhook.pk, "delivery_id": delivery.pk}


def _drift(project: Project, model: ModelVersion) -> dict[str, Any]:
    check = DriftCheck.objects.create(
        project=project, model_version=model, state=JobState.SUCCEEDED, outcome="ok"
    )
    check.figures.create(name="length", state="ok", value=0.1, limit=0.2, **ROWS)
    prediction = project.predictions.get()
    group = check.groups.create(number=1, size=1, words=["w"], predictions=[str(prediction.pk)])
    return {"check_id": check.pk, "group": group.number}


def _annotation(project: Project, item: Item, label: Label) -> Annotation:
    """Return the answer of somebody who has left to an item that waits for nobody."""
    user = User.objects.create_user(f"left-{project.slug}")
    task = Task.objects.create(project=project, item=item, state=TaskState.CLOSED)
    look = Assignment.objects.create(
        project=project, task=task, slot=1, state=LookState.DONE, annotator=user
    )
    return Annotation.objects.create(
        project=project,
        item=item,
        assignment=look,
        annotator=user,
        label=label,
        idempotency_key="world",
    )


def _people(project: Project) -> dict[str, Any]:
    member = Membership.objects.create(
        project=project, user=User.objects.create_user(f"member-of-{project.slug}")
    )
    key, _ = create_key(user=member.user, name="key", scopes=["read"])
    return {
        "member_id": member.pk,
        "membership_id": member.pk,
        "user_id": member.user.pk,
        "key_id": key.pk,
    }


def _export(project: Project) -> ExportJob:
    file = default_storage.save("exports/1.csv", ContentFile(b"title"))
    return ExportJob.objects.create(
        project=project, format="csv", state=JobState.SUCCEEDED, file=file
    )


def _item(project: Project, number: int) -> Item:
    return Item.objects.create(
        project=project,
        external_id=f"w{number}",
        title=f"World {number}",
        text_hash=text_hash(f"World {number}", ""),
        draw=number,
    )


def _model(project: Project) -> ModelVersion:
    snapshot = DatasetSnapshot.objects.create(
        project=project, number=1, hash="h", labels=[], training_rows=0, holdout_rows=0
    )
    run = TrainingRun.objects.create(
        project=project, number=1, recipes={}, snapshot=snapshot, state=JobState.SUCCEEDED
    )
    model = ModelVersion.objects.create(
        project=project,
        number=1,
        run=run,
        snapshot=snapshot,
        recipe="keywords",
        artifact=_artifact(),
        artifact_hash=hashlib.sha256(b"{}").hexdigest(),
        manifest={"files": {}},
        train_seconds=1,
        created_at=timezone.now(),
    )
    Deployment.objects.get_or_create(
        project=project,
        defaults={"promise_error": 0.05, "promise_risk": 0.05, "promised_at": timezone.now()},
    )
    _evaluation(model)
    LearningCurve.objects.create(model_version=model, state=JobState.SUCCEEDED)
    return model


def _artifact() -> str:
    """Return the folder of a model that has a manifest and nothing else."""
    if not default_storage.exists("models/world/manifest.json"):
        default_storage.save("models/world/manifest.json", ContentFile(b"{}"))
    return "models/world"


def _suspect(model: ModelVersion, item: Item) -> OutOfFoldAnswer:
    row = SnapshotRow.objects.create(
        snapshot=model.snapshot,
        item=item,
        split="pool",
        external_id=item.external_id,
        title=item.title,
        label="alpha",
        method="imported",
    )
    return OutOfFoldAnswer.objects.create(
        model_version=model,
        row=row,
        predicted="beta",
        confidence=0.9,
        credibility=0.1,
        probabilities=[0.1, 0.9],
        suspect=True,
    )


def _evaluation(model: ModelVersion) -> Evaluation:
    truth, said = ["a", "b", "a"], ["a", "b", "b"]
    figures = evaluate(truth, said, None, ["a", "b"], resamples=10).to_dict()
    return Evaluation.objects.create(
        model_version=model,
        rows=3,
        weighted_f1=figures["weighted_f1"]["value"],
        overall=figures,
        per_class=[],
        confusion=figures["confusion"],
        slices=[],
        calibration={"temperature": 1.0, "before": UNKNOWN, "after": UNKNOWN},
        comparison=asdict(compare(truth, said, said, ["a", "b"], resamples=10))
        | {"champion": None},
        checks=[],
        passed=False,
    )


def _choice(project: Project, model: ModelVersion, item: Item) -> PriorityJob:
    job = PriorityJob.objects.create(
        project=project,
        model_version=model,
        strategy=PickStrategy.MARGIN,
        size=1,
        random_share=1.0,
        state=JobState.SUCCEEDED,
        finished_at=timezone.now(),
    )
    Pick.objects.create(
        job=job,
        task=item.tasks.get(),
        place=0,
        kind=PickKind.RANDOM,
        uncertainty=0.5,
        inclusion_probability=1.0,
        was_priority=0,
    )
    return job


def _prediction(project: Project, model: ModelVersion) -> Prediction:
    return Prediction.objects.create(
        project=project,
        model_version=model,
        title="Text",
        label=project.labels.all()[0],
        confidence=0.5,
        probabilities={},
        route="review",
        threshold=0.8,
        source="realtime",
    )
