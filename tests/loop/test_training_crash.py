"""A training worker that is killed, a run that is cancelled, a model that is tampered with."""

import io
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.loop.people import Person
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.processes
ROWS = 1500
RUNS, MODELS = "projects/crash/runs/", "projects/crash/models/"
WORDS = {
    "alpha": "grammar verb noun syntax parse sentence dialect idiom phrase clause accent vowel",
    "beta": "pixel lens shutter frame contrast edge shade colour camera blur focus tone",
}
COMMON = "the of and about with for day work note small way model"


@pytest.fixture(scope="module")
def trained(manager: Person) -> Person:
    """The manager, with a project of labeled items and one calm run."""
    labels = [{"name": name} for name in WORDS]
    manager.post("projects/", {"name": "Crash", "slug": "crash", "labels": labels})
    files = {"file": ("rows.csv", labeled_rows(), "text/csv")}
    job = manager.post("projects/crash/items/import/", files=files)["id"]
    await_value(lambda: imported(manager, job), "the items")
    end_of(manager, start(manager))
    return manager


def test_a_killed_worker_s_run_goes_on_to_the_same_model(stack: Stack, trained: Person) -> None:
    number = start(trained)
    await_value(lambda: at_work(trained, number, "fold 3"), "the third fold", step=0.01)
    assert stack.kill("worker", "training")
    assert len(kept_folds(stack)) >= 2

    ended = end_of(trained, number)

    assert (ended["state"], ended["attempt"]) == ("succeeded", 2), ended
    calm, resumed = (model_of(trained, run) for run in (1, number))
    assert calm["snapshot"] == resumed["snapshot"]
    assert calm["artifact_hash"] == resumed["artifact_hash"]
    await_value(lambda: not kept_folds(stack), "the checkpoints to go")


def test_a_cancel_frees_the_worker_in_the_middle_of_a_fit(trained: Person) -> None:
    number = start(trained)
    await_value(lambda: at_work(trained, number, "fold 2"), "the second fold", step=0.01)

    cancelled = trained.post(f"{RUNS}{number}/cancel/")
    following = end_of(trained, start(trained))

    assert cancelled["status"] == "cancelled"
    assert trained.get(f"{RUNS}{number}/")["models"] == []
    assert (following["state"], following["attempt"]) == ("succeeded", 1), following


def test_a_model_is_taken_along_unless_it_was_tampered_with(stack: Stack, trained: Person) -> None:
    path = f"{MODELS}1/artifact/"
    stored = Path(stack.env["TAGLOOP_DATA_DIR"]) / "artifacts" / "models" / "crash" / "1-1"

    whole = trained.http.get(path).raise_for_status().content
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert sorted(archive.namelist()) == sorted(file.name for file in stored.iterdir())
        assert all(archive.read(file.name) == file.read_bytes() for file in stored.iterdir())
    (stored / "vocabulary.json").write_bytes(b"{}")
    refused = trained.http.get(path)

    assert refused.status_code == 409
    assert "vocabulary.json was changed" in refused.json()["detail"]


def labeled_rows() -> bytes:
    """Return a file of labeled items."""
    rng = random.Random(0)
    lines = ["id,title,description,label"]
    for number in range(ROWS):
        label = rng.choice(list(WORDS))
        words = f"{WORDS[label]} {COMMON} {COMMON}".split()
        text = " ".join(rng.choices(words, k=60))
        lines.append(f"{number},Item {number},{text},{label}")
    return "\n".join(lines).encode()


def imported(manager: Person, job_id: int) -> bool:
    """Tell whether all items are in."""
    job = manager.get(f"projects/crash/imports/{job_id}/")
    return bool(job["state"] == "succeeded" and job["added"] == ROWS)


def start(manager: Person) -> int:
    """Start a run of one recipe and return its number."""
    number: int = manager.post(RUNS, {"recipes": {"linear": {}}})["number"]
    return number


def at_work(manager: Person, number: int, stage: str) -> bool:
    """Tell whether a run is at a stage."""
    run = manager.get(f"{RUNS}{number}/")
    assert run["state"] in {"queued", "running"}, "the run was too quick for this test"
    return stage in run["stage"]


def end_of(manager: Person, number: int) -> dict[str, Any]:
    """Wait for the end of a run and return it."""

    def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = manager.get(f"{RUNS}{number}/")
        return None if run["state"] in {"queued", "running"} else run

    return await_value(ended, "the end of the run", patience=300)


def model_of(manager: Person, run: int) -> dict[str, Any]:
    """Return the one model of a run."""
    (number,) = manager.get(f"{RUNS}{run}/")["models"]
    model: dict[str, Any] = manager.get(f"{MODELS}{number}/")
    return model


def kept_folds(stack: Stack) -> list[Path]:
    """Return the checkpoints of folds that lie about."""
    root = Path(stack.env["TAGLOOP_DATA_DIR"]) / "training" / "checkpoints"
    return list(root.rglob("*.npy"))
