"""When votes settle a label: a project's policy, and how far its weights are."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Subquery

from labeling.access import Access
from labeling.consensus_job import ask_for_consensus
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Consensus, ConsensusJob, Project, Weighing
from labeling.models.job import ACTIVE

POLICY = ("consensus", "sure_enough", "overlap", "overlap_share", "max_looks")
# A change of these changes what existing votes come to.
SETTLES = frozenset({"consensus", "sure_enough"})


@dataclass(frozen=True)
class Standing:
    """The newest weights of a project, and whether it is being weighed or settled now."""

    newest: Weighing | None
    working: bool
    done: int = 0
    total: int = 0

    @property
    def in_force(self) -> bool:
        """Whether the newest weights may resolve items."""
        return self.newest is not None and self.newest.calibrated


@transaction.atomic
def set_policy(*, access: Access, **changes: float | str) -> Project:
    """Change when votes settle a label; a worker settles all items by it, with events.

    Args:
        access: a manager's.
        changes: any of POLICY; what is left out stays. Looks count for items from now on.

    Raises:
        Invalid: an unknown rule, or a figure beyond its bounds.
    """
    project = access.project
    told = [
        f"{name} {getattr(project, name)} to {changes[name]}"
        for name in POLICY
        if name in changes and getattr(project, name) != changes[name]
    ]
    if not told:
        return project
    settles = any(changes.get(name, getattr(project, name)) != getattr(project, name)
                  for name in SETTLES)  # fmt: skip
    for name in POLICY:
        setattr(project, name, changes.get(name, getattr(project, name)))
    _check(project)
    project.save(update_fields=POLICY)
    record(
        project=project,
        actor=access.user,
        verb="changed consensus",
        subject=project,
        reason=", ".join(told),
    )
    if settles:
        ask_for_consensus(project=project, user=access.user, settle=True)
    return project


def weigh_now(*, access: Access) -> ConsensusJob:
    """Have a project's votes weighed anew.

    Raises:
        Conflict: its policy does not weigh votes.
    """
    if access.project.consensus != Consensus.WEIGHTED:
        raise Conflict("consensus: votes are not weighed here. Choose 'weighted' first.")
    return ask_for_consensus(project=access.project, user=access.user, settle=False)


def standing_of_weights(project: Project) -> Standing:
    """Return how far a project's weights are; in one query, once there are any."""
    jobs = ConsensusJob.objects.filter(project=project, state__in=ACTIVE)
    named = {f"job_{name}": Subquery(jobs.values(name)[:1]) for name in ("id", "done", "total")}
    newest = project.weighings.annotate(**named).defer("prior", "offsets", "labels").first()
    if newest is None:
        return Standing(None, working=jobs.exists())
    job, done, total = (getattr(newest, name) for name in named)
    return Standing(newest, working=job is not None, done=done or 0, total=total or 0)


def _check(project: Project) -> None:
    if project.max_looks < project.overlap:
        raise Invalid("max_looks: it must be at least the overlap.")
    others = {field.name for field in Project._meta.fields} - set(POLICY)
    try:
        project.clean_fields(exclude=others)
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Invalid(f"{field}: {' '.join(texts)}") from error
