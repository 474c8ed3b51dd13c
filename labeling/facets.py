"""Finer reasons why cases came to a reviewer, and more evidence, that apps above know of."""

from dataclasses import dataclass

from django.db.models import Exists, QuerySet
from django.urls import reverse

from labeling.models import Project, Task, TaskReason, TaskState
from labeling.opinion import may_ask

PREFIX = "facet_"


@dataclass(frozen=True)
class Facet:
    """A reason that some cases have: its key in addresses, its words, its condition on tasks."""

    key: str
    words: str
    condition: Exists


@dataclass(frozen=True)
class Panel:
    """More evidence, or another way to decide: the name of a route and what it is called."""

    route: str
    words: str


facets: dict[str, Facet] = {}
evidence: list[str] = []
ways: list[Panel] = []


def register(facet: Facet) -> None:
    """Let an app above name a reason that the review page can be narrowed to."""
    facets[facet.key] = facet


def register_evidence(route: str) -> None:
    """Let an app above show more beside a case, from a route that takes the task's id.

    Cases that are decided blind never ask for it.
    """
    if route not in evidence:
        evidence.append(route)


def register_way(panel: Panel) -> None:
    """Let an app above offer another way to decide cases, from a route of the project."""
    if panel not in ways:
        ways.append(panel)


def with_facets(tasks: "QuerySet[Task]") -> "QuerySet[Task]":
    """Note on each task which of these reasons it has."""
    return tasks.annotate(**{PREFIX + each.key: each.condition for each in facets.values()})


def narrowed(tasks: "QuerySet[Task]", reason: str) -> "QuerySet[Task]":
    """Return the tasks, noted as `with_facets` does, of a reason; all where it is none."""
    if reason in facets:
        return tasks.filter(**{PREFIX + reason: True})
    return tasks.filter(reason=reason) if reason in TaskReason else tasks


def has_reason(task: Task, reason: str) -> bool:
    """Tell whether a task, noted as `with_facets` does, has a reason."""
    if reason in facets:
        return bool(getattr(task, PREFIX + reason))
    return task.reason == reason or reason not in TaskReason


def words_of(task: Task) -> str:
    """Return the finer reason of a task, noted as `with_facets` does; nothing without one."""
    if task.reason != TaskReason.LOW_CONFIDENCE:
        return ""
    found = (each.words for each in facets.values() if getattr(task, PREFIX + each.key))
    return next(found, "")


def evidence_of(project: Project, task: Task) -> list[str]:
    """Return the addresses of more evidence about a case; none where it is decided blind."""
    if task.state != TaskState.REVIEW or not may_ask(task):
        return []
    return [reverse(route, args=[project.slug, task.pk]) for route in evidence]


def ways_of(project: Project) -> list[tuple[str, str]]:
    """Return the address and the words of each other way to decide."""
    return [(reverse(way.route, args=[project.slug]), way.words) for way in ways]
