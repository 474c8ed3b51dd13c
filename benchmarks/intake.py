"""How fast and how lean a file comes in, de-duplicated, with its tasks and looks.

`python -m benchmarks.intake --rows 1000000 --engine sqlite` writes a CSV file of its own words,
takes it in by `manage.py import_items` in a process of its own, on a database that is thrown away,
and checks the counts. PostgreSQL is at TEST_POSTGRES_URL, else on this machine. The last line is
JSON. `--body` makes the texts longer: 1,000 characters give 100 MB in 90,000 rows.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.databases import ENGINES, ROOT, fresh_database

SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "xe", "zu", "bar", "del", "fin")
REPEATED = 100


def main() -> None:
    """Print a table, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--overlap", type=int, default=2, help="looks at each item")
    parser.add_argument("--body", type=int, default=60, help="characters of a text")
    options = parser.parse_args()
    with fresh_database(options.engine), tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), options)
    print("engine      rows      file MB  seconds  rows/s  peak MB")
    print(
        f"{options.engine:<10}  {options.rows:<8}  {found['file_mb']:>7}  {found['seconds']:>7}  "
        f"{found['rows_per_s']:>6}  {found['peak_mb']:>7}"
    )
    print(json.dumps(found))


def measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Import one file and return the figures; every hundredth row is there twice."""
    file = folder / "rows.csv"
    distinct = write_rows(file, options.rows, options.body)
    make_project(options.overlap)
    started = time.perf_counter()
    command = [sys.executable, "manage.py", "import_items", "bench", str(file)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"the import ended with status {status}")
    check(distinct, options.overlap)
    return {
        "rows_per_s": round(options.rows / seconds),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "file_mb": round(file.stat().st_size / 1e6, 1),
        "seconds": round(seconds, 1),
    }


def write_rows(file: Path, rows: int, body: int) -> int:
    """Write a CSV file, the same each time, and return how many of its rows are distinct."""
    rng = random.Random(7)
    words = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(4000)]
    distinct = 0
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened)
        writer.writerow(["external_id", "title", "body"])
        row: tuple[str, str, str] = ("", "", "")
        for number in range(rows):
            if number % REPEATED or not number:
                title = " ".join(rng.choices(words, k=7))
                text = f"{number} " + " ".join(rng.choices(words, k=max(1, body // 8)))
                row = (f"row-{number}", title, text)
                distinct += 1
            writer.writerow(row)
    return distinct


def make_project(overlap: int) -> None:
    """Make the empty project that the rows go to."""
    from accounts.models import User
    from labeling.projects import NewLabel, create_project

    user = User.objects.create_user("bench")
    labels = [NewLabel("a"), NewLabel("b")]
    project = create_project(user=user, name="B", slug="bench", labels=labels)
    project.overlap, project.max_looks = overlap, max(overlap, 2)
    project.save()


def check(items: int, overlap: int) -> None:
    """Stop where the import left other rows than it should have."""
    from labeling.models import Assignment, Item, Task

    expected = [items, items, items * overlap]
    counted = [model.objects.count() for model in (Item, Task, Assignment)]
    if counted != expected:
        raise SystemExit(f"counted {counted}, expected {expected}")


if __name__ == "__main__":
    main()
