"""The pages of a big project: how long each takes to answer.

`python -m benchmarks.pages --engine sqlite|postgresql --items 1000000` fills a throw-away database
by SQL with items and about 440,000 answers, and asks for pages through Django's test client. The
last line is JSON.
"""

import argparse
import json
import time
from typing import Any

from benchmarks.databases import ENGINES, fresh_database
from benchmarks.items import fill as fill_items

PEOPLE, WARM = 8, 2
# Every ninth item gets a second answer, which now and then differs from the first.
SECOND = (
    """INSERT INTO labeling_assignment (project_id, task_id, slot, priority, rank, state, audience,
    token, tab, skip_reason, annotator_id)
    SELECT t.project_id, t.id, 2, 0, 0, 'done', '', '', '', '', {person} + t.item_id % {people}
    FROM labeling_task t JOIN labeling_item i ON i.id = t.item_id WHERE i.draw % 9 = 0""",
    """INSERT INTO labeling_annotation (project_id, item_id, assignment_id, annotator_id, label_id,
    idempotency_key, note, flagged, imported, seconds, created_at)
    SELECT a.project_id, t.item_id, a.id, a.annotator_id, {label} + (t.item_id % 10) / 9,
    'second-' || a.id, '', {false}, {false}, 9.5, t.created_at
    FROM labeling_assignment a JOIN labeling_task t ON t.id = a.task_id WHERE a.slot = 2""",
)
PAGES = {
    "projects": "/projects/",
    "loop": "/p/big/",
    "home figures": "/p/big/figures/",
    "quality": "/p/big/quality/",
    "items": "/p/big/items/",
    "review": "/p/big/review/",
    "settings": "/p/big/settings/",
    "label": "/p/big/label/",
    "models": "/p/big/models/",
    "rollout": "/p/big/rollout/",
    "monitor": "/p/big/monitor/",
    "export": "/p/big/export/",
    "REST project": "/api/projects/big/",
    "REST progress": "/api/projects/big/progress/",
    "REST annotators": "/api/projects/big/annotators/",
    "REST agreement": "/api/projects/big/agreement/",
    "REST members": "/api/projects/big/members/",
    "REST items": "/api/projects/big/items/",
    "REST review": "/api/projects/big/review/",
    "REST why no work": "/api/projects/big/tasks/why/",
}


def main() -> None:
    """Fill, measure, and print a table and its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=10, help="how often each page is asked for")
    options = parser.parse_args()
    with fresh_database(options.engine):
        user = fill(options.items)
        report(measure(user, options.repeats))


def fill(size: int) -> Any:
    """Write a project with this many items, eight more people and their answers."""
    from django.db import connection

    from accounts.models import User
    from labeling.models import Membership, Project

    user = fill_items(size)
    project = Project.objects.get(slug="big")
    people = [User.objects.create(username=f"person-{number}") for number in range(PEOPLE)]
    Membership.objects.bulk_create(Membership(project=project, user=one) for one in people)
    postgres = connection.vendor == "postgresql"
    names = {
        "person": people[0].pk,
        "people": PEOPLE,
        "label": project.labels.all()[0].pk,
        "false": "false" if postgres else "0",
    }
    with connection.cursor() as cursor:
        for statement in SECOND:
            cursor.execute(statement.format(**names))
        cursor.execute("VACUUM ANALYZE" if postgres else "PRAGMA optimize")
    return user


def measure(user: Any, repeats: int) -> dict[str, list[float]]:
    """Return the milliseconds of each page, of every time that it was asked for."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    return {name: ask(client, address, repeats) for name, address in PAGES.items()}


def ask(client: Any, address: str, repeats: int) -> list[float]:
    """Return how long each answer took, after a few that warm up."""
    times = []
    for _ in range(repeats + WARM):
        started = time.perf_counter()
        response = client.get(address)
        times.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, address
    return sorted(times[WARM:])


def report(times: dict[str, list[float]]) -> None:
    """Print the table and the JSON."""
    print(f"{'page':<20} {'p50 ms':>8} {'worst ms':>8}")
    for name, found in times.items():
        print(f"{name:<20} {found[len(found) // 2]:>8.1f} {found[-1]:>8.1f}")
    slowest = max(times, key=lambda name: times[name][-1])
    print(json.dumps({"slowest": slowest, "worst_ms": round(times[slowest][-1], 1)}))


if __name__ == "__main__":
    main()
