"""Texts of which champion and challenger say different things, and asking people who is right."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from classifier.models import Pair, SnapshotRow, Trial
from classifier.rollout.trial import opened
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.intake import ensure_item
from labeling.models import Item, TaskReason
from labeling.queue import want_look

AT_ONCE = 100
# Above what models are unsure of and what users report: which of these is labeled first must not
# depend on what a model said of it.
PRIORITY = 25
ASKED, KNOWN = "people are asked", "people had labeled it already"
LEARNED = "left out: one of the models was trained or measured on it"
BEFORE = "left out: it was asked about before"
DELETED = "left out: a manager had deleted it"


def disagreements(trial: Trial) -> QuerySet[Pair]:
    """Return the disagreements of a trial with what a list of them shows, the newest first."""
    pairs = trial.pairs.filter(differs=True).select_related(
        "label", "prediction__label", "item__resolution__label"
    )
    return pairs.defer("probabilities", "prediction__probabilities").order_by("-pk")


def to_ask(trial: Trial) -> QuerySet[Pair]:
    """Return the disagreements that nobody was asked about, in the order of a lot.

    The lot is the random id of the prediction, so whoever sends some has no say in which.
    """
    return trial.pairs.filter(differs=True, asked_at=None).order_by("prediction_id")


@transaction.atomic
def ask_people(*, access: Access, trial_id: int, count: int) -> int:
    """Send disagreements to labeling, drawn by lot; return about how many people are asked.

    Their looks are blind: nobody sees what either model said. Texts that one of the models was
    trained or measured on are left out, as is an item that was asked about in this trial before.

    Raises:
        Http404: the project has no such trial.
        Conflict: it has ended.
        Invalid: `count` is not from 1 to 100.
    """
    if not 1 <= count <= AT_ONCE:
        raise Invalid(f"count: it must lie between 1 and {AT_ONCE}.")
    trial = opened(access, trial_id)
    pairs = to_ask(trial).select_related("prediction__project", "prediction__item")
    outcomes = [_ask(trial, pair, access.user) for pair in pairs[:count]]
    sent = outcomes.count(ASKED)
    if outcomes:
        record(
            project=access.project,
            actor=access.user,
            verb="sent to labeling",
            subject=trial,
            after=f"{sent} of {len(outcomes)} disagreements",
        )
    return sent


def _ask(trial: Trial, pair: Pair, user: User) -> str:
    prediction = pair.prediction
    item = prediction.item or ensure_item(
        project=prediction.project,
        external_id=prediction.external_id,
        title=prediction.title,
        body=prediction.body,
    )
    pair.asked = _obstacle(trial, item) or _want(trial, item, user)
    pair.item = item if pair.asked in {ASKED, KNOWN} else None
    pair.asked_at = timezone.now()
    pair.save(update_fields=["asked", "item", "asked_at"])
    return pair.asked


def _obstacle(trial: Trial, item: Item) -> str:
    if item.deletion_id is not None:
        return DELETED
    if trial.pairs.filter(item=item).exists():
        return BEFORE
    snapshots = [trial.challenger.snapshot_id, trial.champion.snapshot_id]
    learned = SnapshotRow.objects.filter(item=item, snapshot__in=snapshots)
    return LEARNED if learned.exists() else ""


def _want(trial: Trial, item: Item, user: User) -> str:
    if hasattr(item, "resolution"):
        return KNOWN
    want_look(
        project=trial.project,
        item=item,
        reason=TaskReason.AUDIT,
        looks=trial.project.overlap,
        priority=PRIORITY,
        actor=user,
        note=f"Models {trial.champion.number} and {trial.challenger.number} disagree.",
    )
    return ASKED
