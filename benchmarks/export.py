"""How fast a project's items come out again, and whether memory grows with them.

`python -m benchmarks.export --rows 100000 --engine sqlite` writes every format to nowhere, each in
a process of its own, from a project with two votes on each item. The last line is JSON: rows per
second of the slower of CSV and JSON lines with votes, and the highest memory of any, in MB.
"""

import argparse
import json
import multiprocessing
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.databases import ENGINES, fresh_database

if TYPE_CHECKING:
    from accounts.models import User

RUNS = (
    ("csv", False),
    ("csv", True),
    ("jsonl", False),
    ("jsonl", True),
    ("parquet", True),
    ("huggingface", False),
    ("labelstudio", True),
    ("doccano", False),
)
COUNTED = ("csv", "jsonl")
BATCH = 5000


@dataclass(frozen=True)
class Figures:
    """One export: its speed, its size, and what its process held at most."""

    rows_per_s: float
    file_mb: float
    peak_mb: float


def main() -> None:
    """Print the table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    asked = parser.parse_args()
    with fresh_database(asked.engine):
        fill(asked.rows)
        found = {run: measured(*run, rows=asked.rows) for run in RUNS}
    show(found, asked.rows, asked.engine)


def show(found: dict[tuple[str, bool], Figures], rows: int, engine: str) -> None:
    """Print what was measured."""
    print(f"{rows:,} items with two votes each, {engine}")
    print(f"{'format':<14}{'votes':<8}{'rows/s':>10}{'MB':>8}{'peak MB':>10}")
    for (name, evidence), figures in found.items():
        votes = "with" if evidence else "without"
        print(
            f"{name:<14}{votes:<8}{figures.rows_per_s:>10,.0f}"
            f"{figures.file_mb:>8.1f}{figures.peak_mb:>10.0f}"
        )
    slowest = min(found[name, True].rows_per_s for name in COUNTED)
    peak = max(figures.peak_mb for figures in found.values())
    print(json.dumps({"rows_per_s": round(slowest), "peak_mb": round(peak)}))


def measured(name: str, evidence: bool, *, rows: int) -> Figures:
    """Export in a new process and return its figures."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, size, peak = pool.apply(export, (name, evidence))
    return Figures(rows / seconds, size / 2**20, peak / 2**10)


def export(name: str, evidence: bool) -> tuple[float, int, int]:
    """Write an export to nowhere; return seconds, bytes, and the most memory held in KiB."""
    import django

    django.setup()
    from labeling.export.download import write
    from labeling.export.rows import Options
    from labeling.models import Project

    begun = time.perf_counter()
    size = sum(map(len, write(Project.objects.get(), name, Options(evidence=evidence), {})))
    seconds = time.perf_counter() - begun
    return seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def fill(rows: int) -> None:
    """Make a project whose items have two answers and a label each, as the verbs leave them."""
    from accounts.models import User
    from labeling.models import Membership, Role
    from labeling.projects import NewLabel, create_project

    people = [User.objects.create_user(name) for name in ("manager", "ann", "bob")]
    labels = [NewLabel("alpha"), NewLabel("beta"), NewLabel("gamma")]
    project = create_project(user=people[0], name="Benchmark", slug="benchmark", labels=labels)
    for user in people[1:]:
        Membership.objects.create(project=project, user=user, role=Role.ANNOTATOR)
    answers = [label.pk for label in project.labels.all()]
    for first in range(0, rows, BATCH):
        _fill_batch(project.pk, range(first, min(first + BATCH, rows)), answers, people[1:])


def _fill_batch(project: int, numbers: range, labels: list[int], people: "list[User]") -> None:
    from django.utils import timezone

    from labeling.models import Item, Resolution, Task

    now = timezone.now()
    items = Item.objects.bulk_create(
        Item(
            project_id=project,
            external_id=f"row-{number}",
            title=f"Title of the item with the number {number}",
            body="A text of about two hundred characters, as items have it. " * 3,
            text_hash=f"{number:064d}",
            draw=number,
            status="labeled",
            vote_count=2,
            agreement=1.0,
        )
        for number in numbers
    )
    tasks = Task.objects.bulk_create(
        Task(project_id=project, item=item, state="closed", closed_at=now) for item in items
    )
    for slot, user in enumerate(people, start=1):
        looks = [
            {"project_id": project, "task": task, "slot": slot, "annotator": user, "done_at": now}
            for task in tasks
        ]
        _fill_votes(looks, labels)
    Resolution.objects.bulk_create(
        Resolution(
            project_id=project,
            item=item,
            label_id=labels[item.pk % len(labels)],
            method="agreement",
            votes=2,
            resolved_at=now,
        )
        for item in items
    )


def _fill_votes(looks: list[dict[str, Any]], labels: list[int]) -> None:
    from labeling.models import Annotation, Assignment

    done = Assignment.objects.bulk_create(Assignment(state="done", **look) for look in looks)
    Annotation.objects.bulk_create(
        Annotation(
            project_id=look.project_id,
            item_id=look.task.item_id,
            assignment=look,
            annotator=look.annotator,
            label_id=labels[look.task.item_id % len(labels)],
            idempotency_key=f"{look.pk}",
            seconds=9.4,
        )
        for look in done
    )


if __name__ == "__main__":
    main()
