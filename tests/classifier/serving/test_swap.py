"""Changing the model in service: when, to what, and what happens to one that is broken."""

import logging
import threading
from collections.abc import Sequence

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from classifier.deploy import set_label_thresholds, set_threshold
from classifier.models import ModelVersion, Stage
from classifier.recipes.artifact import LoadedModel
from classifier.recipes.base import Floats
from labeling.access import Access
from labeling.models import Label, Project
from tests.classifier.champions import SURE, make_model, promote
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process
from tests.loop.stack import await_value


def spoil(model: ModelVersion) -> None:
    """Change a file of a stored model."""
    name = f"{model.artifact}/keywords.json"
    default_storage.delete(name)
    default_storage.save(name, ContentFile(b"{}"))


def test_a_promotion_is_followed_at_the_next_poll(
    process: Process, ask: Ask, project: Project
) -> None:
    second = make_model(project, stage=Stage.CANDIDATE, turned=True)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1
    promote(second)
    process.poll()
    told = ask(title=SURE["alpha"]).json()
    assert (told["model_version"], told["label"]) == (2, "beta")


def test_a_rollback_is_followed_too(
    process: Process, ask: Ask, project: Project, champion: ModelVersion
) -> None:
    promote(make_model(project, stage=Stage.CANDIDATE, turned=True))
    process.poll()
    promote(champion)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["label"] == "alpha"


def test_going_back_loads_nothing(
    process: Process,
    ask: Ask,
    project: Project,
    champion: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    promote(make_model(project, stage=Stage.CANDIDATE, turned=True))
    process.poll()
    monkeypatch.setattr("classifier.artifacts.load", None)
    promote(champion)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1


def test_every_machine_follows_by_itself(
    champion: ModelVersion, settings: pytest.FixtureRequest, project: Project
) -> None:
    settings.SERVING_POLL_SECONDS = 0.01  # type: ignore[attr-defined]
    with Process.start() as one, Process.start() as other:
        promote(make_model(project, stage=Stage.CANDIDATE))
        shelves = [process.server.champions for process in (one, other)]

        def numbers() -> set[int]:
            return {shelf.of(project.pk, "test").version.number for shelf in shelves}

        await_value(lambda: numbers() == {2}, "the swap", step=0.01)


def test_a_threshold_is_followed_without_loading_the_model_again(
    process: Process,
    ask: Ask,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("classifier.serving.shelf.open_scorer", None)
    set_threshold(access=manager_access, threshold=1.0)
    process.poll()
    told = ask(title=SURE["alpha"]).json()
    assert (told["route"], told["threshold"]) == ("review", 1.0)


def test_a_label_is_accepted_from_its_own_threshold_on(
    process: Process, ask: Ask, project: Project, manager_access: Access
) -> None:
    set_label_thresholds(access=manager_access, by_label={"alpha": 0.1, "beta": 1.0})
    process.poll()
    told = [ask(title=words).json() for words in SURE.values()]
    routes = [(each["label"], each["route"], each["threshold"]) for each in told]
    assert routes == [("alpha", "accept", 0.1), ("beta", "review", 1.0), ("gamma", "review", 1.01)]
    # Another model keeps them, as it keeps one for all.
    promote(make_model(project, stage=Stage.CANDIDATE))
    process.poll()
    told = ask(title=SURE["alpha"]).json()
    assert (told["model_version"], told["threshold"]) == (2, 0.1)
    set_threshold(access=manager_access, threshold=1.0)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["threshold"] == 1.0


def test_a_model_whose_files_were_changed_is_refused_and_the_old_one_stays(
    process: Process, ask: Ask, project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    second = make_model(project, stage=Stage.CANDIDATE)
    spoil(second)
    promote(second)
    with caplog.at_level(logging.ERROR):
        process.poll()
        process.poll()
    assert ask().json()["model_version"] == 1
    refusals = [record for record in caplog.records if "champion refused" in record.getMessage()]
    assert len(refusals) == 1


def test_a_refused_model_is_tried_again_after_half_a_minute(
    process: Process, ask: Ask, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr("classifier.serving.shelf.monotonic", lambda: clock)
    second = make_model(project, stage=Stage.CANDIDATE)
    files = {
        name: default_storage.open(f"{second.artifact}/{name}", "rb").read()
        for name in default_storage.listdir(second.artifact)[1]
    }
    spoil(second)
    promote(second)
    process.poll()
    default_storage.delete(f"{second.artifact}/keywords.json")
    content = ContentFile(files["keywords.json"])
    default_storage.save(f"{second.artifact}/keywords.json", content)
    process.poll()
    assert ask().json()["model_version"] == 1
    clock += 30.1
    process.poll()
    assert ask().json()["model_version"] == 2


def test_without_an_old_one_a_refused_model_is_named_as_the_reason(
    champion: ModelVersion, process: Process, ask: Ask, project: Project
) -> None:
    ModelVersion.objects.filter(pk=champion.pk).update(stage=Stage.RETIRED)
    process.poll()
    spoil(champion)
    promote(champion)
    process.poll()
    response = ask()
    assert response.status_code == 503
    assert response.json()["code"] == "model_refused"


def test_a_model_with_a_label_that_the_project_lost_is_refused(
    process: Process, ask: Ask, project: Project
) -> None:
    second = make_model(project, stage=Stage.CANDIDATE)
    Label.objects.filter(project=project, name="gamma").update(name="delta")
    promote(second)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1


def test_a_call_in_flight_is_answered_by_the_model_that_took_it(
    process: Process, ask: Ask, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    predicting, swapped = threading.Event(), threading.Event()
    real = LoadedModel.predict_proba

    def slow(model: LoadedModel, texts: Sequence[str]) -> Floats:
        if "slow" in texts[0]:
            predicting.set()
            assert swapped.wait(10)
        return real(model, texts)

    monkeypatch.setattr(LoadedModel, "predict_proba", slow)
    told: list[int] = []
    caller = threading.Thread(
        target=lambda: told.append(ask(title="slow apple").json()["model_version"])
    )
    caller.start()
    assert predicting.wait(10)
    promote(make_model(project, stage=Stage.CANDIDATE))
    process.poll()
    swapped.set()
    caller.join()
    assert told == [1]
    assert ask().json()["model_version"] == 2


def test_projects_are_served_side_by_side(process: Process, ask: Ask, project: Project) -> None:
    assert len(process.server.champions) == 1
    project.model_versions.update(stage=Stage.RETIRED)
    process.poll()
    assert len(process.server.champions) == 0
