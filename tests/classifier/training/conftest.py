"""Labeled items that a model can learn from, and models that learned from them."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, TrainingRun
from classifier.retrain import retrain
from classifier.tasks import train
from labeling.intake import add_items
from labeling.models import Project
from labeling.readers import Row

WORDS = {
    "alpha": "grammar verb noun syntax parse sentence dialect idiom phrase clause accent vowel",
    "beta": "pixel lens shutter frame contrast edge shade colour camera blur focus tone",
    "gamma": "server deploy rollout cluster queue pager uptime backup replica release patch log",
}
COMMON = [
    "the",
    "of",
    "and",
    "about",
    "with",
    "for",
    "day",
    "work",
    "note",
    "small",
    "way",
    "model",
]
LabelItems = Callable[..., None]


@pytest.fixture(autouse=True)
def _silent_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep threads out of the one transaction that a test runs in."""
    monkeypatch.setattr(settings, "JOB_HEARTBEAT_SECONDS", 3600)
    monkeypatch.setattr(settings, "CANCEL_SECONDS", 3600)


@pytest.fixture(autouse=True)
def _own_training_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep checkpoints and the device's lock of a test to itself."""
    monkeypatch.setattr(settings, "TRAINING_DIR", tmp_path / "training")


def sentence(label: str, rng: random.Random, words: int = 14) -> str:
    """Return words of which half speak for the label."""
    own = WORDS[label].split()
    return " ".join(rng.choice(own) if n % 2 else rng.choice(COMMON) for n in range(words))


@pytest.fixture
def label_items(project: Project, manager: User) -> LabelItems:
    """A function that imports labeled items: `count` for each label, different for each `seed`."""

    def make(
        count: int, *, seed: int = 0, split: str = "", labels: str = "alpha beta gamma"
    ) -> None:
        rng = random.Random(seed)
        rows = [
            Row(
                number=number,
                external_id=f"{label}-{seed}-{number}",
                title=sentence(label, rng, 6),
                body=sentence(label, rng),
                label=label,
                split=split,
            )
            for label in labels.split()
            for number in range(count)
        ]
        job = add_items(project=project, user=manager, rows=rows, source="test")
        assert job.added == len(rows), job.problems

    return make


Trained = Callable[..., TrainingRun]


@pytest.fixture
def trained(project: Project, manager: User) -> Trained:
    """A function that retrains as the manager and does the worker's part too."""

    def make(*recipes: str) -> TrainingRun:
        chosen: dict[str, dict[str, object]] = {name: {} for name in recipes or ("keywords",)}
        run = retrain(project=project, user=manager, recipes=chosen)
        train(run.pk)
        run.refresh_from_db()
        return run

    return make


@pytest.fixture
def candidate(label_items: LabelItems, trained: Trained) -> ModelVersion:
    """A candidate that passed the gate."""
    label_items(90)
    model: ModelVersion = trained("linear").model_versions.get()
    assert model.evaluation.passed, model.evaluation.checks
    return model


@pytest.fixture
def weak_candidate(label_items: LabelItems, trained: Trained) -> ModelVersion:
    """A candidate that the gate cannot judge: its holdout is too small."""
    label_items(20)
    model: ModelVersion = trained("keywords").model_versions.get()
    assert not model.evaluation.passed
    return model


@pytest.fixture
def as_manager(client_for: Callable[[User], Client], manager: User) -> Client:
    """The manager's browser."""
    return client_for(manager)


@pytest.fixture
def api(api_for: Callable[[User], APIClient], manager: User, project: Project) -> APIClient:
    """The manager's REST client."""
    return api_for(manager)


Caller = Callable[[str], tuple[Client, APIClient]]


@pytest.fixture
def caller(
    request: pytest.FixtureRequest,
    client_for: Callable[[User], Client],
    api_for: Callable[[User], APIClient],
) -> Caller:
    """A function that gives the browser and the REST client of the person of a fixture."""

    def make(who: str) -> tuple[Client, APIClient]:
        user: User = request.getfixturevalue(who)
        return client_for(user), api_for(user)

    return make
