"""What a project asks of a candidate, and changing it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from classifier.metrics.gate_policy import GatePolicy
from classifier.models import GateSettings
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Project

SHOWN = 120


def gate_of(project: Project) -> GatePolicy:
    """Return the limits of a project: its own, or the defaults."""
    stored = GateSettings.objects.filter(project=project).first()
    return GatePolicy.from_dict(stored.limits) if stored else GatePolicy()


@transaction.atomic
def set_gate(*, access: Access, changes: Mapping[str, Any], reason: str = "") -> GatePolicy:
    """Change limits of the gate for the models that are evaluated from now on.

    Args:
        access: a manager's.
        changes: the fields of a GatePolicy that change, with their new values.
        reason: why, for the record.

    Raises:
        Invalid: an unknown limit, or a value out of range.
    """
    GateSettings.objects.get_or_create(project=access.project)
    stored = GateSettings.objects.select_for_update().get(project=access.project)
    before = GatePolicy.from_dict(stored.limits).to_dict()
    rules = before["rules"] | dict(changes.get("rules") or {})
    try:
        policy = GatePolicy.from_dict(before | dict(changes) | {"rules": rules})
    except ValueError as error:
        raise Invalid(str(error)) from error
    differing = _differing(before, policy.to_dict())
    if not differing:
        return policy
    stored.limits = policy.to_dict()
    stored.save(update_fields=["limits", "updated_at"])
    said = "; ".join(f"{name} from {old} to {new}" for name, (old, new) in differing.items())
    record(
        project=access.project,
        actor=access.user,
        verb="changed gate",
        subject=stored,
        before=_short({name: old for name, (old, _) in differing.items()}),
        after=_short({name: new for name, (_, new) in differing.items()}),
        reason=f"{said}. {reason.strip()}".strip(),
    )
    return policy


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two policies, each rule by itself, by name."""
    old, new = _flat(before), _flat(after)
    return {name: (old[name], new[name]) for name in new if old[name] != new[name]}


def _flat(policy: Mapping[str, Any]) -> dict[str, Any]:
    limits = {name: value for name, value in policy.items() if name != "rules"}
    return limits | {f"rule of {kind}": rule for kind, rule in policy["rules"].items()}


def _short(values: Mapping[str, Any]) -> str:
    text = ", ".join(f"{name} {value}" for name, value in values.items())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
