"""What a claim costs as a project grows: fresh, and for somebody who has done half of it alone.

`python -m benchmarks.queue_growth --engine sqlite|postgresql` calls the verb in this process. The
last line is JSON: `plain` and `lone`, the median in milliseconds by number of items, and `ratio`,
the worse of the two between the largest and the smallest.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from uuid import uuid4

from benchmarks.databases import ENGINES, fresh_database

SIZES = (1_000, 100_000, 1_000_000)
CLAIMS = 200


def main() -> None:
    """Print a table by size, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of items")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.size:
        print(json.dumps(measure(options.engine, options.size)))
        return
    print(f"{CLAIMS} claims each, median in ms\n   items   plain    lone  built s")
    plain, lone = {}, {}
    for size in options.sizes:
        found = _apart(options.engine, size)
        plain[str(size)], lone[str(size)] = found["plain"], found["lone"]
        print(
            f"{size:>8}  {found['plain']:>6.2f}  {found['lone']:>6.2f}  {found['built_s']:>6.1f} s"
        )
    ends = str(options.sizes[-1]), str(options.sizes[0])
    ratio = max(by_size[ends[0]] / by_size[ends[1]] for by_size in (plain, lone))
    print(json.dumps({"plain": plain, "lone": lone, "ratio": round(ratio, 2)}))


def measure(engine: str, size: int) -> dict[str, float]:
    """Return the medians at one size, in ms, and how long the project took to build, in s."""
    with fresh_database(engine):
        from benchmarks.synthetic import add_items, answer_half, make_project

        begun = time.perf_counter()
        project, (first, lone) = make_project("growth", 2)
        add_items(project, size)
        built = time.perf_counter() - begun
        plain = claims("growth", first.username)
        begun = time.perf_counter()
        answer_half(project, lone)
        built += time.perf_counter() - begun
        _vacuum()
        found = {"plain": plain, "lone": claims("growth", lone.username), "built_s": built}
        _disconnect()
    return {name: round(value, 3) for name, value in found.items()}


def claims(slug: str, username: str) -> float:
    """Return the median time of a claim in ms; each look is answered before the next claim."""
    from accounts.models import User
    from labeling.annotate import submit
    from labeling.models import Project
    from labeling.queue import claim

    project, user = Project.objects.get(slug=slug), User.objects.get(username=username)
    times = []
    for _ in range(CLAIMS):
        begun = time.perf_counter()
        look = claim(project=project, user=user)
        times.append(1000 * (time.perf_counter() - begun))
        assert look is not None
        submit(
            project=project,
            user=user,
            assignment_id=look.pk,
            token=look.token,
            label_name="alpha",
            idempotency_key=uuid4().hex,
        )
    return statistics.median(times)


def _apart(engine: str, size: int) -> dict[str, float]:
    """Measure one size in a process of its own: Django knows one database at a time."""
    command = [sys.executable, "-m", "benchmarks.queue_growth", "--engine", engine]
    done = subprocess.run(
        [*command, "--size", str(size)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _vacuum() -> None:
    """Clear up behind a bulk update, as PostgreSQL does by itself when people label one by one."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    main()
