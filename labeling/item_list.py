"""The items of a project by what somebody looks for."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Abs
from django.utils import timezone

from accounts.models import User
from labeling.anchoring import measured
from labeling.models import (
    Annotation,
    ImportJob,
    Item,
    ItemStatus,
    Project,
    Resolution,
    Task,
    TaskReason,
)
from labeling.search import search

# Items get their ids in the order of their times, but for clocks that differ.
CLOCKS = timedelta(hours=1)
WEEK = timedelta(days=7)
FEW = 1000


@dataclass(frozen=True)
class Found:
    """Items, and the field with their key that the database finds them by.

    Pages cut by that field cost the same at any size: the rows come in its order from an index.
    `by_giver` tells that one person's answers are joined as `given`.
    """

    items: QuerySet[Item]
    key: str = "pk"
    by_giver: bool = False


def find_items(project: Project, chosen: Mapping[str, str]) -> QuerySet[Item]:
    """Return the items that match all that is chosen, the newest first.

    Args:
        project: whose items.
        chosen: what `ItemFilter.chosen` gives: any of `q`, `label`, `status`, `annotator`,
            `gave`, `also`, `agreement`, `below`, `above`, `source`, `origin`, `date_from`,
            `date_to`, `week`, `reason`, `flagged`, `suggestion`, `guideline` and `split`; or
            `external_id`, exactly.
    """
    found = find(project, chosen)
    return found.items.order_by(f"-{found.key}")


def find(project: Project, chosen: Mapping[str, str]) -> Found:
    """Return the items that match all that is chosen, with the key to cut pages by."""
    found = Found(project.items.select_related("resolution__label"))
    for name, narrow in NARROW.items():
        if name in chosen:
            found = narrow(found, project, chosen[name])
    return found


def looks_given(items: list[Item]) -> Counter[int]:
    """Return how many answers count for each of these items, by its id."""
    return Counter({item.pk: item.vote_count for item in items})


def _text(found: Found, project: Project, text: str) -> Found:
    items, key = search(found.items, text)
    return Found(items, key)


def _annotator(found: Found, project: Project, name: str) -> Found:
    of_project = Q(annotations__project=project, annotations__label__isnull=False)
    of_project &= Q(annotations__checking=False)
    given = FilteredRelation("annotations", condition=of_project)
    giver = Subquery(User.objects.filter(username=name).values("pk")[:1])
    later = Annotation.objects.filter(supersedes=OuterRef("given_pk"))
    # Named columns, because a filter by the relation itself would join it once more.
    items = found.items.alias(given=given).alias(
        given_pk=F("given__pk"), given_by=F("given__annotator"), given_to=F("given__item")
    )
    driven = _driven(found, items.filter(~Exists(later), given_by=giver), "given_to")
    return replace(driven, by_giver=True)


def _gave(found: Found, project: Project, name: str) -> Found:
    """Narrow to items that somebody gave this label, or the one person whose answers are meant.

    What was given to an item that waits for annotators is kept from all who may still get it, and
    who gave it from its reviewer.
    """
    label = Subquery(project.labels.filter(name=name).values("pk")[:1])
    if found.by_giver:
        known = found.items.exclude(status__in=[ItemStatus.WAITING, ItemStatus.REVIEW])
        return _where(
            Found(known.alias(given_label=F("given__label")), found.key), Q(given_label=label)
        )
    votes = Q(annotations__project=project, annotations__checking=False)
    given = FilteredRelation("annotations", condition=votes)
    items = found.items.exclude(status=ItemStatus.WAITING).alias(given=given)
    items = items.alias(
        given_pk=F("given__pk"), given_label=F("given__label"), given_to=F("given__item")
    )
    later = Annotation.objects.filter(supersedes=OuterRef("given_pk"))
    again = Annotation.objects.live().filter(
        project=project,
        label=OuterRef("given_label"),
        item=OuterRef("given_to"),
        pk__gt=OuterRef("given_pk"),
    )
    return _driven(
        found, items.filter(~Exists(later), ~Exists(again), given_label=label), "given_to"
    )


def _also(found: Found, project: Project, name: str) -> Found:
    given = Annotation.objects.live().filter(item=OuterRef("pk"), project=project)
    giver = Subquery(User.objects.filter(username=name).values("pk")[:1])
    return _where(found, Exists(given.filter(annotator=giver)))


def _label(found: Found, project: Project, name: str) -> Found:
    label = Subquery(project.labels.filter(name=name).values("pk")[:1])
    items = found.items.filter(resolution__project=project, resolution__label=label)
    return _driven(found, items, "resolution__item_id")


def _reason(found: Found, project: Project, reason: str) -> Found:
    tasks = Task.objects.filter(project=project, reason=reason)
    if reason == TaskReason.NEW:
        return _where(found, Exists(tasks.filter(item=OuterRef("pk"))))
    # The last condition is that of the index task_by_reason, which holds no new items.
    asked = Q(tasks__project=project, tasks__reason=reason) & ~Q(tasks__reason=TaskReason.NEW)
    items = found.items.alias(asked=FilteredRelation("tasks", condition=asked)).alias(
        asked_pk=F("asked__pk"), asked_why=F("asked__reason"), asked_of=F("asked__item")
    )
    again = tasks.filter(item=OuterRef("asked_of"), pk__gt=OuterRef("asked_pk"))
    again = again.exclude(reason=TaskReason.NEW)
    return _driven(found, items.filter(~Exists(again), asked_why=reason), "asked_of")


def _confidence(found: Found, project: Project, side: str, value: str) -> Found:
    # Only the index that serves the few holds this function, so that the many are not read by it.
    known = project.items.filter(confidence__isnull=False).alias(sure=Abs("confidence"))
    beyond = known.filter(**{f"sure__{side}": float(value)}).order_by("sure")
    few = list(beyond.values_list("pk", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return _where(found, Q(pk__in=few))
    return _where(found, Q(**{f"confidence__{side}": float(value)}))


def _status(found: Found, project: Project, status: str) -> Found:
    if status == "labeled":
        items = found.items.filter(resolution__project=project)
        return _driven(found, items, "resolution__item_id")
    if status == "unlabeled":
        label = Resolution.objects.filter(item=OuterRef("pk"))
        return _where(found, Q(~Q(status=ItemStatus.LABELED), ~Exists(label)))
    return _where(found, Q(status=status))


def _flagged(found: Found, project: Project, flagged: str) -> Found:
    live = Annotation.objects.live().filter(project=project, flagged=True)
    return _where(found, Q(pk__in=live.values("item")))


def _suggestion(found: Found, project: Project, how: str) -> Found:
    answers = measured(project).filter(assignment__suggestion_shown=how == "shown")
    return _where(found, Q(pk__in=answers.values("item")))


def _guideline(found: Found, project: Project, version: str) -> Found:
    live = Annotation.objects.live().filter(project=project, guideline__version=int(version))
    return _where(found, Q(pk__in=live.values("item")))


def _date_from(found: Found, project: Project, day: str) -> Found:
    start = _midnight(day)
    around = project.items.filter(created_at__gte=start - CLOCKS).order_by("created_at")
    first = Subquery(around.values("pk")[:1])
    return _where(found, Q(created_at__gte=start, pk__gte=first))


def _date_to(found: Found, project: Project, day: str) -> Found:
    end = _midnight(day) + timedelta(days=1)
    around = project.items.filter(created_at__lt=end + CLOCKS).order_by("-created_at")
    last = Subquery(around.values("pk")[:1])
    return _where(found, Q(created_at__lt=end, pk__lte=last))


def _week(found: Found, project: Project, day: str) -> Found:
    """Narrow to items whose newest answer was given in the week of this day, from Monday."""
    monday = date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday())
    start, end = _midnight(monday.isoformat()), _midnight((monday + WEEK).isoformat())
    given = Annotation.objects.given_since(start).filter(project=project, created_at__lt=end)
    later = Annotation.objects.given_since(end).filter(item=OuterRef("pk"))
    return _where(found, Q(Q(pk__in=given.values("item")), ~Exists(later)))


def _origin(found: Found, project: Project, name: str) -> Found:
    jobs = ImportJob.objects.filter(project=project, source=name)
    return _where(found, Q(import_job__in=jobs.order_by().values("pk")))


def _source(found: Found, project: Project, job_id: str) -> Found:
    return _where(found, Q(import_job=int(job_id) or None))


def _midnight(day: str) -> datetime:
    return timezone.make_aware(datetime.combine(date.fromisoformat(day), time.min))


def _where(found: Found, condition: Q | Exists) -> Found:
    return Found(found.items.filter(condition), found.key)


def _driven(found: Found, items: QuerySet[Item], key: str) -> Found:
    """Let the first of several filters that bring a key lead, so that one index gives the order."""
    return Found(items, key if found.key == "pk" else found.key)


AGREEMENT = {
    "compared": Q(agreement__isnull=False),
    "agree": Q(agreement=1.0),
    "disagree": Q(agreement__lt=1.0),
}

Narrow = Callable[[Found, Project, str], Found]
# In this order: what leaves the fewest items leads.
NARROW: dict[str, Narrow] = {
    "external_id": lambda found, _, value: _where(found, Q(external_id=value)),
    "q": _text,
    "reason": _reason,
    "annotator": _annotator,
    "gave": _gave,
    "label": _label,
    "status": _status,
    "also": _also,
    "flagged": _flagged,
    "suggestion": _suggestion,
    "guideline": _guideline,
    "agreement": lambda found, _, value: _where(found, AGREEMENT[value]),
    "below": lambda found, project, value: _confidence(found, project, "lt", value),
    "above": lambda found, project, value: _confidence(found, project, "gte", value),
    "source": _source,
    "origin": _origin,
    "date_from": _date_from,
    "date_to": _date_to,
    "week": _week,
    "split": lambda found, _, value: _where(found, Q(split=value)),
}
