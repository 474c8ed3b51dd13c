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
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2

ROOT = Path(__file__).resolve().parents[1]
LOCAL_POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "xe", "zu", "bar", "del", "fin")
REPEATED = 100
MAKE = """
from accounts.models import User
from labeling.projects import NewLabel, create_project
user = User.objects.create_user("bench")
labels = [NewLabel("a"), NewLabel("b")]
project = create_project(user=user, name="B", slug="bench", labels=labels)
project.overlap, project.max_looks = {overlap}, max({overlap}, 2)
project.save()
"""
COUNT = """
from labeling.models import Assignment, Item, Task
print(Item.objects.count(), Task.objects.count(), Assignment.objects.count())
"""


def main() -> None:
    """Print a table, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--overlap", type=int, default=2, help="looks at each item")
    parser.add_argument("--body", type=int, default=60, help="characters of a text")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(options.engine) as url:
        found = measure(Path(folder), url, options)
    print("engine      rows      file MB  seconds  rows/s  peak MB")
    print(
        f"{options.engine:<10}  {options.rows:<8}  {found['file_mb']:>7}  {found['seconds']:>7}  "
        f"{found['rows_per_s']:>6}  {found['peak_mb']:>7}"
    )
    print(json.dumps(found))


def measure(folder: Path, url: str, options: argparse.Namespace) -> dict[str, float]:
    """Import one file and return the figures; every hundredth row is there twice."""
    file = folder / "rows.csv"
    distinct = write_rows(file, options.rows, options.body)
    env = os.environ | {"TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": str(folder / "data")}
    env |= {"DATABASE_URL": url} if url else {}
    manage(env, "migrate", "-v", "0")
    manage(env, "shell", "-v", "0", "-c", MAKE.format(overlap=options.overlap))
    started = time.perf_counter()
    command = [sys.executable, "manage.py", "import_items", "bench", str(file)]
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"the import ended with status {status}")
    expected = f"{distinct} {distinct} {distinct * options.overlap}"
    counted = manage(env, "shell", "-v", "0", "-c", COUNT)
    if counted != expected:
        raise SystemExit(f"counted {counted}, expected {expected}")
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


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command and return what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


@contextmanager
def database(engine: str) -> Iterator[str]:
    """Yield the address of an empty database; "" for the SQLite file of the data folder."""
    if engine == "sqlite":
        yield ""
        return
    server, name = os.environ.get("TEST_POSTGRES_URL", LOCAL_POSTGRES), f"b{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


if __name__ == "__main__":
    main()
