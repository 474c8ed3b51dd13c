"""A user says that a tag is wrong: a reviewer decides, the report itself changes no label."""

from uuid import UUID

from django.db import transaction
from django.http import Http404

from classifier.models import Prediction
from feedback.models import Report
from feedback.routing import item_of, policy_of
from labeling.access import Access
from labeling.errors import Invalid
from labeling.labels import label_named
from labeling.models import Label, Task, TaskReason
from labeling.queue import want_look

PRIORITY = 20
COMMENT_LIMIT = 2000


@transaction.atomic
def report(
    *, access: Access, prediction_id: UUID, label_name: str | None = None, comment: str = ""
) -> tuple[Report, bool]:
    """Report a prediction as wrong, and return the report and whether it is a new one.

    It opens or raises a review task of the item. The same person reporting the same prediction
    again gets the first report back, and nothing is changed.

    Args:
        label_name: what the reporter says it should be, None if that was left open.

    Raises:
        Http404: the project has no such prediction.
        Invalid: an unknown label, the very label that the model gave, or too long a comment.
    """
    prediction = _locked(access, prediction_id)
    first = Report.objects.filter(prediction=prediction, reported_by=access.user).first()
    if first is not None:
        return first, False
    claimed = None if label_name is None else _claimed(prediction, label_name)
    _check(comment)
    made = Report.objects.create(
        project=access.project,
        prediction=prediction,
        claimed_label=claimed,
        comment=comment,
        reported_by=access.user,
        task=_ask_reviewer(access, prediction, claimed, comment),
    )
    return made, True


def _locked(access: Access, prediction_id: UUID) -> Prediction:
    """Lock the prediction, so that a reporter's second press waits for the first."""
    predictions = Prediction.objects.filter(project=access.project, pk=prediction_id)
    prediction = predictions.select_for_update(no_key=True).first()
    if prediction is None:
        raise Http404("There is no such prediction in this project.")
    return prediction


def _claimed(prediction: Prediction, name: str) -> Label:
    label = label_named(prediction.project, name)
    if label.pk == prediction.label_id:
        raise Invalid(f"label: '{name}' is what the model said; name another, or none.")
    return label


def _check(comment: str) -> None:
    if len(comment) > COMMENT_LIMIT:
        raise Invalid(f"comment: it has more than {COMMENT_LIMIT:,} characters.")
    if "\x00" in comment:
        raise Invalid("comment: it holds a NUL character; remove it.")


def _ask_reviewer(
    access: Access, prediction: Prediction, claimed: Label | None, comment: str
) -> Task:
    said = f"should be {claimed.name}" if claimed else "is wrong"
    task, _ = want_look(
        project=access.project,
        item=item_of(prediction),
        reason=TaskReason.REPORT,
        looks=policy_of(access.project).looks,
        priority=PRIORITY,
        actor=access.user,
        suggestion=prediction.label,
        confidence=prediction.confidence,
        source=f"model {prediction.model_version.number}",
        note=f"Reported by {access.user}: {prediction.label.name} {said}. {comment}".strip(),
        review=True,
    )
    return task
