"""Labels that a model which had not seen them finds hard to believe, and asking people of them.

A reviewer is asked about an item's label once, whichever model doubts it.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from classifier.metrics.classification import predicted_labels
from classifier.metrics.label_errors import self_confidence, suspects
from classifier.models import HoldoutPrediction, ModelVersion, OutOfFoldAnswer, SnapshotRow
from classifier.recipes.folds import OutOfFold
from classifier.recipes.temperature import apply_temperature
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Item, Label, Project, Split, Task, TaskReason, TaskState
from labeling.queue import want_look

RUN_CAP = 100
AT_ONCE = 20
PRIORITY = 15
PLACES = 6
CHUNK = 500


def keep_out_of_fold(*, model: ModelVersion, held_out: OutOfFold | None) -> int:
    """Store the out-of-fold answers of a model that is being published; return the suspects.

    Call it inside the transaction that stores the model. The rows of `held_out` are those of the
    snapshot that were trained on, in the order of their ids.
    """
    if held_out is None:
        return 0
    rows = model.snapshot.rows.filter(split=Split.POOL).order_by("id").values_list("pk", flat=True)
    seen = held_out.held_out
    kept = [pk for pk, inside in zip(rows, seen, strict=True) if inside]
    raw, targets = held_out.probabilities[seen], held_out.targets[seen]
    probabilities = apply_temperature(raw, model.manifest["temperature"])
    doubtful = set(suspects(probabilities, targets).tolist())
    answers = zip(
        kept,
        predicted_labels(probabilities, held_out.labels),
        self_confidence(probabilities, targets).tolist(),
        np.round(probabilities, PLACES).tolist(),
        strict=True,
    )
    OutOfFoldAnswer.objects.bulk_create(
        (
            OutOfFoldAnswer(
                model_version=model,
                row_id=pk,
                predicted=predicted,
                confidence=max(shares),
                credibility=credibility,
                probabilities=shares,
                suspect=place in doubtful,
            )
            for place, (pk, predicted, credibility, shares) in enumerate(answers)
        ),
        batch_size=CHUNK,
    )
    return len(doubtful)


def suspects_of(model: ModelVersion) -> "QuerySet[Any]":
    """Return a model's suspects, the least credible first, with `asked` and `label_now`.

    `asked` is the state of the look that a suspicion was given, None without one; `label_now` is
    the label of the item today.
    """
    return (
        OutOfFoldAnswer.objects.filter(model_version=model, suspect=True)
        .select_related("row")
        .annotate(
            asked=asked_of("row__item"),
            label_now=F("row__item__resolution__label__name"),
            deletion=F("row__item__deletion"),
        )
        .order_by("credibility", "id")
    )


def open_suspects(model: ModelVersion) -> "QuerySet[Any]":
    """Return the suspects that still have the label in doubt, and nobody was asked about."""
    return suspects_of(model).filter(
        asked=None, task=None, label_now=F("row__label"), deletion=None
    )


def asked_of(item: str) -> Subquery:
    """Return the state of the newest look at `item` that a suspicion was given."""
    tasks = Task.objects.filter(item=OuterRef(item), reason=TaskReason.SUSPECT_LABEL)
    return Subquery(tasks.order_by("-id").values("state")[:1])


def left_of(model: ModelVersion) -> int:
    """Return how many suspects of the model's run may still be sent to reviewers."""
    mine = OutOfFoldAnswer.objects.filter(model_version__run=model.run_id, task__isnull=False)
    return max(RUN_CAP - mine.count(), 0)


def newest_model(project: Project) -> ModelVersion | None:
    """Return the newest model that has suspects."""
    doubts = OutOfFoldAnswer.objects.filter(model_version=OuterRef("pk"), suspect=True)
    return project.model_versions.filter(Exists(doubts)).first()


@transaction.atomic
def review_suspects(
    *, project: Project, user: User | None, number: int, limit: int = AT_ONCE
) -> int:
    """Ask reviewers about a model's least credible labels, and return how many were asked.

    Args:
        limit: how many at most; the cap of the run holds beside it.

    Raises:
        Http404: the project has no such model.
        Invalid: a limit below 1.
        Conflict: the cap is reached, or no suspect is left.
    """
    if limit < 1:
        raise Invalid("limit: ask about one item at least.")
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    model: ModelVersion = get_object_or_404(project.model_versions, number=number)
    left = left_of(model)
    if not left:
        raise Conflict(
            f"Reviewers were asked about {RUN_CAP} labels because of run {model.run.number}: "
            "train again with what they decided."
        )
    chosen = list(open_suspects(model).select_related("row__item")[: min(limit, left)])
    if not chosen:
        raise Conflict(f"Model {number} doubts no label that nobody was asked about.")
    _ask_all(model, user, chosen)
    record(
        project=project,
        actor=user,
        verb="sent suspected labels to review",
        subject=model,
        after=f"{len(chosen)} items",
    )
    return len(chosen)


@transaction.atomic
def review_row(*, access: Access, number: int, row_id: int) -> Task:
    """Ask a reviewer about one row that a model was measured on or learned from.

    Raises:
        Http404: the model knows no such row, or its item was deleted.
        Conflict: its item waits for a reviewer already.
    """
    model: ModelVersion = get_object_or_404(access.project.model_versions, number=number)
    rows = SnapshotRow.objects.filter(snapshot=model.snapshot_id).select_related("item")
    row = get_object_or_404(rows, pk=row_id)
    if row.item is None or row.item.deletion_id is not None:
        raise Http404("The item was deleted.")
    waiting = Task.objects.filter(item=row.item, state=TaskState.REVIEW)
    if waiting.exists():
        raise Conflict("This item waits for a reviewer already.")
    answer = OutOfFoldAnswer.objects.filter(model_version=model, row=row).first()
    said = (
        answer or HoldoutPrediction.objects.filter(evaluation__model_version=model, row=row).first()
    )
    label = access.project.labels.filter(name=said.predicted).first() if said else None
    note = f"Is the label {row.label} right? {access.user} asks, from the evaluation of a model."
    task = _ask(
        model,
        access.user,
        row.item,
        label=label,
        confidence=said.confidence if said else None,
        note=note,
    )
    if answer is not None:
        answer.task = task
        answer.save(update_fields=["task"])
    return task


def _ask_all(model: ModelVersion, user: User | None, chosen: Iterable[OutOfFoldAnswer]) -> None:
    labels = {label.name: label for label in model.project.labels.all()}
    for answer in chosen:
        item = answer.row.item
        if item is None:
            continue
        answer.task = _ask(
            model,
            user,
            item,
            label=labels.get(answer.predicted),
            confidence=answer.confidence,
            note=f"Is the label {answer.row.label} right? Models that had not seen it give it "
            f"{answer.credibility:.2f}.",
        )
        answer.save(update_fields=["task"])


def _ask(
    model: ModelVersion,
    user: User | None,
    item: Item,
    *,
    label: Label | None,
    confidence: float | None,
    note: str,
) -> Task:
    task, _ = want_look(
        project=model.project,
        item=item,
        reason=TaskReason.SUSPECT_LABEL,
        looks=1,
        priority=PRIORITY,
        actor=user,
        suggestion=label,
        confidence=confidence,
        source=f"model {model.number}",
        note=note,
        review=True,
    )
    return task
