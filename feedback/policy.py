"""By which limits a project's predictions reach people, and changing them."""

import re

from django.core.exceptions import ValidationError
from django.db import transaction

from feedback.models import RoutingPolicy
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Project

FIELDS = (
    "looks",
    "to_reviewers",
    "near_tie",
    "novelty_limit",
    "audit_share",
    "review_cap",
    "audit_cap",
    "report_cap",
    "recheck_share",
    "links_on",
    "origins",
)
ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


def policy_of(project: Project) -> RoutingPolicy:
    """Return how a project's predictions reach people: its own policy or the default."""
    return RoutingPolicy.objects.filter(project=project).first() or RoutingPolicy(project=project)


def locked_policy(project_id: int) -> RoutingPolicy:
    """Return a project's policy, made if need be, held until the transaction ends.

    Whoever holds it is the only one to route or to ask in this project, so that caps are kept.
    """
    RoutingPolicy.objects.get_or_create(project_id=project_id)
    return RoutingPolicy.objects.select_for_update(no_key=True).get(project=project_id)


@transaction.atomic
def set_policy(*, access: Access, **changes: object) -> RoutingPolicy:
    """Change how predictions are routed from now on; what was routed stays.

    Args:
        access: a manager's.
        changes: any of FIELDS.

    Raises:
        Invalid: a value out of range.
    """
    policy = locked_policy(access.project.pk)
    before = {name: getattr(policy, name) for name in FIELDS}
    for name, value in changes.items():
        setattr(policy, name, value)
    _check(policy)
    changed = [name for name in FIELDS if getattr(policy, name) != before[name]]
    if changed:
        policy.save()
        said = (f"{name} from {before[name]} to {getattr(policy, name)}" for name in changed)
        record(
            project=access.project,
            actor=access.user,
            verb="changed the routing",
            subject=policy,
            reason="; ".join(said),
        )
    return policy


def origins_of(policy: RoutingPolicy) -> list[str]:
    """Return the sites that may show the page of a link in a frame."""
    return policy.origins.split()


def _check(policy: RoutingPolicy) -> None:
    for origin in origins_of(policy):
        if not ORIGIN.fullmatch(origin):
            raise Invalid(
                f"origins: '{origin}' is none. Write one a line, as https://example.org or "
                "https://example.org:8443, without a path."
            )
    try:
        policy.full_clean(exclude=["project"])
    except ValidationError as error:
        raise Invalid(
            " ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        ) from error
