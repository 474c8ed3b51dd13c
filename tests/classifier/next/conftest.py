"""A project with a champion, and tasks that it can be asked about."""

from collections.abc import Callable

import pytest
from django.conf import settings

from classifier import priorities
from classifier.choose_next import run_choice
from classifier.models import ModelVersion, Pick, PriorityJob
from classifier.priorities import prioritise, set_policy
from labeling.access import Access
from labeling.models import Item, Project, Task
from tests.classifier.champions import SURE, UNSURE, make_model

Make = Callable[..., Item]
Chosen = Callable[..., PriorityJob]


@pytest.fixture(autouse=True)
def _silent_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the heartbeat's thread out of the one transaction that a test runs in."""
    monkeypatch.setattr(settings, "JOB_HEARTBEAT_SECONDS", 3600)


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The choices that a worker was told of; nobody works on them by itself."""
    told: list[int] = []
    monkeypatch.setattr(priorities, "nudge", lambda job: told.append(job.pk))
    return told


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """The model in service."""
    return make_model(project)


@pytest.fixture
def sure_and_unsure(champion: ModelVersion, make_item: Make) -> list[Item]:
    """Eight items that the champion is sure of, then two that it is not."""
    sure = [make_item(f"{SURE['alpha']} {number}") for number in range(8)]
    return [*sure, make_item(f"{UNSURE} one"), make_item(f"{UNSURE} two")]


@pytest.fixture
def chosen(project: Project, manager_access: Access) -> Chosen:
    """A function that sets rules, and makes a choice by them to its end."""

    def make(**rules: object) -> PriorityJob:
        set_policy(access=manager_access, **rules)
        job = prioritise(project=project, user=manager_access.user)
        run_choice(job.pk)
        job.refresh_from_db()
        return job

    return make


def task_of(item: Item) -> Task:
    """Return the one task of an item, as it is stored."""
    return Task.objects.select_related("pick").get(item=item)


def kinds() -> list[str]:
    """Return why the standing picks were picked, the first place first."""
    return list(Pick.objects.order_by("place").values_list("kind", flat=True))
