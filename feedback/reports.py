"""A user says that a tag is wrong: a reviewer decides, the report itself changes no label."""

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from classifier.models import Prediction
from feedback.models import Report, Routing
from feedback.policy import policy_of
from feedback.reporters import key_of, key_of_address, opened_today, records_of
from feedback.routing import item_of, route
from feedback.statistics.reliability import joint
from labeling.access import Access
from labeling.errors import DomainError, Invalid
from labeling.labels import label_named
from labeling.models import Label, Project, Task, TaskReason, TaskState
from labeling.queue import want_look

PRIORITY, PRIORITY_STEPS = 20, 4
COMMENT_LIMIT = 2000
# Beyond so many reports of one prediction a further comment is stored, but not told in the case.
TOLD = 10
REPORTERS_AT_ONCE = 200
VISITOR = "a visitor"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Word:
    """What somebody says of a prediction; `user` is None where a link was used."""

    reporter: str
    user: User | None
    agrees: bool
    label_name: str | None
    comment: str


@transaction.atomic
def report(
    *,
    access: Access,
    prediction_id: UUID,
    label_name: str | None = None,
    comment: str = "",
    agrees: bool = False,
) -> tuple[Report, bool]:
    """Report a prediction as wrong, and return the report and whether it is a new one.

    It opens or raises a review task of the item; above the reporter's cap of the day it waits. The
    same person reporting the same prediction again gets the first report back, and nothing is
    changed.

    Args:
        access: of the reporter.
        prediction_id: what is reported.
        label_name: what the reporter says it should be, None if that was left open.
        comment: in the reporter's words.
        agrees: the tag is right: that is stored, and asks for nobody.

    Raises:
        Http404: the project has no such prediction.
        Invalid: an unknown label, the very label that the model gave, or too long a comment.
    """
    mine = Prediction.objects.filter(project=access.project)
    prediction = _locked(mine, prediction_id)
    word = Word(key_of(access.user), access.user, agrees, label_name, comment)
    return _store(prediction, word)


@transaction.atomic
def report_by_link(
    *, prediction_id: UUID, address: str, agrees: bool, label_name: str | None, comment: str
) -> tuple[Report, bool]:
    """Take the word of somebody who has a link to a prediction; each address has one.

    Raises:
        Http404: there is no such prediction.
        Invalid: an unknown label, the very label that the model gave, or too long a comment.
    """
    prediction = _locked(Prediction.objects.all(), prediction_id)
    word = Word(key_of_address(address), None, agrees, label_name, comment)
    return _store(prediction, word)


def open_waiting() -> int:
    """Open cases of reports that waited for another day, as their reporters' caps allow.

    Every project has its turn each time, and in it those reporters whose last case is the longest
    ago: neither a project nor a reporter with much that waits keeps others waiting.
    """
    waits = Report.objects.filter(project=OuterRef("pk"), waiting=True)
    projects = list(Project.objects.filter(Exists(waits)).order_by("pk"))
    return sum(_open_of(project, one) for project in projects for one in _next_reporters(project))


def _locked(predictions: QuerySet[Prediction], prediction_id: UUID) -> Prediction:
    """Lock the prediction, so that a reporter's second press waits for the first.

    It is routed before: whether it is audited does not depend on what is said of it.
    """
    new = predictions.filter(pk=prediction_id, routed=False).values_list("project_id", flat=True)
    for project_id in new:
        route(project_id, [prediction_id])
    prediction = predictions.filter(pk=prediction_id).select_for_update(no_key=True).first()
    if prediction is None:
        raise Http404("There is no such prediction in this project.")
    return prediction


def _store(prediction: Prediction, word: Word) -> tuple[Report, bool]:
    first = Report.objects.filter(prediction=prediction, reporter=word.reporter).first()
    if first is not None:
        return first, False
    _check(word)
    claimed = None if word.label_name is None else _claimed(prediction, word.label_name)
    cap = policy_of(prediction.project).report_cap
    waits = not word.agrees and opened_today(prediction.project_id, word.reporter) >= cap
    made = Report.objects.create(
        project=prediction.project,
        prediction=prediction,
        claimed_label=claimed,
        comment=word.comment,
        reported_by=word.user,
        reporter=word.reporter,
        agrees=word.agrees,
        waiting=waits,
    )
    if not (word.agrees or waits):
        _open(made)
    return made, True


def _check(word: Word) -> None:
    if word.agrees and word.label_name is not None:
        raise Invalid("label: leave it out where the tag is right.")
    if len(word.comment) > COMMENT_LIMIT:
        raise Invalid(f"comment: it has more than {COMMENT_LIMIT:,} characters.")
    if "\x00" in word.comment:
        raise Invalid("comment: it holds a NUL character; remove it.")


def _claimed(prediction: Prediction, name: str) -> Label:
    label = label_named(prediction.project, name)
    if label.pk == prediction.label_id:
        raise Invalid(f"label: '{name}' is what the model said; name another, or none.")
    return label


def _open(made: Report) -> None:
    """Open the case of a report, or join the one that waits."""
    made.task = _ask_reviewer(made)
    made.waiting, made.opened_at = False, timezone.now()
    made.save(update_fields=["task", "waiting", "opened_at"])


def _next_reporters(project: Project) -> list[str]:
    """Return of whom reports wait, those first who were never heard or the longest ago."""
    heard = Report.objects.filter(
        project=project, reporter=OuterRef("reporter"), opened_at__isnull=False
    ).order_by("-opened_at")
    waiting = Report.objects.filter(project=project, waiting=True).order_by().values("reporter")
    found = waiting.annotate(oldest=Min("pk"), heard=Subquery(heard.values("opened_at")[:1]))
    longest_ago = found.order_by(F("heard").asc(nulls_first=True), "oldest")
    return list(longest_ago.values_list("reporter", flat=True)[:REPORTERS_AT_ONCE])


def _open_of(project: Project, reporter: str) -> int:
    left = policy_of(project).report_cap - opened_today(project.pk, reporter)
    waiting = Report.objects.filter(project=project, reporter=reporter, waiting=True)
    oldest = waiting.order_by("id").values_list("pk", flat=True)[: max(left, 0)]
    return sum(_open_waiting(pk) for pk in list(oldest))


def _open_waiting(pk: int) -> bool:
    """Open one case; what can no longer be looked at waits no more."""
    try:
        with transaction.atomic():
            found = Report.objects.select_for_update(no_key=True, skip_locked=True)
            made = found.filter(pk=pk, waiting=True).first()
            if made is not None:
                _open(made)
    except DomainError as error:
        log.warning("case not opened", report=pk, reason=error.message)
        Report.objects.filter(pk=pk).update(waiting=False)
        return False
    return made is not None


def _ask_reviewer(made: Report) -> Task:
    prediction = made.prediction
    item = item_of(prediction)
    others = Report.objects.filter(task__item=item).exclude(task__state=TaskState.CLOSED)
    reporters = {made.reporter, *others.values_list("reporter", flat=True)}
    records = records_of(made.project, reporters)
    believed = joint(record.reliability for record in records.values())
    Routing.objects.filter(prediction=prediction, item=None).update(item=item)
    task, _ = want_look(
        project=made.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=policy_of(made.project).looks,
        priority=PRIORITY + round(PRIORITY_STEPS * believed),
        actor=made.reported_by,
        suggestion=prediction.label,
        confidence=prediction.confidence,
        source=f"model {prediction.model_version.number}",
        note=_note(made) if len(reporters) <= TOLD else "",
        review=True,
    )
    return task


def _note(made: Report) -> str:
    said = f"should be {made.claimed_label.name}" if made.claimed_label else "is wrong"
    who = made.reported_by or VISITOR
    return f"Reported by {who}: {made.prediction.label.name} {said}. {made.comment}".strip()
