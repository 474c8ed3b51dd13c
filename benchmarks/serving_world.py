"""A project with two trained models, and the real serving process on it."""

import csv
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.databases import ROOT
from classifier.recipes import RECIPES
from classifier.recipes.artifact import Manifest, write_artifact
from classifier.recipes.base import Recipe
from classifier.recipes.text import join_text
from config.launcher.ports import free_port

SLUG = "serving"
START_SECONDS = 90
ITEMS = ROOT / "labeling" / "demo" / "items.csv"


def read_texts() -> tuple[list[tuple[str, str]], list[str]]:
    """Return title and body of the demo's items, and their labels."""
    with ITEMS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [(row["title"], row["body"]) for row in rows], [row["label"] for row in rows]


def varied(texts: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """Return so many texts, all different: titles of some items over the bodies of others."""
    size = len(texts)
    return [
        (f"{texts[n % size][0]} {n}", texts[(n + n // size + 1) % size][1]) for n in range(count)
    ]


def build(recipe: str, models: int = 2) -> str:
    """Make the project with so many models, the first of them its champion; return an API key."""
    from accounts.keys import create_key
    from accounts.models import User
    from classifier.models import ModelVersion, Stage
    from labeling.projects import NewLabel, create_project

    labels = sorted(set(read_texts()[1]))
    user = User.objects.create(username="program")
    create_project(user=user, name=SLUG, slug=SLUG, labels=[NewLabel(name) for name in labels])
    for number in range(1, models + 1):
        _store(recipe, number)
    ModelVersion.objects.filter(number=1).update(stage=Stage.CHAMPION)
    return create_key(user=user, name="benchmark", scopes=["tag"])[1]


def write_model(recipe: str, folder: Path, *, number: int) -> Manifest:
    """Train a model on the demo's items and write it into a folder; numbers tell models apart."""
    model = _trained(recipe)
    return write_artifact(
        folder, model, temperature=1.0 + number / 10, snapshot_hash=f"made up {number}"
    )


def promote(number: int) -> None:
    """Make a model the champion, as an approval does."""
    from django.db import transaction

    from classifier.models import ModelVersion, Stage
    from classifier.rollout.stages import announce
    from labeling.models import Project

    with transaction.atomic():
        ModelVersion.objects.filter(stage=Stage.CHAMPION).update(stage=Stage.RETIRED)
        ModelVersion.objects.filter(number=number).update(stage=Stage.CHAMPION)
        announce(Project.objects.get())


@contextmanager
def serving(**env: str) -> Iterator[tuple[int, int]]:
    """Run the serving process until the end of the block; yield its port and process id."""
    port = free_port()
    command = [sys.executable, "-m", "classifier.serving"]
    given = os.environ | {"SERVING_PORT": str(port)} | env
    process = subprocess.Popen(command, cwd=ROOT, env=given)
    try:
        wait_for(port, process)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have used."""
    return sum(_spent(each) for each in (pid, *_children(pid)))


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in found.split()]


def wait_for(
    port: int,
    process: "subprocess.Popen[bytes]",
    *,
    path: str = "/health/ready",
    seconds: float = START_SECONDS,
) -> None:
    """Wait until a process answers on a path.

    Raises:
        TimeoutError: it ended, or did not in time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise TimeoutError("The serving process did not start.")


@cache
def _trained(recipe: str) -> Recipe[Any]:
    texts, labels = read_texts()
    model = RECIPES[recipe]()
    model.fit([join_text(title, body) for title, body in texts], labels)
    return model


def _store(recipe: str, number: int) -> None:
    from classifier import artifacts
    from classifier.models import DatasetSnapshot, ModelVersion, Stage, TrainingRun
    from labeling.models import JobState, Project

    project = Project.objects.get()
    folder = artifacts.folder_of(project, number)
    with TemporaryDirectory() as scratch:
        local = Path(scratch) / "model"
        manifest = write_model(recipe, local, number=number)
        artifacts.store(local, folder)
    snapshot = DatasetSnapshot.objects.create(
        project=project, number=number, hash="h", labels=[], training_rows=0, holdout_rows=0
    )
    run = TrainingRun.objects.create(
        project=project, number=number, recipes={}, snapshot=snapshot, state=JobState.SUCCEEDED
    )
    ModelVersion.objects.create(
        project=project,
        number=number,
        run=run,
        snapshot=snapshot,
        recipe=recipe,
        stage=Stage.CANDIDATE,
        artifact=folder,
        artifact_hash=manifest.hash,
        manifest=manifest.to_dict(),
        train_seconds=0.0,
    )
