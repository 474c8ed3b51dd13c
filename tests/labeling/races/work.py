"""What racing processes do. Each is set up by itself: hence Django's modules are imported late."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from accounts.models import User
    from labeling.models import Project

IDLE_ROUNDS = 20


@dataclass(frozen=True)
class Look:
    """A look as its holder knows it."""

    pk: int
    token: str


@dataclass(frozen=True)
class Tally:
    """What a race left behind."""

    votes: list[tuple[int, int]]
    looks: Counter[str]
    tasks: Counter[str]
    resolved: int
    changed: int


def prepare(slug: str, people: int, items: int, overlap: int = 2) -> None:
    """Make a project with annotators SLUG-0, SLUG-1, … and items."""
    from accounts.models import User
    from labeling.intake import add_items
    from labeling.models import Membership
    from labeling.projects import NewLabel, create_project
    from labeling.readers import Row

    users = [User.objects.create(username=f"{slug}-{number}") for number in range(people)]
    labels = [NewLabel("alpha"), NewLabel("beta")]
    project = create_project(user=users[0], name=slug, slug=slug, labels=labels, overlap=overlap)
    Membership.objects.bulk_create(Membership(project=project, user=user) for user in users[1:])
    rows = [Row(number, f"Item {number}") for number in range(items)]
    add_items(project=project, user=None, rows=rows, source="race")


def take(slug: str, person: int) -> Look | None:
    """Claim a look."""
    from labeling.queue import claim

    look = claim(project=_project(slug), user=_user(slug, person))
    return None if look is None else Look(look.pk, look.token)


def give(slug: str, person: int, look: Look, key: str, label: str = "alpha") -> int | str:
    """Answer a look; return the answer's id, or why it was refused."""
    from labeling.annotate import submit
    from labeling.errors import Conflict

    try:
        annotation = submit(
            project=_project(slug),
            user=_user(slug, person),
            assignment_id=look.pk,
            token=look.token,
            label_name=label,
            idempotency_key=key,
        )
    except Conflict as error:
        return error.message
    return annotation.pk


def give_or_take(slug: str, person: int, look: Look | None, key: str) -> Look | int | str | None:
    """Answer a look, or claim where there is none."""
    return take(slug, person) if look is None else give(slug, person, look, key)


def label_all(slug: str, person: int) -> int:
    """Claim and answer until nothing has waited for a while; return how many were answered."""
    done = idle = 0
    while idle < IDLE_ROUNDS:
        look = take(slug, person)
        if look is None:
            idle += 1
            time.sleep(0.01)
            continue
        label = "beta" if look.pk % 5 == person else "alpha"
        answered = give(slug, person, look, uuid4().hex, label)
        assert isinstance(answered, int), answered
        done, idle = done + 1, 0
    return done


def waver(slug: str, person: int, rounds: int) -> int:
    """Answer, claim the next and undo, over and over; return how many undos were taken."""
    from labeling.annotate import undo
    from labeling.errors import Conflict

    undone = 0
    for _ in range(rounds):
        look = take(slug, person)
        if look is not None:
            give(slug, person, look, uuid4().hex)
        take(slug, person)
        try:
            undo(project=_project(slug), user=_user(slug, person))
        except Conflict:
            continue
        undone += 1
    return undone


def expire(slug: str) -> None:
    """Let every lease have run out a minute ago."""
    from datetime import timedelta

    from django.utils import timezone

    leases = _project(slug).assignments.filter(state="leased")
    leases.update(lease_expires_at=timezone.now() - timedelta(minutes=1))


def tally(slug: str) -> Tally:
    """Count what there is."""
    from labeling.models import Annotation
    from labeling.resolve import recompute

    project = _project(slug)
    votes = Annotation.objects.live().filter(project=project)
    return Tally(
        votes=list(votes.values_list("item", "annotator")),
        looks=Counter(project.assignments.values_list("state", flat=True)),
        tasks=Counter(project.tasks.values_list("state", flat=True)),
        resolved=project.resolutions.count(),
        changed=recompute(project=project),
    )


def _project(slug: str) -> "Project":
    from labeling.models import Project

    return Project.objects.get(slug=slug)


def _user(slug: str, person: int) -> "User":
    from accounts.models import User

    return User.objects.get(username=f"{slug}-{person}")
