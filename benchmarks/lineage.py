"""How long it takes to follow a prediction back, and an answer on, in a big project.

`python -m benchmarks.lineage --engine sqlite|postgresql` fills a throw-away database by SQL with
items, two answers to most of them, predictions, and models with a snapshot of 10,000 rows each,
and asks for predictions and answers at random, as pages and over REST, through Django's test
client. The last line is JSON.
"""

import argparse
import json
import time
import uuid
from random import Random
from typing import Any

from benchmarks.databases import ENGINES, fresh_database
from benchmarks.items import LABELS
from benchmarks.pages import fill as fill_pages

SEED, CHUNK, WARM = 3, 5000, 3


def main() -> None:
    """Fill, measure, and print a table and its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--items", type=int, default=200_000, help="half of them have answers")
    parser.add_argument("--predictions", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=10_000, help="of each snapshot")
    parser.add_argument("--models", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=100, help="how often each is asked for")
    options = parser.parse_args()
    with fresh_database(options.engine):
        user = fill_pages(options.items)
        fill(options)
        report(measure(user, options.repeats))


def fill(options: argparse.Namespace) -> None:
    """Write snapshots, models and predictions."""
    from django.db import connection

    from labeling.models import Annotation, Project

    project = Project.objects.get(slug="big")
    given = Annotation.objects.filter(project=project, label__isnull=False)
    items = list(given.order_by("item_id").values_list("item_id", flat=True).distinct())
    chance = Random(SEED)
    models = [
        add_model(project, number + 1, sorted(chance.sample(items, options.rows)))
        for number in range(options.models)
    ]
    for first in range(0, options.predictions, CHUNK):
        add_predictions(project, models, chance, min(CHUNK, options.predictions - first))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def add_model(project: Any, number: int, items: list[int]) -> Any:
    """Write a model and the snapshot of these items."""
    from classifier.models import Evaluation, ModelVersion, TrainingRun
    from labeling.models import JobState

    snapshot = add_snapshot(project, number, items)
    run = TrainingRun.objects.create(
        project=project, number=number, recipes={}, snapshot=snapshot, state=JobState.SUCCEEDED
    )
    model = ModelVersion.objects.create(
        project=project,
        number=number,
        run=run,
        snapshot=snapshot,
        recipe="linear",
        stage="retired",
        artifact="none",
        artifact_hash="h",
        manifest={},
        train_seconds=1,
    )
    nothing: dict[str, Any] = {"per_class": [], "confusion": [], "slices": [], "checks": []}
    nothing |= {"overall": {}, "calibration": {}, "comparison": {}}
    Evaluation.objects.create(model_version=model, rows=0, weighted_f1=0.9, passed=True, **nothing)
    return model


def add_snapshot(project: Any, number: int, items: list[int]) -> Any:
    """Write the snapshot of these items."""
    from classifier.models import DatasetSnapshot, SnapshotRow
    from labeling.models import Item

    snapshot = DatasetSnapshot.objects.create(
        project=project,
        number=number,
        hash=f"{number:064d}",
        labels=list(LABELS),
        training_rows=len(items),
        holdout_rows=0,
    )
    found = Item.objects.in_bulk(items)
    rows = (
        SnapshotRow(
            snapshot=snapshot,
            item_id=pk,
            split="pool",
            external_id=found[pk].external_id,
            title=found[pk].title,
            body=found[pk].body,
            label=LABELS[pk % 4],
            method="agreement",
        )
        for pk in items
    )
    SnapshotRow.objects.bulk_create(rows, batch_size=1000)
    return snapshot


def add_predictions(project: Any, models: list[Any], chance: Random, count: int) -> None:
    """Write predictions of random items' texts."""
    from classifier.models import Prediction
    from labeling.models import Item

    labels = list(project.labels.all())
    first, size = Item.objects.order_by("pk")[0].pk, Item.objects.count()
    drawn = [first + chance.randrange(size) for _ in range(count)]
    found = Item.objects.in_bulk(set(drawn))
    Prediction.objects.bulk_create(
        Prediction(
            id=uuid.UUID(int=chance.getrandbits(128)),
            project=project,
            model_version=models[pk % len(models)],
            item_id=pk,
            title=found[pk].title,
            body=found[pk].body,
            label=labels[pk % len(labels)],
            confidence=0.9,
            probabilities={},
            route="accept",
            threshold=0.8,
            source="realtime",
        )
        for pk in drawn
    )


def measure(user: Any, repeats: int) -> dict[str, list[float]]:
    """Return the milliseconds of each direction, of every time that it was asked for."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    from classifier.models import Prediction
    from labeling.models import Annotation

    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(user)
    chance = Random(SEED)
    predictions = chance.sample(list(Prediction.objects.values_list("pk", flat=True)), repeats)
    given = list(
        Annotation.objects.filter(item__snapshots__isnull=False).values_list("pk", flat=True)
    )
    answers = chance.sample(given, repeats)
    print(f"{Prediction.objects.count():,} predictions, {Annotation.objects.count():,} answers")
    return {
        "prediction page": ask(client, "/p/big/predictions/{}/", predictions),
        "prediction REST": ask(client, "/api/projects/big/predictions/{}/", predictions),
        "answer page": ask(client, "/p/big/annotations/{}/", answers),
        "answer REST": ask(client, "/api/projects/big/annotations/{}/", answers),
    }


def ask(client: Any, address: str, keys: list[Any]) -> list[float]:
    """Return how long each took, in order, after a few that warm up."""
    times = []
    for key in [*keys[:WARM], *keys]:
        started = time.perf_counter()
        response = client.get(address.format(key))
        times.append((time.perf_counter() - started) * 1000)
        assert response.status_code == 200, address
    return sorted(times[WARM:])


def report(times: dict[str, list[float]]) -> None:
    """Print the table and the JSON."""
    print(f"{'asked for':<16} {'p50 ms':>8} {'p95 ms':>8}")
    figures: dict[str, float] = {}
    for name, found in times.items():
        p50, p95 = found[len(found) // 2], found[int(len(found) * 0.95)]
        print(f"{name:<16} {p50:>8.1f} {p95:>8.1f}")
        figures |= {f"{name.replace(' ', '_').lower()}_p95_ms": round(p95, 1)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
