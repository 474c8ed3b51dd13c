"""What the online evaluation of a project is computed from, read from the database.

A prediction whose Routing leads to people was drawn for them, with the probability that it carries:
1 for what had its turn, that of the lot for what waits for it behind the cap of a day. What waits
and was not drawn by lot is no look, even where its item gets a label in another way.

It has been looked at once people have decided on its item: by votes or by a reviewer, and after the
prediction was made. What was settled before may have taught the model, and a label that a model's
accepted answer gave says nothing about the model.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    FloatField,
    IntegerField,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import TruncDate
from django.utils import timezone

from classifier.models import Prediction, Slice
from classifier.recipes.text import join_text
from classifier.slices import Facts, masks
from feedback.models import Destination, Report, Routing
from feedback.statistics.live import PERIODS
from feedback.statistics.strata import EDGES, Cell, Look, band_of
from labeling.models import Annotation, Project, ResolutionMethod

# The newest so many, of the longest period at most, are read.
PREDICTIONS_READ, LOOKS_READ = 500_000, 20_000
BY_PEOPLE = (
    ResolutionMethod.AGREEMENT,
    ResolutionMethod.WEIGHTED,
    ResolutionMethod.ADJUDICATION,
)
FIELDS = (
    "made",
    "model",
    "prediction__route",
    "prediction__confidence",
    "prediction__label__name",
    "truth",
    "probability",
    "prediction__title",
    "prediction__body",
    "method",
    "source",
    "came",
    "waits",
)


@dataclass(frozen=True)
class Drawn:
    """How many answers of a route and band were drawn, and how many of those are looked at."""

    route: str
    band: int
    drawn: int


@dataclass(frozen=True)
class Proxies:
    """Signals of a week that say something about a model without being a sample of its answers.

    Attributes:
        since: first day of the week.
        predictions: how many there were.
        reports: how many were reported as wrong.
        decided: how many of those sent to people for being unsure were decided.
        overridden: how many of these got another label.
        votes: how many votes were given on what was drawn.
        agreeing: how many of these are for the model's label.
    """

    since: date
    predictions: int
    reports: int
    decided: int
    overridden: int
    votes: int
    agreeing: int


def since_of(project: Project) -> datetime:
    """Return from when on predictions are read: the longest period, or the newest so many."""
    first = timezone.now() - timedelta(days=max(PERIODS) - 1)
    first = first.replace(hour=0, minute=0, second=0, microsecond=0)
    newest = Prediction.objects.filter(project=project, created_at__gte=first)
    newest = newest.order_by("-created_at", "-id")
    last = newest.values_list("created_at", flat=True)[PREDICTIONS_READ : PREDICTIONS_READ + 1]
    return max([first, *last])


def cells_of(project: Project, since: datetime) -> list[Cell]:
    """Return a project's predictions since then, counted by day, model, route and band."""
    counted = (
        Prediction.objects.filter(project=project, created_at__gte=since)
        .order_by()
        .annotate(waits=_waits("routing__"))
        .values_list(
            TruncDate("created_at"), "model_version__number", "route", _band("confidence"), "waits"
        )
        .annotate(answers=Count("pk"), expected=Sum("confidence"))
    )
    return [
        Cell(day, model, route, band, answers, expected, waits)
        for day, model, route, band, waits, answers, expected in counted
    ]


def drawn_of(project: Project, first: date) -> list[Drawn]:
    """Return how many predictions from that day on were drawn for people, by route and band."""
    since = timezone.make_aware(datetime.combine(first, time()))
    counted = (
        _drawn(project, since)
        .order_by()
        .values_list("prediction__route", _band("prediction__confidence"))
        .annotate(drawn=Count("pk"))
    )
    return [Drawn(*row) for row in counted]


def looks_of(project: Project, since: datetime, slices: Sequence[Slice]) -> list[Look]:
    """Return the newest predictions since then that were drawn and that people have decided on."""
    found = (
        _drawn(project, since)
        .annotate(
            made=TruncDate("prediction__created_at"),
            model=F("prediction__model_version__number"),
            truth=F("item__resolution__label__name"),
            method=F("item__resolution__method"),
            resolved_at=F("item__resolution__resolved_at"),
            source=F("item__import_job__source"),
            came=F("item__created_at"),
        )
        .filter(method__in=BY_PEOPLE, resolved_at__gte=F("prediction__created_at"))
        .order_by("-prediction__created_at", "-pk")
    )
    rows = list(found.values_list(*FIELDS)[:LOOKS_READ])
    facts = [Facts(join_text(row[7], row[8]), row[10] or "", _day(row[11]), row[9]) for row in rows]
    inside = masks(slices, facts)
    named = ({name for name in inside if inside[name][place]} for place in range(len(rows)))
    return [_look(row, frozenset(names)) for row, names in zip(rows, named, strict=True)]


def proxies_of(
    project: Project, since: datetime, cells: Sequence[Cell], looks: Sequence[Look], today: date
) -> Iterator[Proxies]:
    """Yield the proxies of each week back from `today`, the newest first."""
    reports = _by_day(Report.objects.filter(project=project, prediction__created_at__gte=since))
    votes, agreeing = _votes(project, since)
    for back in range(0, max(PERIODS), 7):
        days = {today - timedelta(days=back + day) for day in range(7)}
        unsure = [one for one in looks if one.day in days and one.route == "review"]
        yield Proxies(
            since=min(days),
            predictions=sum(cell.answers for cell in cells if cell.day in days),
            reports=sum(reports[day] for day in days),
            decided=len(unsure),
            overridden=sum(one.said != one.truth for one in unsure),
            votes=sum(votes[day] for day in days),
            agreeing=sum(agreeing[day] for day in days),
        )


def _drawn(project: Project, since: datetime) -> QuerySet[Routing]:
    asked = Q(destination=Destination.AUDIT) | Q(asked_at__isnull=False) | Q(lot_at__isnull=False)
    found = Routing.objects.filter(
        asked,
        project=project,
        destination__in=[Destination.REVIEW, Destination.AUDIT],
        prediction__created_at__gte=since,
    )
    by_lot = When(waits=True, then=F("lot_share"))
    chance = Case(by_lot, default=F("inclusion_probability"), output_field=FloatField())
    found = found.annotate(waits=_waits()).annotate(probability=chance)
    return found.filter(probability__gt=0)


def _waits(routing: str = "") -> Case:
    """Return whether something goes to people and its turn has not come."""
    before = {f"{routing}destination": Destination.REVIEW, f"{routing}asked_at__isnull": True}
    return Case(When(**before, then=Value(True)), default=Value(False), output_field=BooleanField())


def _band(confidence: str) -> Case:
    upto = [When(**{f"{confidence}__lt": edge}, then=Value(n)) for n, edge in enumerate(EDGES)]
    return Case(*upto, default=Value(len(EDGES)), output_field=IntegerField())


def _look(row: tuple, names: frozenset[str]) -> Look:  # type: ignore[type-arg]
    day, model, route, confidence, said, truth, probability = row[:7]
    return Look(
        day=day,
        model=model,
        route=route,
        band=band_of(confidence),
        confidence=confidence,
        said=said,
        truth=truth,
        probability=probability,
        slices=names,
        waits=row[12],
    )


def _day(moment: datetime | None) -> date | None:
    return timezone.localdate(moment) if moment else None


def _by_day(reports: QuerySet[Report]) -> Counter[date]:
    day = TruncDate("prediction__created_at")
    counted = reports.order_by().values_list(day).annotate(count=Count("prediction", distinct=True))
    return Counter(dict(counted))


def _votes(project: Project, since: datetime) -> tuple[Counter[date], Counter[date]]:
    """Return the votes of people on what was drawn, and those for the model's label, by day."""
    routing = "assignment__task__routings"
    counted = (
        Annotation.objects.live()
        .filter(
            project=project,
            created_at__gte=since,
            **{f"{routing}__prediction__created_at__gte": since},
        )
        .order_by()
        .values_list(TruncDate(f"{routing}__prediction__created_at"))
        .annotate(
            votes=Count("pk"),
            agreeing=Count("pk", filter=Q(label=F(f"{routing}__prediction__label"))),
        )
    )
    rows = list(counted)
    return (
        Counter({day: votes for day, votes, _ in rows}),
        Counter({day: agreeing for day, _, agreeing in rows}),
    )
