"""How fast votes that were gathered elsewhere come in, are settled, and are weighed.

`python -m benchmarks.votes --engine sqlite` makes a project with items that wait for two looks
each, writes a CSV file `external_id, annotator, label` in random order, takes it in by
`manage.py import_items` in a process of its own, with all that follows for the items, and takes it
in once more, which has to change nothing. Then all votes are weighed by the verb that stores a new
version of the weights. PostgreSQL is at TEST_POSTGRES_URL, else on this machine. The last line is
JSON; `import_s` and `weigh_s` are what a worker takes, start of the process included.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.crowd import Setting, simulate
from benchmarks.databases import ENGINES, ROOT, fresh_database

LABELS, VOTES_AN_ITEM, VOTES_EACH = 10, 5, 500


def main() -> None:
    """Print a table, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=100_000)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with fresh_database(options.engine), tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options)
    print("engine      votes   import s  again s  weigh s  of that, mathematics")
    print(
        f"{options.engine:<10}  {options.votes:<6}  {found['import_s']:>8}  {found['again_s']:>7}  "
        f"{found['weigh_s']:>7}  {found['aggregate_s']:>20}"
    )
    print(json.dumps(found))


def measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Take one file in twice and weigh its votes; return the seconds of each."""
    items = options.votes // VOTES_AN_ITEM
    make_project(items)
    file = folder / "votes.csv"
    write_votes(file, items, options.seed)
    first = take_in(file)
    check(items)
    again = take_in(file)
    check(items)
    return {"import_s": first, "again_s": again, **weigh(), "items": items}


def make_project(items: int) -> None:
    """Make a project whose items wait for two looks each."""
    from accounts.models import User
    from labeling.intake import add_items
    from labeling.projects import NewLabel, create_project
    from labeling.readers import Row

    user = User.objects.create_user("bench")
    labels = [NewLabel(f"label {number}") for number in range(LABELS)]
    project = create_project(user=user, name="B", slug="bench", labels=labels)
    rows = (Row(n + 1, f"Item {n}", external_id=f"item-{n}") for n in range(items))
    add_items(project=project, user=user, rows=rows, source="benchmark")


def write_votes(file: Path, items: int, seed: int) -> None:
    """Write the votes of a mixed crowd in random order."""
    rng = np.random.default_rng(seed)
    setting = Setting("mixed", True, items, LABELS, VOTES_AN_ITEM, VOTES_EACH, 0.3)
    votes, _ = simulate(setting, rng)
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["external_id", "annotator", "label"])
        for place in rng.permutation(len(votes.item)):
            row = f"item-{votes.item[place]}", f"w{votes.annotator[place]}"
            writer.writerow([*row, f"label {votes.label[place]}"])


def take_in(file: Path) -> float:
    """Import the file in a process of its own; return the seconds."""
    started = time.perf_counter()
    command = [sys.executable, "manage.py", "import_items", "bench", str(file)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return round(time.perf_counter() - started, 1)


def check(items: int) -> None:
    """Stop where the import left other rows than it should have."""
    from labeling.models import Annotation, Item, Task

    counted = [
        Annotation.objects.live().count(),
        Item.objects.filter(vote_count=VOTES_AN_ITEM).count(),
        Task.objects.filter(unsettled=False).count(),
    ]
    if counted != [items * VOTES_AN_ITEM, items, items]:
        raise SystemExit(f"counted {counted}")


def weigh() -> dict[str, float]:
    """Weigh all votes and store the weights; return the seconds, and those of the mathematics."""
    from labeling.models import ConsensusJob, Project
    from labeling.statistics.aggregation import aggregate
    from labeling.weighing import estimate, evidence_of, put_in_force, votes_of

    project = Project.objects.get()
    job = ConsensusJob.objects.create(project=project)
    started = time.perf_counter()
    put_in_force(job=job, found=estimate(project), evidence=evidence_of(project))
    whole = time.perf_counter() - started
    votes = votes_of(project).numbered()
    started = time.perf_counter()
    aggregate(votes)
    alone = time.perf_counter() - started
    return {"weigh_s": round(whole, 1), "aggregate_s": round(alone, 1)}


if __name__ == "__main__":
    main()
