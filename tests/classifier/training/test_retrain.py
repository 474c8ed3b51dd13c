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
from classifier.recipes.linear import LinearParameters
from classifier.tasks import train
from labeling.models import Event, JobState, Project
from tests.classifier.training.conftest import Caller, LabelItems

PAGE = "/p/test/models/retrain/"
API = "/api/projects/test/runs/"
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
        ({"magic": {}}, "recipes: Unknown recipe “magic”; known: keywords, linear."),
        ({}, "recipes: choose at least one of keywords, linear."),
        ({"linear": {"size": 3}}, "recipes: Unknown parameter “size”"),
        ({"linear": {"fit_strength": "high"}}, "recipes: “fit_strength” must be a float"),
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
            "recipes: Unknown recipe “magic”; known: keywords, linear.",
        ),
    ],
)
def test_the_command_says_what_is_wrong(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("retrain", *arguments)

    assert str(caught.value) == message


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
        pytest.raises(CommandError, match=r"Run 1 failed\. No term is left\."),
    ):
        call_command("retrain", "test", "--wait")


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
