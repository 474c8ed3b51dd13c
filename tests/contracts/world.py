"""One of everything that a route of a project can name."""

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
    ModelVersion,
    Prediction,
    TrainingRun,
)
from labeling.models import (
    Adjudication,
    ExportJob,
    GuidelineProposal,
    Item,
    JobState,
    Membership,
    Project,
    Role,
    TaskReason,
)
from labeling.opening import open_tasks
from labeling.queue import claim, want_look
from labeling.statistics.text import text_hash

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
    values = {
        "slug": project.slug,
        "label_id": label.pk,
        "item_id": items[0].pk,
        "task_id": review.pk,
        "assignment_id": look.pk if look else 0,
        "job_id": project.imports.create(source="file.csv").pk,
        "export_id": _export(project).pk,
        "number": model.number,
        "prediction_id": _prediction(project, model).pk,
        "deletion_id": project.deletions.create().pk,
        "version": project.guidelines.create(version=2, text="Second").version,
        "proposal_id": GuidelineProposal.objects.create(
            project=project, item=items[0], text="Say more"
        ).pk,
        "batch_id": BatchJob.objects.create(project=project, model_version=model).pk,
    }
    return values | _people(project) | {"token": look.token if look else ""}


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
        artifact="none",
        artifact_hash="h",
        manifest={},
        train_seconds=1,
        created_at=timezone.now(),
    )
    Deployment.objects.get_or_create(project=project)
    _evaluation(model)
    return model


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
