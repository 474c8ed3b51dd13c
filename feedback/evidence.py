"""What is known of a case beside votes and notes: why it came back, and who reported what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.models import User
from feedback.models import Report, RouteReason, Routing
from feedback.reporters import Record, records_of
from labeling.facets import Facet
from labeling.models import Label, Project, Task, TaskState
from labeling.opinion import has_asked, may_ask

SHOWN = 10
FINER = (RouteReason.NEAR_TIE, RouteReason.NOVEL, RouteReason.RULE)


@dataclass(frozen=True)
class Evidence:
    """What the review page shows beside a case.

    `shares` is what the model gave to each label, and empty until the reviewer has asked for its
    opinion.
    """

    routing: Routing | None
    shares: Sequence[tuple[Label, float]]
    reports: Sequence[tuple[Report, Record]]


def facets() -> list[Facet]:
    """Return the finer reasons for which predictions come back."""
    return [
        Facet(
            reason.value,
            str(reason.label),
            Exists(Routing.objects.filter(task=OuterRef("pk"), reason=reason.value)),
        )
        for reason in FINER
    ]


def evidence_of(project: Project, user: User, task_id: int) -> Evidence:
    """Return the evidence about a case; nothing where it is decided blind.

    Raises:
        Http404: no such case waits in the project.
    """
    task = Task.objects.filter(project=project, pk=task_id, state=TaskState.REVIEW).first()
    if task is None:
        raise Http404("There is no such case in this project.")
    if not may_ask(task):
        return Evidence(None, [], [])
    found = Routing.objects.filter(task=task).select_related("prediction__model_version")
    routing = found.defer("prediction__model_version__manifest").order_by("-id").first()
    told = routing is not None and has_asked(task, user)
    return Evidence(routing, _shares(routing) if told and routing else [], _reports(task))


def _shares(routing: Routing) -> list[tuple[Label, float]]:
    given = routing.prediction.probabilities
    labels = Label.objects.filter(project=routing.project_id, name__in=given)
    return [(label, given[label.name]) for label in labels]


def _reports(task: Task) -> list[tuple[Report, Record]]:
    reports = list(task.reports.select_related("claimed_label", "reported_by")[:SHOWN])
    records = records_of(task.project, {one.reporter for one in reports})
    return [(one, records[one.reporter]) for one in reports]
