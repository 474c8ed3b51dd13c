"""Building the demo project: import, past votes, past decisions."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import transaction

from labeling.adjudicate import decide
from labeling.annotate import submit
from labeling.demo.history import spread_over_days
from labeling.demo.people import ANNOTATORS, Person, create_manager, join_all
from labeling.intake import add_items
from labeling.models import Membership, Project, Role, Split, Task, TaskState
from labeling.projects import NewLabel, create_project
from labeling.queue import claim
from labeling.readers import Row

SLUG = "ml-content"
FOLDER = Path(__file__).parent
HOLDOUT = 120
ANNOTATED = 360
LEFT_IN_REVIEW = 12
LABELS = (
    NewLabel("natural-language-processing", "1", "Text or transcribed language is the data."),
    NewLabel("computer-vision", "2", "Images or video are the data."),
    NewLabel("mlops", "3", "Models in production: serving, pipelines, monitoring, versions."),
    NewLabel("other", "4", "Machine learning that is none of the three."),
)


@dataclass(frozen=True)
class DemoItem:
    """An item with its label and, where it is a hard case, the second label that it could bear."""

    external_id: str
    label: str
    also: str
    title: str
    body: str


def read_items() -> list[DemoItem]:
    """Return the demo's items in file order."""
    with (FOLDER / "items.csv").open(newline="", encoding="utf-8") as file:
        return [DemoItem(**row) for row in csv.DictReader(file)]


@transaction.atomic
def build() -> Project:
    """Make the demo project, or return it where it stands already."""
    known = Project.objects.filter(slug=SLUG).first()
    if known is not None:
        return known
    manager = create_manager()
    project = create_project(
        user=manager,
        name="ML content tagging",
        slug=SLUG,
        description="Articles, papers and repositories about machine learning, one tag each.",
        labels=LABELS,
        guideline=(FOLDER / "guideline.md").read_text(encoding="utf-8"),
    )
    join_all(project)
    items = read_items()
    gold = _holdout(items)
    early, late = _in_two(items, gold)
    add_items(project=project, user=manager, rows=_rows(early, gold), source="demo items")
    _vote(project, {item.external_id: item for item in items})
    _adjudicate(project, {item.external_id: item for item in items})
    spread_over_days(project)
    add_items(project=project, user=manager, rows=_rows(late, gold), source="demo items, new")
    return project


def _holdout(items: list[DemoItem]) -> set[str]:
    """Choose the gold holdout: evenly spaced in the items by label, so each has its share."""
    by_label = [item.external_id for item in sorted(items, key=lambda item: item.label)]
    places = np.linspace(0, len(items) - 1, HOLDOUT).astype(int)
    return {by_label[place] for place in places}


def _in_two(items: list[DemoItem], gold: set[str]) -> tuple[list[DemoItem], list[DemoItem]]:
    """Part the items in those that people have worked on, and those that came in since.

    First looks go before second ones: were all there from the start, hardly any would have two.
    """
    pool = [item for item in items if item.external_id not in gold]
    early = gold | {item.external_id for item in pool[:ANNOTATED]}
    known = [item for item in items if item.external_id in early]
    return known, [item for item in items if item.external_id not in early]


def _rows(items: list[DemoItem], gold: set[str]) -> Iterator[Row]:
    for number, item in enumerate(items, start=2):
        held = item.external_id in gold
        yield Row(
            number=number,
            external_id=item.external_id,
            title=item.title,
            body=item.body,
            label=item.label if held else "",
            split=Split.HOLDOUT if held else Split.POOL,
        )


def _vote(project: Project, items: dict[str, DemoItem]) -> None:
    """Let the annotators work through the queue as they would by page, each in turn."""
    rng = np.random.default_rng(20)
    members = {m.user.username: m.user for m in project.memberships.select_related("user")}
    for turn in range(2 * ANNOTATED):
        person = ANNOTATORS[turn % len(ANNOTATORS)]
        user = members[person.username]
        look = claim(project=project, user=user)
        if look is None:
            continue
        submit(
            project=project,
            user=user,
            assignment_id=look.pk,
            token=look.token,
            label_name=_answer(items[look.task.item.external_id], person, rng),
            idempotency_key=f"demo-{look.pk}",
            seconds=float(rng.lognormal(np.log(person.seconds), 0.5)),
        )


def _answer(item: DemoItem, person: Person, rng: np.random.Generator) -> str:
    if item.also and rng.random() < person.second_reading:
        return item.also
    if rng.random() < person.slip:
        others = [label.name for label in LABELS if label.name != item.label]
        return str(rng.choice(others))
    return item.label


def _adjudicate(project: Project, items: dict[str, DemoItem]) -> None:
    """Let the reviewer decide the disagreements but for the newest few."""
    reviewer = Membership.objects.select_related("user").get(project=project, role=Role.REVIEWER)
    cases = Task.objects.filter(project=project, state=TaskState.REVIEW).order_by("id")
    waiting = list(cases.select_related("item"))
    for task in waiting[: max(0, len(waiting) - LEFT_IN_REVIEW)]:
        decide(
            project=project,
            user=reviewer.user,
            task_id=task.pk,
            label_name=items[task.item.external_id].label,
        )
