"""From events to deliveries."""

import threading
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from classifier.approve import approve
from classifier.models import ModelVersion, Stage
from classifier.retrain import cancel_run
from feedback.models import Delivery, Kind, Webhook
from feedback.reports import report
from feedback.webhooks import outbox
from feedback.webhooks.endpoints import WithSecret, pause_webhook, resume_webhook
from feedback.webhooks.outbox import sweep
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.events import record
from labeling.jobs import recover
from labeling.models import Event, Project, Resolution, Task, TaskReason
from labeling.queue import want_look
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction
from tests.feedback.webhooks.receiver import wait_for
from tests.labeling.steps import answer

pytestmark = pytest.mark.usefixtures("hook")
TAKEN = {"id", "external_id"}


def told(kind: str) -> list[dict[str, object]]:
    """Sweep, and return what is told of a kind."""
    sweep()
    rows = Delivery.objects.filter(kind=kind).order_by("id")
    return [dict(one.payload, key=str(one.key)) for one in rows]


def test_an_item_that_got_its_label(
    project: Project, make_item: object, annotator: User, second_annotator: User
) -> None:
    item = make_item("Apples")  # type: ignore[operator]
    answer(project, annotator, "alpha")
    assert told(Kind.ITEM_RESOLVED) == []
    answer(project, second_annotator, "alpha")
    [one] = told(Kind.ITEM_RESOLVED)
    assert one["id"] == one["key"]
    assert one["type"] == "item.resolved"
    assert one["project"] == {"slug": "test", "name": "Test project"}
    assert one["actor"] == "second"
    task, resolution = Task.objects.get(), Resolution.objects.get()
    assert one["data"] == {
        "item": {"id": item.pk, "external_id": item.external_id},
        "label": "alpha",
        "method": "agreement",
        "resolved_at": resolution.resolved_at.isoformat(),
        "task": {"id": task.pk, "reason": "new"},
    }
    assert "Apples" not in str(one)
    assert told(Kind.PREDICTION_REVIEWED) == []


def test_a_prediction_that_people_reviewed(
    project: Project, reviewer: User, manager_access: Access
) -> None:
    prediction = make_prediction(make_model(project), "beta", 0.9, request_id="r-1")
    report(access=manager_access, prediction_id=prediction.pk, label_name="alpha")
    task = Task.objects.get(reason=TaskReason.REPORT)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="alpha")
    [one] = told(Kind.PREDICTION_REVIEWED)
    data = one["data"]
    assert isinstance(data, dict)
    assert (data["outcome"], data["label"]) == ("labeled", "alpha")
    assert data["predictions"] == [
        {
            "id": str(prediction.pk),
            "external_id": "",
            "model": 1,
            "label": "beta",
            "confidence": 0.9,
            "route": "accept",
            "request_id": "r-1",
            "right": False,
        }
    ]


def test_a_prediction_whose_item_was_put_out_of_scope(
    project: Project, reviewer: User, manager_access: Access
) -> None:
    prediction = make_prediction(make_model(project), "beta", 0.9)
    report(access=manager_access, prediction_id=prediction.pk)
    task = Task.objects.get(reason=TaskReason.REPORT)
    decide(project=project, user=reviewer, task_id=task.pk, label_name=None)
    [one] = told(Kind.PREDICTION_REVIEWED)
    data = one["data"]
    assert isinstance(data, dict)
    closed = Event.objects.get(verb="moved", after="closed")
    assert data["item"]["id"] == task.item_id
    assert (data["outcome"], data["label"], data["method"]) == (
        *("out_of_scope", None),
        "out_of_scope",
    )
    assert data["resolved_at"] == closed.created_at.isoformat()
    assert [(said["id"], said["right"]) for said in data["predictions"]] == [
        (str(prediction.pk), None)
    ]
    assert told(Kind.ITEM_RESOLVED) == []


def test_an_item_out_of_scope_is_no_news(
    project: Project, make_item: object, reviewer: User
) -> None:
    item = make_item(task=False)  # type: ignore[operator]
    task, _ = want_look(
        project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=1, review=True
    )
    decide(project=project, user=reviewer, task_id=task.pk, label_name=None)
    assert told(Kind.ITEM_RESOLVED) == []


def test_a_run_that_ended(project: Project, manager_access: Access) -> None:
    model = make_model(project)
    run = model.run
    type(run).objects.update(state="running")
    cancel_run(access=manager_access, number=run.number)
    [one] = told(Kind.RUN_FINISHED)
    assert one["data"] == {
        "run": 1,
        "state": "cancelled",
        "failure": "",
        "models": [{"number": 1, "recipe": "keywords", "stage": "champion"}],
    }


def test_a_run_that_was_given_up(project: Project) -> None:
    run = make_model(project).run
    long_ago = timezone.now() - timedelta(minutes=5)
    type(run).objects.update(state="running", heartbeat_at=long_ago, attempt=3)
    recover(type(run))
    [one] = told(Kind.RUN_FINISHED)
    data = one["data"]
    assert isinstance(data, dict)
    assert data["state"] == "failed"
    assert data["failure"] == "Given up after 3 attempts: the worker fell silent during 'start'."


def test_a_judged_and_a_promoted_model(project: Project, manager_access: Access) -> None:
    model = make_model(project, stage=Stage.CANDIDATE)
    model.evaluation.checks = [{"name": "F1", "state": "pass", "value": 1}]
    model.evaluation.save()
    record(project=project, actor=None, verb="trained", subject=model, after="candidate")
    approve(access=manager_access, number=1, comment="")
    [judged] = told(Kind.GATE_RESULT)
    assert judged["data"] == {
        "model": {"number": 1, "recipe": "keywords"},
        "passed": True,
        "weighted_f1": 0.9,
        "checks": [{"name": "F1", "state": "pass"}],
    }
    [promoted] = told(Kind.MODEL_PROMOTED)
    assert promoted["data"] == {
        "model": {"number": 1, "recipe": "keywords"},
        "how": "approved",
        "overrode_gate": False,
    }


def test_a_canary_that_was_stopped(project: Project) -> None:
    champion = make_model(project)
    challenger = make_model(project, stage=Stage.CANARY)
    trial = project.trials.create(challenger=challenger, champion=champion)
    record(
        project=project,
        actor=None,
        verb="ended",
        subject=trial,
        after="stopped",
        reason="It fails.",
    )
    [one] = told(Kind.ALERT)
    assert one["data"] == {
        "alert": "canary stopped",
        "model": 2,
        "reason": "It fails.",
        "subject": {"type": "trial", "id": str(trial.pk)},
    }


def test_only_what_was_asked_for(project: Project) -> None:
    Webhook.objects.update(kinds=[Kind.RUN_FINISHED])
    model = make_model(project)
    record(project=project, actor=None, verb="trained", subject=model)
    assert told(Kind.GATE_RESULT) == []


def test_other_projects_are_not_told_of(other_project: Project) -> None:
    record(project=other_project, actor=None, verb="raised an alarm", subject=other_project)
    assert told(Kind.ALERT) == []


def test_a_second_sweep_makes_nothing_more(project: Project) -> None:
    record(project=project, actor=None, verb="raised an alarm", subject=project, after="drift")
    assert len(told(Kind.ALERT)) == 1
    Webhook.objects.update(cursor=0, mark=0)
    assert len(told(Kind.ALERT)) == 1


def test_many_are_read_in_parts(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "AT_ONCE", 2)
    for number in range(5):
        record(
            project=project, actor=None, verb="raised an alarm", subject=project, after=str(number)
        )
    data = [one["data"] for one in told(Kind.ALERT)]
    assert [one["alert"] for one in data if isinstance(one, dict)] == ["0", "1", "2", "3", "4"]


def test_what_happens_during_a_pause_is_told_afterwards(
    project: Project, manager_access: Access, hook: WithSecret
) -> None:
    pause_webhook(access=manager_access, webhook_id=hook.webhook.pk)
    record(project=project, actor=None, verb="raised an alarm", subject=project)
    assert told(Kind.ALERT) == []
    resume_webhook(access=manager_access, webhook_id=hook.webhook.pk)
    assert len(told(Kind.ALERT)) == 1


def test_a_model_of_another_age_is_left_out(project: Project, model: ModelVersion) -> None:
    """An event whose subject is gone says nothing."""
    record(project=project, actor=None, verb="trained", subject=model)
    project.events.update(subject_id="999999")
    assert told(Kind.GATE_RESULT) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_is_not_lost(project: Project) -> None:
    """It takes its id before another one, and appears after that was swept, and much later."""
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite one transaction writes at a time")
    taken, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record(project=project, actor=None, verb="raised an alarm", subject=project, after="a")
            taken.set()
            go_on.wait(30)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    taken.wait(30)
    record(project=project, actor=None, verb="raised an alarm", subject=project, after="b")
    now = timezone.now()
    for minute in range(3):
        with time_machine.travel(now + timedelta(minutes=minute)):
            assert len(told(Kind.ALERT)) == 1
    go_on.set()
    thread.join()
    with time_machine.travel(now + timedelta(minutes=5)):
        assert {one["data"]["alert"] for one in told(Kind.ALERT)} == {"a", "b"}  # type: ignore[index]
    # What else runs on that server holds the cursor back, too.
    newest, minutes = outbox.newest_event(project), count(6)

    def arrived() -> bool:
        with time_machine.travel(now + timedelta(minutes=next(minutes))):
            sweep()
        return Webhook.objects.get().cursor == newest

    wait_for(arrived, seconds=120)
