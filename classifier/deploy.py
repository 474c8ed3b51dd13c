"""From which confidence on a project's model answers by itself, and whether it may at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from classifier.metrics.warranty import Promise
from classifier.models import Deployment, ModelVersion, Stage
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Project

# Above every confidence: what is in force while accepting is closed.
NOTHING = 1.01
REASON_LIMIT = 2000
NO_REASON = f"reason: say in 1 to {REASON_LIMIT:,} characters why the model may accept again."


@dataclass(frozen=True)
class Thresholds:
    """From which confidence on answers are accepted: one for all labels, or one for each."""

    every: float
    by_label: Mapping[str, float | None] | None = None

    def of(self, label: str) -> float:
        """Return a label's own; above every confidence where nothing is accepted as it."""
        if self.by_label is None:
            return self.every
        own = self.by_label.get(label)
        return NOTHING if own is None else own

    def accepted(self, *, confidence: str, label: str) -> Q:
        """Return the condition of rows that are accepted, by the fields of their two values."""
        if self.by_label is None:
            return Q(**{f"{confidence}__gte": self.every})
        own = (
            Q(**{label: name, f"{confidence}__gte": threshold})
            for name, threshold in self.by_label.items()
            if threshold is not None
        )
        return reduce(or_, own, Q(pk__in=()))


def champion_of(project: Project) -> ModelVersion | None:
    """Return the model that answers in a project; None where none does."""
    return project.model_versions.filter(stage=Stage.CHAMPION).first()


def deployment_of(project: Project) -> Deployment:
    """Return what is served in a project: its own settings, or the defaults."""
    return getattr(project, "deployment", None) or Deployment(project=project)


def thresholds_of(project: Project) -> Thresholds:
    """Return from which confidence on predictions are accepted; above 1 while that is closed."""
    return in_force(deployment_of(project))


def in_force(deployment: Deployment) -> Thresholds:
    """Return the thresholds that hold now."""
    if deployment.closed_at is not None:
        return Thresholds(NOTHING)
    return Thresholds(deployment.accept_threshold, deployment.label_thresholds)


def promise_of(deployment: Deployment) -> Promise | None:
    """Return what the thresholds are to keep; None where nothing is promised."""
    error, risk = deployment.promise_error, deployment.promise_risk
    return None if error is None or risk is None else Promise(error, risk)


@transaction.atomic
def set_threshold(
    *, access: Access, threshold: float, reason: str = "", promise: Promise | None = None
) -> Deployment:
    """Set one accept threshold for all labels; every serving process follows within seconds.

    While accepting is closed the new threshold is kept for later.

    Args:
        access: a manager's.
        threshold: 0 to 1.
        reason: why, for the record.
        promise: what the threshold is to keep; without one, audits can refute nothing.

    Raises:
        Invalid: it is not between 0 and 1.
    """
    if not 0.0 <= threshold <= 1.0:
        raise Invalid("threshold: it must lie between 0 and 1.")
    terms = {"accept_threshold": threshold, "label_thresholds": None}
    return change_thresholds(
        project=access.project, user=access.user, terms=terms, promise=promise, reason=reason
    )


@transaction.atomic
def set_label_thresholds(
    *,
    access: Access,
    by_label: Mapping[str, float | None],
    reason: str = "",
    promise: Promise | None = None,
) -> Deployment:
    """Set an accept threshold for each label; every serving process follows within seconds.

    Args:
        access: a manager's.
        by_label: 0 to 1 by the name of a label. Nothing is accepted as a label that has None, is
            left out or is added later.
        reason: why, for the record.
        promise: what is to hold of every label at once; without one, audits can refute nothing.

    Raises:
        Invalid: a threshold is not between 0 and 1, or a name is not a label of the project.
    """
    names = list(access.project.labels.values_list("name", flat=True))
    if unknown := by_label.keys() - set(names):
        raise Invalid(f"label_thresholds: '{min(unknown)}' is not one of {', '.join(names)}.")
    if any(own is not None and not 0.0 <= own <= 1.0 for own in by_label.values()):
        raise Invalid("label_thresholds: each must lie between 0 and 1, or be null.")
    whole = {name: by_label.get(name) for name in names}
    return change_thresholds(
        project=access.project,
        user=access.user,
        terms={"label_thresholds": whole},
        promise=promise,
        reason=reason,
    )


@transaction.atomic
def change_thresholds(
    *,
    project: Project,
    user: User | None,
    terms: Mapping[str, object],
    promise: Promise | None,
    reason: str,
) -> Deployment:
    """Store thresholds and the promise that they keep, unless they are what is stored.

    Args:
        project: whose.
        user: who does it; None is Tagloop itself.
        terms: values by the names of the deployment's fields.
        promise: what they are to keep.
        reason: why, for the record.
    """
    deployment = _locked(project)
    error, risk = (promise.error, promise.risk) if promise else (None, None)
    terms = {**terms, "promise_error": error, "promise_risk": risk}
    if all(getattr(deployment, name) == value for name, value in terms.items()):
        return deployment
    before = _said(deployment)
    for name, value in terms.items():
        setattr(deployment, name, value)
    deployment.promised_at = timezone.now() if promise else None
    _announce(deployment)
    record(
        project=project,
        actor=user,
        verb="set threshold",
        subject=deployment,
        before=before,
        after=_said(deployment),
        reason=f"{reason.strip()} {_each(deployment)}".strip(),
    )
    return deployment


@transaction.atomic
def close_accepting(*, project: Project, reason: str) -> bool:
    """Let a model accept nothing by itself any more; return whether that is new."""
    deployment = _locked(project)
    if deployment.closed_at is not None:
        return False
    deployment.closed_at, deployment.closed_reason = timezone.now(), reason
    _announce(deployment)
    _record(deployment, verb="closed accepting", after="closed", reason=reason)
    return True


@transaction.atomic
def open_accepting(*, access: Access, reason: str) -> Deployment:
    """Let the model accept again; from here on audits count anew.

    Raises:
        Invalid: no reason, or one that is too long.
        Conflict: accepting is not closed.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LIMIT:
        raise Invalid(NO_REASON)
    deployment = _locked(access.project)
    if deployment.closed_at is None:
        raise Conflict("Accepting is open already.")
    deployment.closed_at, deployment.closed_reason = None, ""
    deployment.promised_at = timezone.now() if deployment.promise_error else None
    _announce(deployment)
    _record(deployment, verb="opened accepting", actor=access.user, after="open", reason=reason)
    return deployment


def _locked(project: Project) -> Deployment:
    Deployment.objects.get_or_create(project=project)
    return Deployment.objects.select_for_update().get(project=project)


def _said(deployment: Deployment) -> str:
    if deployment.label_thresholds is None:
        threshold = deployment.accept_threshold
        return "nothing" if threshold > 1 else f"{threshold:g}"
    return f"each of {len(deployment.label_thresholds)} labels its own"


def _each(deployment: Deployment) -> str:
    """Return every label's threshold: more than an event's `after` has room for."""
    own = (deployment.label_thresholds or {}).items()
    return ", ".join(f"{name}: {'never' if at is None else f'{at:g}'}" for name, at in own)


def _announce(deployment: Deployment) -> None:
    deployment.revision += 1
    deployment.save()


def _record(deployment: Deployment, *, actor: User | None = None, **said: str) -> None:
    record(
        project=deployment.project,
        actor=actor,
        subject=deployment,
        before="open" if said["after"] == "closed" else "closed",
        **said,
    )
