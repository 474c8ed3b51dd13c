"""What a recipe tells while it trains: stored, drawn on the run's page, given over REST."""

import math
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier import curves, progress
from classifier.models import RunPoint, TrainingRun
from classifier.progress import Stretch
from classifier.recipes import RECIPES, Progress
from classifier.retrain import cancel_run, retrain
from classifier.tasks import train
from labeling import jobs
from labeling.access import Access
from labeling.models import Project
from tests.classifier.training.conftest import LabelItems, Trained
from tests.classifier.training.drawing import DrawingRecipe, nothing

PAGE, METRICS = "/p/test/runs/1/", "/api/projects/test/runs/1/metrics/"


@pytest.fixture(autouse=True)
def drawing(monkeypatch: pytest.MonkeyPatch, label_items: LabelItems) -> Iterator[None]:
    """The recipe among the others, and items to train it on; no figure is too soon to be kept."""
    monkeypatch.setitem(RECIPES, "drawing", DrawingRecipe)
    monkeypatch.setattr(curves, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(curves, "POINTS_WANTED", math.inf)
    monkeypatch.setattr(progress, "ASK_SECONDS", 0.0)
    label_items(10)
    yield
    DrawingRecipe.at_step = nothing


@pytest.fixture
def run(project: Project, manager: User) -> TrainingRun:
    """A run of the recipe that waits for its worker."""
    return retrain(project=project, user=manager, recipes={"drawing": {}})


def again(run: TrainingRun) -> TrainingRun:
    run.refresh_from_db()
    return run


def test_each_step_is_a_point_of_the_model_s_curve(trained: Trained) -> None:
    run = trained("drawing")

    points = run.points.filter(part="", name="loss").values_list("done", "value")
    assert [round(done, 6) for done, _ in points] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [value for _, value in points] == [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert run.points.get(part="", name="f1").value == 0.75


def test_the_checks_by_folds_have_curves_of_their_own(trained: Trained) -> None:
    run = trained("drawing")

    parts = set(run.points.values_list("part", flat=True))
    assert parts == {"", *(f"checking on fold {n} of 5" for n in range(1, 6))}


def test_device_and_memory_stand_on_the_run(trained: Trained) -> None:
    run = trained("drawing")

    assert run.device.startswith("CPU, ")
    assert run.memory_mb > 0
    assert run.device_memory_mb == 40


def test_a_curve_is_thinned_and_keeps_its_ends(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curves, "EVERY_SECONDS", 3600.0)

    train(run.pk)

    points = run.points.filter(part="", name="loss").values_list("value", flat=True)
    assert list(points) == [1.0, 1 / 5]


def test_what_is_no_number_is_left_out(run: TrainingRun) -> None:
    jobs.claim(run)
    stretch = Stretch(run, "drawing", 0, 100, curves=curves.Curves(run, "drawing"))

    stretch.step(0.1, loss=math.nan)
    stretch.step(0.2, loss=math.inf)
    stretch.step(0.3, loss=0.5)

    assert [point.value for point in RunPoint.objects.all()] == [0.5]


def test_an_attempt_that_goes_on_draws_over_what_the_last_one_drew_beyond(
    run: TrainingRun,
) -> None:
    for done in (0.2, 0.4, 0.6):
        run.points.create(recipe="drawing", name="loss", done=done, value=9.0)

    curves.Curves(run, "drawing").add("", "loss", 0.4, 1.0)

    assert list(run.points.values_list("done", "value")) == [(0.2, 9.0), (0.4, 1.0)]


def test_a_cancel_is_seen_at_the_next_step(run: TrainingRun, manager_access: Access) -> None:
    steps: list[int] = []

    def cancel_at_the_second(step: int, report: Progress) -> None:
        steps.append(step)
        if step == 1:
            cancel_run(access=manager_access, number=1)

    DrawingRecipe.at_step = cancel_at_the_second
    train(run.pk)

    assert steps == [0, 1]
    assert (again(run).state, run.failure) == ("cancelled", "")
    assert not run.model_versions.exists()


def test_checkpoints_stay_while_a_run_may_go_on_and_go_when_it_ends(run: TrainingRun) -> None:
    folder = settings.TRAINING_DIR / "checkpoints" / str(run.pk)

    def die(step: int, report: Progress) -> None:
        assert report.checkpoint_dir is not None
        if "fold-3" in str(report.checkpoint_dir):
            raise SystemExit

    DrawingRecipe.at_step = die
    with pytest.raises(SystemExit):
        train(run.pk)
    kept = sorted(path.parent.name for path in folder.rglob("*.npy"))
    DrawingRecipe.at_step = nothing
    TrainingRun.objects.update(state="queued")
    train(run.pk)

    assert kept == ["fold-1", "fold-2"]
    assert again(run).state == "succeeded"
    assert not folder.exists()


def test_while_another_run_has_the_device_it_waits(
    run: TrainingRun, other_project: Project
) -> None:
    inner: list[str] = []
    other = TrainingRun.objects.create(project=other_project, number=1, recipes={})

    def try_the_other(step: int, report: Progress) -> None:
        train(other.pk)
        inner.append(again(other).state)

    DrawingRecipe.at_step = try_the_other
    train(run.pk)

    assert set(inner) == {"queued"}
    assert again(run).state == "succeeded"


def test_the_page_draws_the_curves_with_their_numbers(as_manager: Client, trained: Trained) -> None:
    trained("drawing")

    page = as_manager.get(PAGE).content.decode()

    assert "Loss of drawing over its training" in page
    assert "Weighted F1 of drawing over its training" in page
    assert page.count("<polyline") == 12
    assert "<td>loss</td><td>the model</td>" in page
    assert "MB of memory at most, 40 MB on the GPU" in page


def test_rest_gives_the_curves(api: APIClient, trained: Trained) -> None:
    trained("drawing")

    answer = api.get(METRICS).json()

    assert answer["status"] == "succeeded"
    (f1,) = [each for each in answer["curves"] if each["name"] == "f1" and not each["part"]]
    assert f1 == {"recipe": "drawing", "part": "", "name": "f1", "points": [[1.0, 0.75]]}


def test_rest_tells_what_the_worker_does(api: APIClient, run: TrainingRun) -> None:
    seen: list[tuple[str, str]] = []

    def look(step: int, report: Progress) -> None:
        answer = api.get("/api/projects/test/runs/1/").json()
        seen.append((answer["status"], answer["recipe"]))

    DrawingRecipe.at_step = look
    before = api.get("/api/projects/test/runs/1/").json()["status"]
    train(run.pk)

    assert before == "queued"
    assert set(seen) == {("training", "drawing")}
    assert api.get("/api/projects/test/runs/1/").json()["status"] == "succeeded"
