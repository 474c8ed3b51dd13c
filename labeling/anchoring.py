"""How far suggestions draw annotators to the model's label, and turning them off for that."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Annotation, Assignment, Event, LookState, Project
from labeling.statistics.anchoring import Anchoring, measure_anchoring
from labeling.statistics.intervals import Share, share_of

OFF, ON = "turned suggestions off", "turned suggestions on"
REASON_LIMIT = 200
MOST_HIDDEN = 0.9
NOBODY = "Nobody has answered such a task yet."


@dataclass(frozen=True)
class Meter:
    """Which share of answers equals the suggestion, where it was shown and where it was hidden."""

    shown: Share
    hidden: Share
    found: Anchoring


def measured(project: Project) -> QuerySet[Annotation]:
    """Return the answers that count where chance decided whether a suggestion was shown.

    Once suggestions were turned on again, only looks that were leased since.
    """
    answers = Annotation.objects.live().filter(
        project=project,
        imported=False,
        assignment__project=project,
        assignment__state=LookState.DONE,
        assignment__suggestion_shown__isnull=False,
        assignment__task__blind=False,
        assignment__task__suggestion__isnull=False,
    )
    if project.suggestions_since is not None:
        answers = answers.filter(assignment__leased_at__gte=project.suggestions_since)
    return answers


def anchoring_of(project: Project) -> Meter:
    """Return how far a shown suggestion raises agreement with it, against the project's limit."""
    same = Q(label=F("assignment__task__suggestion"))
    rows = measured(project).order_by().values_list("assignment__suggestion_shown")
    counts = {
        shown: (hits, total)
        for shown, hits, total in rows.annotate(hits=Count("pk", filter=same), total=Count("pk"))
    }
    shown, hidden = counts.get(True, (0, 0)), counts.get(False, (0, 0))
    found = measure_anchoring(shown, hidden, limit=project.anchoring_limit)
    return Meter(share_of(*shown, nothing=NOBODY), share_of(*hidden, nothing=NOBODY), found)


def why_off(project: Project) -> Event | None:
    """Return the event that turned a project's suggestions off; None while they are on."""
    if project.suggestions_on:
        return None
    return project.events.filter(verb=OFF).select_related("actor").first()


def off_figures(project: Project) -> dict[str, Subquery]:
    """Return what `why_off` tells, each a figure for `read_together`."""
    events = project.events.filter(verb=OFF)
    return {
        f"off_{name}": Subquery(events.values(field)[:1])
        for name, field in (
            ("actor", "actor__username"),
            ("created_at", "created_at"),
            ("reason", "reason"),
        )
    }


def watch() -> int:
    """Measure every project with hidden answers; return in how many suggestions went off."""
    hidden = Assignment.objects.filter(
        project=OuterRef("pk"), suggestion_shown=False, state=LookState.DONE
    )
    projects = Project.objects.filter(Exists(hidden), suggestions_on=True)
    return sum(turn_off_if_anchored(project=project) for project in projects)


@transaction.atomic
def turn_off_if_anchored(*, project: Project) -> bool:
    """Turn suggestions off if all of the interval lies above the limit; tell whether they went."""
    locked = Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    found = anchoring_of(locked).found
    if not locked.suggestions_on or not found.suggestions_off or found.difference is None:
        return False
    difference = found.difference
    reason = (
        f"Annotators agree with the suggestion {100 * difference.value:.0f} points "
        f"[{100 * difference.low:.0f}, {100 * difference.high:.0f}] more often where they see it; "
        f"the limit is {100 * locked.anchoring_limit:.0f}."
    )
    _switch(locked, None, on=False, reason=reason)
    return True


@transaction.atomic
def switch_suggestions(*, access: Access, on: bool, reason: str) -> Project:
    """Turn a project's suggestions on or off. Turned on, anchoring is measured anew from then.

    Raises:
        Invalid: no reason, or one that is too long.
        Conflict: they are so already.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LIMIT:
        raise Invalid(f"reason: write 1 to {REASON_LIMIT} characters; it stays in the record.")
    locked = Project.objects.select_for_update(no_key=True).get(pk=access.project.pk)
    if locked.suggestions_on == on:
        raise Conflict(f"Suggestions are {_word(on)} already; reload the page.")
    _switch(locked, access.user, on=on, reason=reason)
    access.project.refresh_from_db()
    return access.project


@transaction.atomic
def set_anchoring(*, access: Access, hidden_share: float, limit: float) -> Project:
    """Say on which share of tasks suggestions are hidden, and which difference is put up with.

    The share counts for suggestions that come from now on.

    Raises:
        Invalid: a share outside 0 to 0.9, or a limit outside 0 to 1.
    """
    if not 0 <= hidden_share <= MOST_HIDDEN:
        raise Invalid(f"hidden_share: it is 0 to {MOST_HIDDEN}.")
    if not 0 <= limit <= 1:
        raise Invalid("anchoring_limit: it is 0 to 1.")
    project, before = access.project, _terms(access.project)
    project.hidden_share, project.anchoring_limit = hidden_share, limit
    if _terms(project) != before:
        project.save(update_fields=["hidden_share", "anchoring_limit"])
        record(
            project=project,
            actor=access.user,
            verb="changed anchoring",
            subject=project,
            before=before,
            after=_terms(project),
        )
    return project


def _switch(locked: Project, actor: User | None, *, on: bool, reason: str) -> None:
    locked.suggestions_on = on
    if on:
        locked.suggestions_since = timezone.now()
    locked.save(update_fields=["suggestions_on", "suggestions_since"])
    record(
        project=locked,
        actor=actor,
        verb=ON if on else OFF,
        subject=locked,
        before=_word(not on),
        after=_word(on),
        reason=reason,
    )


def _terms(project: Project) -> str:
    return f"hidden {project.hidden_share:g}, limit {project.anchoring_limit:g}"


def _word(on: bool) -> str:
    return "on" if on else "off"
