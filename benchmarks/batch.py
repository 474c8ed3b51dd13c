"""Items that a batch tags and stores per second, by how many workers take part.

`python -m benchmarks.batch --items 100000 --engine sqlite|postgresql` trains a model of words and
characters on made-up sentences and lets 1, then 2 worker processes tag as many others, about 40
words each. Before each batch what the last one stored is removed. The last line is JSON: `items`
and `items_per_s` by number of workers.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.databases import ENGINES, ROOT, fresh_database

RECIPES = ("linear", "keywords")
WORDS_EACH, VOCABULARY, TRAINED_ON = 40, 3_000, 800
WRITTEN_AT_ONCE = 10_000


def main() -> None:
    """Print items a second by number of workers, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="postgresql")
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--model", choices=RECIPES, default="linear")
    parser.add_argument("--work", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.work)
        return
    # Workers are told of the batch by this program, so there is no broker to ask.
    os.environ["BROKER_URL"] = "memory://"
    # One worker is one core, so that two of them show what a second core adds.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with fresh_database(options.engine):
        build(options.items, options.model)
        found = {}
        for workers in options.workers:
            found[str(workers)] = round(items_per_s(workers), 1)
            print(f"{workers} workers: {found[str(workers)]:,.0f} items/s")
        print(json.dumps({"items": options.items, "items_per_s": found}))


def build(items: int, recipe: str) -> None:
    """Make a project with items and a champion."""
    from benchmarks.synthetic import make_project
    from labeling.models import Item
    from labeling.statistics.text import text_hash, uniform_draw

    project, _ = make_project("batch", 0)
    rng = random.Random(1)
    words = [f"w{number:x}" for number in range(VOCABULARY)]

    def text() -> str:
        # Squared, so that a few words are frequent and most are rare, as in a language.
        return " ".join(words[int(VOCABULARY * rng.random() ** 2)] for _ in range(WORDS_EACH))

    texts = (text() for _ in range(items))
    for start in range(0, items, WRITTEN_AT_ONCE):
        rows = []
        for number in range(start, min(start + WRITTEN_AT_ONCE, items)):
            body = next(texts)
            digest = text_hash(f"Item {number}", body)
            rows.append(
                Item(
                    project=project,
                    external_id=f"item-{number}",
                    title=f"Item {number}",
                    body=body,
                    text_hash=digest,
                    draw=uniform_draw(digest),
                )
            )
        Item.objects.bulk_create(rows)
    _champion(recipe, [text() for _ in range(TRAINED_ON)])


def items_per_s(workers: int) -> float:
    """Return how many items a second are tagged and stored by so many worker processes."""
    from django.db import connection

    from accounts.models import User
    from classifier.batch import start_batch
    from classifier.models import Prediction
    from labeling.access import Access
    from labeling.models import Project, Role

    Prediction.objects.all().delete()
    project, user = Project.objects.get(), User.objects.get(username="batch-manager")
    job = start_batch(access=Access(project, user, Role.MANAGER))
    connection.close()
    command = [sys.executable, "-m", "benchmarks.batch", "--work", str(job.pk)]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(workers)
    ]
    for process in running:
        assert process.stdout
        process.stdout.readline()
    begun = time.perf_counter()
    for process in running:
        assert process.stdin
        process.stdin.close()
    for process in running:
        process.wait()
    took = time.perf_counter() - begun
    job.refresh_from_db()
    stored = Prediction.objects.count()
    if job.state != "succeeded" or stored != job.total:
        raise SystemExit(f"The batch {job.state}: {job.failure} {stored} of {job.total} stored.")
    return stored / took


def work(batch_id: int) -> None:
    """Take part in a batch, as a Celery worker does, once the standard input is closed."""
    import django

    django.setup()
    from classifier.batch_work import run_batch
    from classifier.models import BatchJob

    # A worker has these in memory: what it takes to start is not measured.
    from classifier.recipes import linear  # noqa: F401

    print("ready", flush=True)
    sys.stdin.read()
    while BatchJob.objects.filter(pk=batch_id, state__in=("queued", "running")).exists():
        run_batch(batch_id)
        time.sleep(0.01)


def _champion(recipe: str, texts: list[str]) -> None:
    from classifier import artifacts
    from classifier.models import DatasetSnapshot, ModelVersion, Stage, TrainingRun
    from classifier.recipes import RECIPES as KNOWN
    from classifier.recipes.artifact import write_artifact
    from labeling.models import Project

    project = Project.objects.get()
    model = KNOWN[recipe]()
    model.fit(texts, ["alpha" if number % 2 else "beta" for number in range(len(texts))])
    folder = artifacts.folder_of(project, 1)
    with TemporaryDirectory() as scratch:
        local = Path(scratch) / "model"
        manifest = write_artifact(local, model, temperature=1.0, snapshot_hash="made up")
        artifacts.store(local, folder)
    snapshot = DatasetSnapshot.objects.create(
        project=project, number=1, hash="h", labels=[], training_rows=0, holdout_rows=0
    )
    run = TrainingRun.objects.create(project=project, number=1, recipes={}, snapshot=snapshot)
    ModelVersion.objects.create(
        project=project,
        number=1,
        run=run,
        snapshot=snapshot,
        recipe=recipe,
        stage=Stage.CHAMPION,
        artifact=folder,
        artifact_hash=manifest.hash,
        manifest=manifest.to_dict(),
        train_seconds=0.0,
    )


if __name__ == "__main__":
    main()
