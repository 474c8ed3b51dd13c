"""Keeping a promise: its thresholds follow the model that serves and the labels that there are."""

from collections.abc import Sequence

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from classifier.deploy import champion_of, change_thresholds, promise_of
from classifier.holdout import drawn_and_labeled
from classifier.models import Deployment, HoldoutPrediction, LaterAnswer, ModelVersion
from classifier.promise import answers_of, proven
from classifier.recipes.artifact import ArtifactError
from classifier.rollout.stages import lock_models
from classifier.scoring import open_scorer
from labeling.models import Item, Project

# Each new look at the labels may break the promise by chance once more: so there are few of them.
GROWTH = 0.1
log = structlog.get_logger(__name__)


def renew_promises() -> None:
    """Let promises follow holdout labels that came in since, where a tenth more are there.

    Running it twice does no harm.
    """
    for project in Project.objects.filter(deployment__promise_error__isnull=False):
        champion = champion_of(project)
        answers = _ask(champion) if champion else []
        if champion and answers:
            _take(project, champion, answers)


@transaction.atomic
def renew_promise(*, project: Project, champion: ModelVersion, user: User | None) -> None:
    """Derive the thresholds of a project's promise anew, from all labels that there are.

    Where they cannot prove it nothing is accepted, until enough of them do. Without a promise
    nothing is changed.
    """
    deployment = Deployment.objects.select_for_update().filter(project=project).first()
    promise = promise_of(deployment) if deployment else None
    if deployment is None or promise is None:
        return
    by_label = deployment.label_thresholds is not None
    thresholds, reason = proven(champion, promise, by_label=by_label)
    terms = (
        {"label_thresholds": thresholds.by_label}
        if by_label
        else {"accept_threshold": thresholds.every}
    )
    said = f"Model {champion.number}: {reason}"
    change_thresholds(project=project, user=user, terms=terms, promise=promise, reason=said)


def unasked(champion: ModelVersion) -> QuerySet[Item]:
    """Return the labeled holdout items, drawn at random, that a model was not asked about."""
    item = OuterRef("pk")
    measured = HoldoutPrediction.objects.filter(evaluation__model_version=champion, row__item=item)
    asked = LaterAnswer.objects.filter(model_version=champion, item=item)
    labeled = drawn_and_labeled(champion.project_id)
    return labeled.exclude(Exists(measured) | Exists(asked)).order_by("pk")


def _ask(champion: ModelVersion) -> list[LaterAnswer]:
    """Return, not stored, what a model says of the holdout labeled since; nothing of too little."""
    new = list(unasked(champion).values_list("pk", "title", "body"))
    if not new or len(new) < GROWTH * len(answers_of(champion)):
        return []
    try:
        scores = open_scorer(champion).score([(title, body) for _, title, body in new])
    except ArtifactError as error:
        log.warning("promise not renewed", model=champion.pk, reason=str(error))
        return []
    return [
        LaterAnswer(
            model_version=champion,
            item_id=pk,
            predicted=score.label.name,
            confidence=score.confidence,
        )
        for (pk, _, _), score in zip(new, scores, strict=True)
    ]


@transaction.atomic
def _take(project: Project, champion: ModelVersion, answers: Sequence[LaterAnswer]) -> None:
    """Store answers and what follows from them, both or neither; another champion has its own."""
    lock_models(project)
    LaterAnswer.objects.bulk_create(answers, ignore_conflicts=True)
    if champion_of(project) == champion:
        renew_promise(project=project, champion=champion, user=None)
