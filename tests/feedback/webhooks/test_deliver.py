"""What a receiver gets, and what follows from its answer."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from feedback.models import Attempt, Delivery, DeliveryState, Webhook
from feedback.webhooks import send
from feedback.webhooks.deliver import deliver_due, nudge_due
from feedback.webhooks.endpoints import WithSecret, replay, send_test
from feedback.webhooks.outbox import remove_old
from feedback.webhooks.retries import pause_before
from feedback.webhooks.signing import verify
from labeling.access import Access
from labeling.models import Event
from tests.feedback.webhooks.receiver import Receiver


@pytest.fixture
def delivery(hook: WithSecret, manager_access: Access) -> Delivery:
    """A test that waits to be sent."""
    return send_test(access=manager_access, webhook_id=hook.webhook.pk)


def again(delivery: Delivery) -> Delivery:
    """Return it as it is now."""
    return Delivery.objects.get(pk=delivery.pk)


def make_due(delivery: Delivery) -> None:
    """Let the pause before the next attempt be over."""
    Delivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now())
    Webhook.objects.update(held_until=timezone.now())


def test_it_is_signed_and_names_its_delivery(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    deliver_due(hook.webhook.pk)
    [(headers, body)] = receiver.calls
    assert verify(headers["Tagloop-Signature"], body, secret=hook.secret, now=int(time.time()))
    assert headers["Tagloop-Delivery"] == str(delivery.key) == json.loads(body)["id"]
    assert headers["Tagloop-Event"] == json.loads(body)["type"] == "test"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"


def test_the_answer_is_logged(hook: WithSecret, delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer = "größer\x00".encode() + b"x" * 600
    deliver_due(hook.webhook.pk)
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.error, len(attempt.answer)) == (200, "", 500)
    assert attempt.answer.startswith("größer\ufffdx")
    assert attempt.duration_ms > 0
    assert again(delivery).state == DeliveryState.DELIVERED


def test_after_a_500_it_is_sent_again(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    receiver.statuses = [500, 200]
    deliver_due(hook.webhook.pk)
    failed = again(delivery)
    assert (failed.state, failed.attempts) == (DeliveryState.WAITING, 1)
    assert timedelta(seconds=7) < failed.due_at - timezone.now() < timedelta(seconds=12)
    deliver_due(hook.webhook.pk)
    assert len(receiver.calls) == 1
    make_due(delivery)
    deliver_due(hook.webhook.pk)
    assert [headers["Tagloop-Attempt"] for headers, _ in receiver.calls] == ["1", "2"]
    assert len({headers["Tagloop-Delivery"] for headers, _ in receiver.calls}) == 1
    assert again(delivery).state == DeliveryState.DELIVERED
    assert [one.error for one in Attempt.objects.order_by("id")] == ["It answered 500.", ""]
    assert Webhook.objects.get().failing_since is None


def test_pauses_grow_to_three_hours() -> None:
    pauses = [pause_before(number).total_seconds() for number in (1, 2, 5, 50)]
    for pause, wanted in zip(pauses, (10, 20, 160, 10_800), strict=True):
        assert 0.79 * wanted < pause < 1.21 * wanted


def test_after_a_day_it_has_failed(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    with time_machine.travel(timezone.now() + timedelta(hours=23, minutes=59, seconds=58)):
        deliver_due(hook.webhook.pk)
    assert again(delivery).state == DeliveryState.FAILED


def test_a_webhook_that_fails_for_a_day_is_paused(
    hook: WithSecret,
    delivery: Delivery,
    receiver: Receiver,
    settings: Settings,
    manager_access: Access,
    django_capture_on_commit_callbacks: Any,
) -> None:
    manager_access.user.email = "manager@example.org"
    manager_access.user.save()
    receiver.statuses = [404]
    deliver_due(hook.webhook.pk)
    make_due(delivery)
    later = timezone.now() + timedelta(days=1, seconds=1)
    with time_machine.travel(later), django_capture_on_commit_callbacks(execute=True):
        deliver_due(hook.webhook.pk)
    webhook = Webhook.objects.get()
    assert webhook.paused_at is not None
    assert webhook.pause_reason == "Nothing was delivered for a day. It answered 404."
    event = Event.objects.get(verb="paused")
    assert (event.actor, event.after) == (None, "paused")
    [told] = mail.outbox
    assert told.to == ["manager@example.org"]
    assert "was paused" in told.subject
    assert receiver.url in told.body
    with time_machine.travel(later + timedelta(hours=5)):
        deliver_due(hook.webhook.pk)
    assert len(receiver.calls) == 2


def test_a_redirect_is_not_followed(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    receiver.statuses, receiver.location = [302], receiver.url
    deliver_due(hook.webhook.pk)
    assert len(receiver.calls) == 1
    assert Attempt.objects.get().error == "It answered 302."


def test_a_private_address_is_not_called(
    hook: WithSecret, delivery: Delivery, receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    deliver_due(hook.webhook.pk)
    assert receiver.calls == []
    assert "127.0.0.1, which is no public address" in Attempt.objects.get().error


def test_nobody_listening_is_left_alone_for_a_while(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    Webhook.objects.update(url="http://127.0.0.1:1/")
    deliver_due(hook.webhook.pk)
    attempt = Attempt.objects.get()
    assert attempt.status is None
    assert attempt.error.startswith("No connection: ")
    assert Webhook.objects.get().held_until > timezone.now() + timedelta(seconds=20)


def test_a_long_answer_is_cut_off(hook: WithSecret, delivery: Delivery, receiver: Receiver) -> None:
    receiver.answer = b"x" * 50_000_000
    deliver_due(hook.webhook.pk)
    assert len(Attempt.objects.get().answer) == 500
    assert again(delivery).state == DeliveryState.DELIVERED


def test_a_slow_answer_counts_as_none(
    hook: WithSecret,
    delivery: Delivery,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(send, "SECONDS", 0.05)
    receiver.before_answer = lambda: time.sleep(0.5)
    deliver_due(hook.webhook.pk)
    assert Attempt.objects.get().error == "No answer within 0.05 seconds."


def test_it_is_sent_again_under_its_id(
    hook: WithSecret, delivery: Delivery, receiver: Receiver, manager_access: Access
) -> None:
    deliver_due(hook.webhook.pk)
    replay(access=manager_access, webhook_id=hook.webhook.pk, delivery_id=delivery.pk)
    deliver_due(hook.webhook.pk)
    first, second = receiver.calls
    assert first[1] == second[1]
    assert first[0]["Tagloop-Delivery"] == second[0]["Tagloop-Delivery"]
    assert Attempt.objects.count() == 2


def test_it_is_forgotten_after_a_month(
    hook: WithSecret, delivery: Delivery, receiver: Receiver, manager_access: Access
) -> None:
    deliver_due(hook.webhook.pk)
    send_test(access=manager_access, webhook_id=hook.webhook.pk)
    assert remove_old() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert remove_old() == 2
    assert [one.state for one in Delivery.objects.all()] == [DeliveryState.WAITING]
    assert not Attempt.objects.exists()


def test_another_secret_key_sends_nothing(
    hook: WithSecret, delivery: Delivery, receiver: Receiver, settings: Settings
) -> None:
    settings.SECRET_KEY = "another one, as long as it has to be"
    deliver_due(hook.webhook.pk)
    assert receiver.calls == []
    assert "make a new one" in Attempt.objects.get().error


def test_a_worker_that_died_is_replaced(
    hook: WithSecret, delivery: Delivery, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies in the middle of a call: nothing is kept, and its lease is not given back."""
    real = Webhook.objects.filter(pk=hook.webhook.pk).update

    def die() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(send, "post", lambda *_: die())
    with pytest.raises(KeyboardInterrupt):
        deliver_due(hook.webhook.pk)
    monkeypatch.undo()
    real(leased_until=timezone.now() + timedelta(seconds=90))
    assert (again(delivery).state, again(delivery).attempts) == (DeliveryState.WAITING, 1)
    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        deliver_due(hook.webhook.pk)
    assert again(delivery).state == DeliveryState.DELIVERED


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(
    hook: WithSecret, delivery: Delivery, receiver: Receiver
) -> None:
    """The second begins while the first waits for its answer."""

    def second_worker() -> None:
        nudge_due()
        deliver_due(hook.webhook.pk)
        connection.close()

    receiver.before_answer = second_worker
    deliver_due(hook.webhook.pk)
    assert len(receiver.calls) == 1
    assert Attempt.objects.count() == 1
    assert again(delivery).state == DeliveryState.DELIVERED
