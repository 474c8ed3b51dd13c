"""The list of items at scale: first, deep and last page, every filter, and searches.

`python -m benchmarks.items --engine sqlite|postgresql --items 1000000` fills a throw-away
database by SQL and asks for pages through Django's test client. The last line is JSON.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.databases import ENGINES, fresh_database

WORDS, BATCH, WARM, SEED = 20_000, 20_000, 2, 5
LABELS = ("natural-language-processing", "computer-vision", "mlops", "other")

ITEMS = """INSERT INTO labeling_item (project_id, external_id, title, body, url, metadata,
text_hash, draw, split, status, vote_count, agreement, confidence, import_job_id,
created_at) VALUES """
AFTER = (
    """INSERT INTO labeling_resolution (project_id, item_id, label_id, method, votes, resolved_at)
    SELECT project_id, id, {label} + draw % 4, 'imported', 0, created_at FROM labeling_item
    WHERE status = 'labeled'""",
    """INSERT INTO labeling_task (project_id, item_id, reason, priority, wanted, blind,
    suggestion_source, note, rank, reserved, state, created_at)
    SELECT project_id, id, CASE WHEN draw % 50 = 0 THEN 'report' ELSE 'new' END, 0, 1, {false}, '',
    '', 0, '[]', CASE WHEN status = 'review' THEN 'review' WHEN status = 'waiting' THEN 'open'
    ELSE 'closed' END, created_at FROM labeling_item""",
    """INSERT INTO labeling_assignment (project_id, task_id, slot, priority, rank, state, audience,
    token, tab, skip_reason, annotator_id)
    SELECT t.project_id, t.id, 1, 0, 0, 'done', '', '', '', '', {user} + i.draw % 2
    FROM labeling_task t JOIN labeling_item i ON i.id = t.item_id WHERE i.draw % 3 = 0""",
    """INSERT INTO labeling_annotation (project_id, item_id, assignment_id, annotator_id, label_id,
    idempotency_key, note, flagged, imported, created_at)
    SELECT a.project_id, t.item_id, a.id, CASE WHEN t.item_id % 50 = 0 THEN {user} + 1 ELSE {user}
    END, {label}, {key}, '', t.item_id % 1000 = 0, {false}, t.created_at
    FROM labeling_assignment a JOIN labeling_task t ON t.id = a.task_id""",
)


def main() -> None:
    """Fill, measure, and print a table and its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=20, help="how often each page is asked for")
    options = parser.parse_args()
    with fresh_database(options.engine):
        started = time.perf_counter()
        user = fill(options.items)
        print(f"{options.items:,} items filled in {time.perf_counter() - started:.0f} s")
        report(measure(user, options.items, options.repeats))


def fill(size: int) -> Any:
    """Write a project with this many items, and return its manager."""
    from django.db import connection

    from labeling.models import Item
    from labeling.search import index_items

    user, project = make_project()
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for rows in batches(project, size):
            write(cursor, rows)
        index_items(Item.objects.values_list("pk", flat=True))
        names = {
            "label": project.labels.all()[0].pk,
            "user": user.pk,
            "false": "false" if postgres else "0",
            "key": "'k' || a.id",
        }
        for statement in AFTER:
            cursor.execute(statement.format(**names))
        cursor.execute("VACUUM ANALYZE" if postgres else "PRAGMA optimize")
    return user


def make_project() -> tuple[Any, Any]:
    """Return a manager and a project with a second member and two imports."""
    from accounts.models import User
    from labeling.models import Role
    from labeling.projects import NewLabel, create_project

    user = User.objects.create_user("manager", password="a long enough pass phrase")
    second = User.objects.create_user("second")
    labels = [NewLabel(name) for name in LABELS]
    project = create_project(user=user, name="Big", slug="big", labels=labels)
    project.memberships.create(user=second, role=Role.ANNOTATOR)
    for name in ("old.csv", "new.csv"):
        project.imports.create(source=name, created_by=user)
    return user, project


def batches(project: Any, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of items; words are as frequent as in a language."""
    from django.utils import timezone

    chance = Random(SEED)
    weights = [1 / (rank + 1) for rank in range(WORDS)]
    letters = "bcdfghjklmnpqrstvwxz"
    words = [
        "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(3)) + str(rank % 7)
        for rank in range(WORDS)
    ]
    words[:3] = ["commonest", "secondword", "thirdword"]
    words[500], words[15000] = "sometimes", "rarely"
    imports = list(project.imports.order_by("pk").values_list("pk", flat=True))
    start = timezone.now() - timedelta(days=365)
    for first in range(0, size, BATCH):
        count = min(BATCH, size - first)
        drawn = chance.choices(words, weights, k=count * 24)
        yield [
            (
                project.pk,
                *row(number, drawn[24 * place : 24 * place + 24], imports, share=number / size),
                start + timedelta(days=365 * number / size),
            )
            for place, number in enumerate(range(first, first + count))
        ]


def row(number: int, words: Sequence[str], imports: list[int], *, share: float) -> tuple[Any, ...]:
    """Return one item's values. The oldest half is labeled, as a queue in order leaves it."""
    labeled = share < 0.5
    status = "labeled" if labeled else "review" if number % 100 == 0 else "waiting"
    agreement = (0.5 if number % 40 == 0 else 1.0) if labeled and number % 4 == 0 else None
    confidence = (number * 7919 % 10_000) / 10_000
    return (
        *(f"e{number}", " ".join(words[:6]), " ".join(words[6:]), "", "{}"),
        *(f"{number:064d}", number, "holdout" if number % 200 == 0 else "pool"),
        *(status, int(labeled), agreement, confidence, imports[share >= 0.1]),
    )


def write(cursor: Any, rows: list[tuple[Any, ...]]) -> None:
    """Insert items the fast way of the engine."""
    from django.db import connection

    if connection.vendor == "postgresql":
        from psycopg2.extras import execute_values

        execute_values(cursor.cursor, ITEMS + "%s", rows, page_size=1000)
        return
    marks = ", ".join(["%s"] * len(rows[0]))
    adapt = connection.ops.adapt_datetimefield_value
    cursor.executemany(f"{ITEMS}({marks})", [(*r[:-1], adapt(r[-1])) for r in rows])


def pages(size: int) -> dict[str, str]:
    """Return the queries to ask for, by name."""
    from labeling.models import ImportJob

    jobs = ImportJob.objects.order_by("pk").values_list("pk", flat=True)
    filters = {
        **{f"label={name}": f"label={name}" for name in LABELS[:2]},
        **{f"status={name}": f"status={name}" for name in ("labeled", "unlabeled", "review")},
        "status=idle": "status=idle",
        "annotator (all)": "annotator=manager",
        "annotator (few)": "annotator=second",
        "agree": "agreement=agree",
        "disagree": "agreement=disagree",
        "below .5": "below=0.5",
        "below .001": "below=0.001",
        "above .9": "above=0.9",
        "import (old)": f"source={jobs[0]}",
        "import (new)": f"source={jobs[1]}",
        "reason=report": "reason=report",
        "reason=new": "reason=new",
        "flagged": "flagged=yes",
        "holdout": "split=holdout",
        "label + review": "label=mlops&status=review",
        "search common": "q=commonest",
        "search two common": "q=commonest+secondword",
        "search phrase": 'q="commonest secondword"',
        "search without": "q=commonest+-secondword",
        "search some": "q=sometimes",
        "search rare": "q=rarely",
        "search prefix": "q=rare",
        "search none": "q=nosuchwordhere",
        "search external id": f"q=e{size // 3}",
        "search + label": "q=sometimes&label=mlops",
    }
    found = {"first": "", "deep": f"before={size // 2}", "last": "last=1"}
    for name, query in filters.items():
        found[name] = query
        found[f"{name}, last"] = f"{query}&last=1"
    return found | _dates()


def _dates() -> dict[str, str]:
    from django.utils import timezone

    today = timezone.now().date()
    old, older = today - timedelta(days=300), today - timedelta(days=330)
    return {
        "added before": f"date_to={older}",
        "added since": f"date_from={old}",
        "added between": f"date_from={older}&date_to={old}",
    }


def measure(user: Any, size: int, repeats: int) -> dict[str, list[float]]:
    """Return the milliseconds of each page, of every time that it was asked for."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    return {name: ask(client, query, repeats) for name, query in pages(size).items()}


def ask(client: Any, query: str, repeats: int) -> list[float]:
    """Return how long each answer took, after a few that warm up."""
    times = []
    for _ in range(repeats + WARM):
        started = time.perf_counter()
        response = client.get(f"/p/big/items/?{query}")
        times.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, query
    return sorted(times[WARM:])


def report(times: dict[str, list[float]]) -> None:
    """Print the table and the JSON."""
    p95 = {name: found[int(0.95 * (len(found) - 1))] for name, found in times.items()}
    print(f"{'page':<32} {'p50 ms':>8} {'p95 ms':>8}")
    for name, found in times.items():
        print(f"{name:<32} {found[len(found) // 2]:>8.1f} {p95[name]:>8.1f}")
    figures = {
        "first_p95_ms": round(p95["first"], 1),
        "last_p95_ms": round(p95["last"], 1),
        "worst_p95_ms": round(max(p95.values()), 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
