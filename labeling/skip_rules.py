"""Whom a skipped item goes to."""

from collections.abc import Mapping

from django.db import transaction

from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import SKIP_REASONS, AfterSkip, Project


@transaction.atomic
def set_skip_rules(*, access: Access, rules: Mapping[str, str]) -> Project:
    """Say for some or all reasons to skip whom an item then goes to; the others stay.

    Raises:
        Invalid: an unknown reason or recipient.
    """
    unknown = next((reason for reason in rules if reason not in SKIP_REASONS), None)
    if unknown is not None:
        raise Invalid(f"skip_rules: '{unknown[:80]}' is not one of {', '.join(SKIP_REASONS)}.")
    wrong = next((reason for reason, to in rules.items() if to not in AfterSkip), None)
    if wrong is not None:
        raise Invalid(f"skip_rules: for {wrong}, choose one of {', '.join(AfterSkip)}.")
    project = access.project
    wanted = {reason: str(project.skip_rules.get(reason, "another")) for reason in SKIP_REASONS}
    wanted |= {reason: str(AfterSkip(to)) for reason, to in rules.items()}
    if wanted != project.skip_rules:
        project.skip_rules = wanted
        project.save(update_fields=["skip_rules"])
        record(
            project=project,
            actor=access.user,
            verb="changed skips",
            subject=project,
            reason=", ".join(f"{reason}: {to}" for reason, to in wanted.items()),
        )
    return project
