"""What racing processes do. Each is set up by itself: hence Django's modules are imported late."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
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
    task: int = 0


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
    # A repeat by chance would be one answer more than there are looks.
    project.repeat_rate = 0.0
    project.save(update_fields=["repeat_rate"])
    Membership.objects.bulk_create(Membership(project=project, user=user) for user in users[1:])
    rows = [Row(number, f"Item {number}") for number in range(items)]
    add_items(project=project, user=None, rows=rows, source="race")


def make_gold(slug: str, items: int) -> None:
    """Import items with their label into the gold holdout, five of which everybody gets first."""
    from labeling.models import Adjudication, Item, Project
    from labeling.resolve import derive
    from labeling.statistics.text import text_hash, uniform_draw
    from labeling.status import restate

    project = _project(slug)
    for number in range(items):
        digest = text_hash(f"Gold {number}", "")
        item = Item.objects.create(
            project=project,
            external_id=f"gold-{number}",
            title=f"Gold {number}",
            text_hash=digest,
            draw=uniform_draw(digest),
            split="holdout",
        )
        label = project.labels.all()[0]
        Adjudication.objects.create(project=project, item=item, label=label, method="imported")
        derive(item)
        restate(item)
    Project.objects.filter(pk=project.pk).update(gold_first=5, gold_rate=0.0, repeat_rate=0.0)


def gold_of(slug: str) -> list[tuple[int, int]]:
    """Return person and item of each gold look that was given."""
    from labeling.models import Task

    given = Task.objects.filter(project__slug=slug, reason="gold")
    return [(user, item) for user, item in given.values_list("checked_id", "item_id") if user]


def take(slug: str, person: int, tab: str = "") -> Look | None:
    """Claim a look for a tab."""
    from labeling.queue import claim

    look = claim(project=_project(slug), user=_user(slug, person), tab=tab)
    return None if look is None else Look(look.pk, look.token, look.task_id)


def take_three(slug: str, person: int, tab: str) -> list[Look]:
    """Claim all that a tab may hold."""
    from labeling.queue import claim_many

    looks = claim_many(project=_project(slug), user=_user(slug, person), tab=tab, wanted=3)
    return [Look(look.pk, look.token, look.task_id) for look in looks]


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


def mix(slug: str, person: int, tab: str, rounds: int) -> list[int]:
    """Do whatever comes to mind in one of several tabs; return the answers acknowledged."""
    import random

    from labeling.errors import Conflict

    chance = random.Random(f"{slug} {person} {tab}")
    acts = (_answer, _answer, _answer, _skip, _give_back, _undo, _expire_one)
    acknowledged: list[int] = []
    for _ in range(rounds):
        try:
            answered = chance.choice(acts)(slug, person, tab)
        except Conflict:
            continue
        acknowledged += [] if answered is None else [answered]
    return acknowledged


def _answer(slug: str, person: int, tab: str) -> int | None:
    look = take(slug, person, tab)
    label = "alpha" if look is None or look.pk % 7 else "beta"
    answered = None if look is None else give(slug, person, look, uuid4().hex, label)
    return answered if isinstance(answered, int) else None


def _skip(slug: str, person: int, tab: str) -> None:
    from labeling.queue import skip

    look = take(slug, person, tab)
    if look is not None:
        reason = "unclear" if look.pk % 3 else "other"
        skip(**_named(slug, person, look), reason=reason)


def _give_back(slug: str, person: int, tab: str) -> None:
    from labeling.queue import release_look

    look = take(slug, person, tab)
    if look is not None:
        release_look(**_named(slug, person, look))


def _undo(slug: str, person: int, tab: str) -> None:
    from labeling.annotate import undo

    undo(project=_project(slug), user=_user(slug, person), tab=tab)


def _expire_one(slug: str, person: int, tab: str) -> None:
    """Let the lease of this tab have run out, which the next claim of anybody finds."""
    from datetime import timedelta

    from django.utils import timezone

    leases = _project(slug).assignments.filter(state="leased", annotator=_user(slug, person))
    past = timezone.now() - timedelta(minutes=1)
    leases.filter(tab=tab).update(lease_expires_at=past)


def _named(slug: str, person: int, look: Look) -> dict[str, Any]:
    named = {"project": _project(slug), "user": _user(slug, person)}
    return {**named, "assignment_id": look.pk, "token": look.token}


def known_answers(slug: str, acknowledged: list[int]) -> int:
    """Return how many of these answers are stored."""
    from labeling.models import Annotation

    return Annotation.objects.filter(project__slug=slug, pk__in=acknowledged).count()


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
