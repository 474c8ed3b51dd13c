"""Retrain: one verb behind the page, the admin, REST and the command."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import TrainingRun
from classifier.recipes import RECIPES
from classifier.recipes.linear import LinearParameters
from classifier.tasks import train
from labeling.models import Event, JobState, Project
from tests.classifier.training.conftest import Caller, LabelItems

PAGE = "/p/test/models/retrain/"
API = "/api/projects/test/runs/"
KNOWN = ", ".join(RECIPES)
CaptureOnCommit = Callable[..., Any]


@pytest.fixture(autouse=True)
def labeled(label_items: LabelItems) -> None:
    label_items(10)


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_page_queues_a_run_and_goes_there(as_manager: Client, manager: User) -> None:
    response = as_manager.post(PAGE, {"recipes": ["keywords", "linear"]})

    run = TrainingRun.objects.get()
    assert (response.status_code, response.headers["Location"]) == (302, "/p/test/runs/1/")
    assert (run.number, run.state, run.created_by) == (1, "queued", manager)
    assert set(run.recipes) == {"keywords", "linear"}
    assert run.recipes["linear"] == LinearParameters().to_dict()


def test_the_page_wants_a_recipe(as_manager: Client) -> None:
    response = as_manager.post(PAGE, {})

    assert said(response) == ["Choose at least one recipe."]
    assert not TrainingRun.objects.exists()


def test_rest_queues_the_default_ladder(api: APIClient) -> None:
    response = api.post(API)

    assert response.status_code == 201
    assert response.json()["state"] == "queued"
    assert set(response.json()["recipes"]) == {"keywords", "linear"}
    assert (response.json()["created_by"], response.json()["models"]) == ("manager", [])


def test_rest_takes_parameters(api: APIClient) -> None:
    response = api.post(API, {"recipes": {"linear": {"fit_strength": 10}}})

    assert response.json()["recipes"]["linear"]["fit_strength"] == 10.0
    assert response.json()["recipes"]["linear"]["balanced"] is True


@pytest.mark.parametrize(
    ("recipes", "detail"),
    [
        ({"magic": {}}, f"recipes: Unknown recipe “magic”; known: {KNOWN}."),
        ({}, f"recipes: choose at least one of {KNOWN}."),
        ({"linear": {"size": 3}}, "recipes: Unknown parameter “size”"),
        ({"linear": {"fit_strength": "high"}}, "recipes: “fit_strength” must be a float"),
        ({"blend": {"encoder": "/etc"}}, "recipes: “encoder” must be one of minilm here, not '/e"),
    ],
)
def test_rest_names_what_is_wrong(api: APIClient, recipes: object, detail: str) -> None:
    response = api.post(API, {"recipes": recipes})

    assert response.status_code == 422
    assert response.json()["detail"].startswith(detail)
    assert not TrainingRun.objects.exists()


def test_a_second_press_names_the_active_run(api: APIClient, as_manager: Client) -> None:
    api.post(API)

    again = api.post(API)
    page = as_manager.post(PAGE, {"recipes": ["linear"]})

    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert again.json()["detail"] == "Run 1 is queued: wait for it, or cancel it first."
    assert said(page) == ["Run 1 is queued: wait for it, or cancel it first."]
    assert TrainingRun.objects.count() == 1


def test_the_database_forbids_a_second_active_run(project: Project) -> None:
    TrainingRun.objects.create(project=project, number=1, recipes={}, state=JobState.RUNNING)

    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRun.objects.create(project=project, number=2, recipes={})


def test_the_next_run_has_the_next_number(api: APIClient) -> None:
    api.post(API)
    api.post(f"{API}1/cancel/")

    assert api.post(API).json()["number"] == 2


def test_too_little_data_is_refused_at_once(api: APIClient, project: Project) -> None:
    project.resolutions.exclude(label__name="alpha").delete()

    response = api.post(API)

    assert response.status_code == 422
    assert "Training needs two labels with 5 labeled items each" in response.json()["detail"]


def test_no_labels_is_refused_at_once(api: APIClient, project: Project) -> None:
    project.resolutions.all().delete()

    assert api.post(API).json()["detail"].startswith("No item is labeled yet")


def test_a_worker_is_nudged_after_the_commit(
    api: APIClient, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    with patch("classifier.tasks.train.apply_async") as nudge:
        with django_capture_on_commit_callbacks(execute=True):
            api.post(API)
            nudge.assert_not_called()

        run = TrainingRun.objects.get()
        assert nudge.call_args.args[0] == (run.pk,)


def test_a_broker_that_is_down_does_not_lose_the_run(
    api: APIClient, django_capture_on_commit_callbacks: CaptureOnCommit
) -> None:
    with (
        patch("classifier.tasks.train.apply_async", side_effect=ConnectionError),
        django_capture_on_commit_callbacks(execute=True),
    ):
        assert api.post(API).status_code == 201

    assert TrainingRun.objects.get().state == "queued"


def test_it_is_recorded(api: APIClient, manager: User) -> None:
    api.post(API, {"recipes": {"linear": {}}})

    event = Event.objects.get(subject_type="trainingrun")
    assert (event.actor, event.verb, event.after) == (manager, "retrained", "linear")


def test_the_admin_retrains_projects(project: Project, admin_client: Client) -> None:
    body = {"action": "retrain_projects", "_selected_action": [project.pk]}

    first = admin_client.post("/admin/labeling/project/", body)
    second = admin_client.post("/admin/labeling/project/", body)

    assert said(first) == ["Test project: run 1 is queued."]
    assert said(second)[-1] == ("Test project: Run 1 is queued: wait for it, or cancel it first.")
    assert TrainingRun.objects.get().created_by == User.objects.get(username="admin")


def test_the_command_queues_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("retrain", "test", "--recipe", "linear")

    assert capsys.readouterr().out == "Run 1 of test is queued.\n"
    assert list(TrainingRun.objects.get().recipes) == ["linear"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "There is no project 'nowhere'."),
        (
            ["test", "--recipe", "magic"],
            f"recipes: Unknown recipe “magic”; known: {KNOWN}.",
        ),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("retrain", *arguments)

    assert str(caught.value) == message


def test_the_command_sets_parameters_and_the_seed() -> None:
    arguments = ["--set", "fit_strength=3.5", "--set", "balanced=false", "--seed", "11"]
    call_command("retrain", "test", "--recipe", "linear", *arguments)

    run = TrainingRun.objects.get()
    assert (run.recipes["linear"]["fit_strength"], run.recipes["linear"]["balanced"]) == (
        3.5,
        False,
    )
    assert run.seed == 11


def test_the_command_sets_parameters_of_several_recipes() -> None:
    call_command("retrain", "test", "--set", "linear.minimum_items=3")

    run = TrainingRun.objects.get()
    assert run.recipes["linear"]["minimum_items"] == 3
    assert run.recipes["keywords"]["minimum_items"] == 2


@pytest.mark.parametrize("assignment", ["minimum_items=3", "linear.minimum_items", "magic.size=1"])
def test_the_command_wants_to_know_which_parameter(assignment: str) -> None:
    with pytest.raises(CommandError, match=r"write RECIPE\.NAME=VALUE") as caught:
        call_command("retrain", "test", "--set", assignment)

    assert caught.value.returncode == 2


def test_the_command_tells_a_busy_project_from_a_refusal(project: Project) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("retrain", "test", "--recipe", "linear", "--set", "size=3")
    call_command("retrain", "test")
    with pytest.raises(CommandError) as busy:
        call_command("retrain", "test")

    assert (refused.value.returncode, busy.value.returncode) == (2, 4)


def test_three_labels_in_all_are_told(api: APIClient, project: Project) -> None:
    kept = [project.resolutions.filter(label__name=name).first() for name in ("alpha", "beta")]
    more = project.resolutions.filter(label__name="gamma").first()
    wanted = [each.pk for each in [*kept, more] if each]
    project.resolutions.exclude(pk__in=wanted).delete()

    answer = api.post(API)

    assert answer.status_code == 422
    assert answer.json()["detail"] == (
        "Training needs two labels with 5 labeled items each outside the holdout; there are "
        "alpha: 1, beta: 1, gamma: 1. Label more items."
    )


def test_rest_takes_a_seed(api: APIClient) -> None:
    assert api.post(API, {"seed": 5}).json()["seed"] == 5
    assert api.post(API, {"seed": -1}).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_command_waits_for_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with patch("classifier.retrain.nudge", lambda run: train(run.pk)):
        call_command("retrain", "test", "--recipe", "keywords", "--wait")

    out = capsys.readouterr().out
    assert "snapshot 1: 24 items to learn from, 6 held out" in out
    assert "Model 1 (keywords): weighted F1" in out


@pytest.mark.django_db(transaction=True)
def test_the_command_fails_with_the_run() -> None:
    def fail(run: TrainingRun) -> None:
        TrainingRun.objects.update(state=JobState.FAILED, failure="No term is left.")

    with (
        patch("classifier.retrain.nudge", fail),
        pytest.raises(CommandError, match=r"Run 1 failed\. No term is left\.") as caught,
    ):
        call_command("retrain", "test", "--wait")

    assert caught.value.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_the_command_ends_with_a_run_that_is_cancelled() -> None:
    def cancel(run: TrainingRun) -> None:
        TrainingRun.objects.update(state=JobState.CANCELLED)

    with patch("classifier.retrain.nudge", cancel), pytest.raises(CommandError) as caught:
        call_command("retrain", "test", "--wait")

    assert (str(caught.value), caught.value.returncode) == ("Run 1 cancelled.", 3)


@pytest.mark.django_db(transaction=True)
def test_the_command_shows_how_far_the_run_is(capsys: pytest.CaptureFixture[str]) -> None:
    seen = iter(["running", "succeeded"])

    def advance(_: float) -> None:
        TrainingRun.objects.update(state=next(seen), stage="linear: fitting", done=40, total=100)

    with (
        patch("classifier.retrain.nudge"),
        patch("classifier.management.commands.retrain.time.sleep", advance),
    ):
        call_command("retrain", "test", "--wait")

    assert capsys.readouterr().err.splitlines() == [
        "waits for a training worker",
        "40 of 100 %: linear: fitting",
    ]


@pytest.mark.parametrize(
    ("who", "status"), [("annotator", 403), ("reviewer", 403), ("outsider", 404)]
)
def test_only_a_manager_may(caller: Caller, who: str, status: int) -> None:
    client, api = caller(who)

    assert client.post(PAGE, {"recipes": ["linear"]}).status_code == status
    assert api.post(API).status_code == status
    assert not TrainingRun.objects.exists()


def test_a_stranger_has_to_sign_in(client: Client) -> None:
    assert client.post(PAGE).status_code == 302
    assert APIClient().post(API).status_code == 401


def test_reading_the_button_is_refused(as_manager: Client) -> None:
    assert as_manager.get(PAGE).status_code == 405
