"""Whether a project has a reason to retrain now."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from classifier.deploy import champion_of, in_force
from classifier.models import Deployment, Evaluation, Prediction, Stage
from classifier.promise import answers_of
from feedback.models import DriftCheck, DriftState, Trigger, TriggerPolicy
from feedback.statistics.acceptance import Accepted, shrunk
from labeling.models import JobState, Project

# Live answers of so many days, the newest so many of them, are compared with the holdout's.
LIVE, MOST_LIVE = timedelta(days=14), 10_000


@dataclass(frozen=True)
class Reason:
    """One reason, in words that a manager reads."""

    trigger: Trigger
    said: str
    slice_name: str = ""


def policy_of(project: Project) -> TriggerPolicy:
    """Return a project's rules: its own or the defaults."""
    return TriggerPolicy.objects.filter(project=project).first() or TriggerPolicy(project=project)


def reasons_of(project: Project, policy: TriggerPolicy) -> list[Reason]:
    """Return every reason that holds now."""
    rules = (_labels, _drift, _slice, _promise, _schedule)
    return [one for rule in rules if (one := rule(project, policy)) is not None]


def new_labels(project: Project) -> int:
    """Return how many labels are newer than the last snapshot; all without one."""
    snapshot = project.snapshots.first()
    labels = project.resolutions.order_by()
    if snapshot is not None:
        labels = labels.filter(resolved_at__gt=snapshot.created_at)
    return labels.count()


def _labels(project: Project, policy: TriggerPolicy) -> Reason | None:
    if not policy.new_labels:
        return None
    count = new_labels(project)
    if count < policy.new_labels:
        return None
    said = f"{count:,} labels are newer than the last snapshot; the limit is {policy.new_labels:,}."
    return Reason(Trigger.LABELS, said)


def _drift(project: Project, policy: TriggerPolicy) -> Reason | None:
    if not policy.on_drift:
        return None
    checks = DriftCheck.objects.filter(project=project, state=JobState.SUCCEEDED)
    newest = checks.select_related("model_version").first()
    if newest is None or newest.outcome != DriftState.ALARM:
        return None
    names = ", ".join(newest.figures.filter(state=DriftState.ALARM).values_list("name", flat=True))
    said = f"What comes in is not what model {newest.model_version.number} learned from: {names}."
    return Reason(Trigger.DRIFT, said)


def _slice(project: Project, policy: TriggerPolicy) -> Reason | None:
    """The weakest slice whose whole interval lies below the floor."""
    if not policy.slice_floor:
        return None
    evaluations = Evaluation.objects.filter(model_version__project=project)
    champion = evaluations.filter(model_version__stage=Stage.CHAMPION).values("slices").first()
    weak = [
        one
        for one in (champion["slices"] if champion else [])
        if one.get("high") is not None and one["high"] < policy.slice_floor
    ]
    if not weak:
        return None
    worst = min(weak, key=lambda one: (one["weighted_f1"], one["name"]))
    said = (
        f"The champion's F1 on '{worst['name']}' is {worst['weighted_f1']:.2f}, "
        f"at most {worst['high']:.2f}; the floor is {policy.slice_floor:.2f}."
    )
    return Reason(Trigger.SLICE, said, worst["name"])


def _promise(project: Project, policy: TriggerPolicy) -> Reason | None:
    """That audits refuted the promise, or that it accepts surely less than the holdout said."""
    promised = Deployment.objects.filter(project=project, promise_error__isnull=False).first()
    if not policy.on_promise or promised is None:
        return None
    if promised.closed_at is not None:
        tried = project.runs.filter(created_at__gt=promised.closed_at)
        closed = f"Nothing is accepted any more. {promised.closed_reason}"
        return None if tried.exists() else Reason(Trigger.PROMISE, closed)
    live, holdout = _accepted(project, promised)
    if not shrunk(live, holdout):
        return None
    said = (
        f"Of the last {LIVE.days} days' {live.answers:,} answers {live.share:.0%} are sure enough "
        f"to be accepted under the promise; of the holdout's {holdout.share:.0%} were."
    )
    return Reason(Trigger.PROMISE, said)


def _accepted(project: Project, promised: Deployment) -> tuple[Accepted, Accepted]:
    """Return how many of the champion's answers may be accepted, live and on the holdout."""
    thresholds, champion = in_force(promised), champion_of(project)
    newest = Prediction.objects.filter(
        project=project, model_version=champion, created_at__gte=timezone.now() - LIVE
    ).order_by("-created_at", "-id")[:MOST_LIVE]
    sure = Count("pk", filter=thresholds.accepted(confidence="confidence", label="label__name"))
    live = Accepted(**newest.aggregate(accepted=sure, answers=Count("pk")))
    said = answers_of(champion)
    rows = zip(said.confidence, said.predicted, strict=True)
    held_out = sum(bool(confidence >= thresholds.of(label)) for confidence, label in rows)
    return live, Accepted(held_out, len(said))


def _schedule(project: Project, policy: TriggerPolicy) -> Reason | None:
    last = project.runs.first()
    if not policy.every_days or last is None:
        return None
    age = timezone.now() - last.created_at
    if age < timedelta(days=policy.every_days):
        return None
    said = f"The last run is {age.days:,} days old; the limit is {policy.every_days:,}."
    return Reason(Trigger.SCHEDULE, said)
