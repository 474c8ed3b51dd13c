"""Sending what waits for a webhook: one worker at a time, in order, again where it failed."""

import time
from datetime import timedelta

from celery import signature
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from feedback.models import Attempt, Delivery, DeliveryState, Webhook
from feedback.notices import tell_managers
from feedback.webhooks import send, signing
from feedback.webhooks.retries import hold_after, pause_before
from labeling.events import record

BUSY_SECONDS = 20.0
# Where workers are busy, messages for the same webhook do not pile up.
EXPIRES_SECONDS = 60
PAUSED_AFTER = timedelta(days=1)
OTHER_KEY = "The secret key of Tagloop has changed, so the secret is another: make a new one."


def nudge_due() -> None:
    """Have a worker see to each webhook that something is due for."""
    now = timezone.now()
    due = Delivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
    ready = Webhook.objects.filter(paused_at=None, held_until__lte=now, leased_until__lte=now)
    for pk in ready.filter(pk__in=due.values("webhook")).values_list("pk", flat=True):
        nudge(pk)


def nudge(webhook_id: int) -> None:
    """Tell a worker to look after a webhook."""
    task = signature("feedback.tasks.deliver_webhooks", args=(webhook_id,))
    task.apply_async(expires=EXPIRES_SECONDS)


def deliver_due(webhook_id: int) -> None:
    """Send what is due for a webhook, unless another worker does so.

    It stops where nothing is due, after 20 seconds, and where there was no answer.
    """
    # Longer than a worker is busy with a webhook; after it, the worker is taken for dead.
    until = timezone.now() + timedelta(seconds=settings.WEBHOOK_LEASE_SECONDS)
    if not _lease(webhook_id, until):
        return
    began = time.monotonic()
    try:
        while time.monotonic() - began < BUSY_SECONDS and deliver_next(webhook_id):
            pass
    finally:
        held = Webhook.objects.filter(pk=webhook_id, leased_until=until)
        held.update(leased_until=timezone.now())


def deliver_next(webhook_id: int) -> bool:
    """Send the delivery that is longest due; False where there is no reason to go on."""
    now = timezone.now()
    ready = Webhook.objects.filter(pk=webhook_id, paused_at=None, held_until__lte=now)
    webhook = ready.select_related("project").first()
    if webhook is None:
        return False
    delivery = _due(webhook).order_by("due_at", "pk").first()
    if delivery is None:
        return False
    if _claim(delivery):
        _keep(webhook, delivery, _send(webhook, delivery))
    return True


def _lease(webhook_id: int, until: object) -> bool:
    free = Webhook.objects.filter(pk=webhook_id, leased_until__lte=timezone.now(), paused_at=None)
    return bool(free.update(leased_until=until))


def _due(webhook: Webhook) -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    return waiting.filter(due_at__lte=timezone.now())


def _claim(delivery: Delivery) -> bool:
    """Take a delivery for one attempt. Should this worker die, it is due again after a pause."""
    due_at = timezone.now() + pause_before(delivery.attempts + 1)
    mine = _due(delivery.webhook).filter(pk=delivery.pk, attempts=delivery.attempts)
    won = mine.update(attempts=F("attempts") + 1, due_at=due_at)
    delivery.attempts += 1
    delivery.due_at = due_at
    return bool(won)


def _send(webhook: Webhook, delivery: Delivery) -> send.Answer:
    secret = signing.secret_of(webhook.nonce)
    if signing.fingerprint_of(secret) != webhook.fingerprint:
        return send.Answer(None, 0.0, "", OTHER_KEY)
    body = send.body_of(delivery.payload)
    headers = {
        "User-Agent": "Tagloop",
        "Tagloop-Delivery": str(delivery.key),
        "Tagloop-Event": delivery.kind,
        "Tagloop-Attempt": str(delivery.attempts),
        signing.HEADER: signing.sign(body, secret=secret, timestamp=int(time.time())),
    }
    try:
        return send.post(webhook.url, body, headers)
    except SoftTimeLimitExceeded:
        return send.Answer(None, 0.0, "", "Its answer came too slowly to wait for.", silent=True)


@transaction.atomic
def _keep(webhook: Webhook, delivery: Delivery, answer: send.Answer) -> None:
    """Log an attempt and move its delivery and its webhook on, if they still are this worker's."""
    found = Delivery.objects.filter(pk=delivery.pk)
    if not found.select_for_update(no_key=True).exists():
        return
    waiting = found.filter(state=DeliveryState.WAITING, attempts=delivery.attempts)
    Attempt.objects.create(
        delivery=delivery,
        status=answer.status,
        duration_ms=answer.duration_ms,
        answer=answer.text,
        error=answer.error,
    )
    now = timezone.now()
    if not answer.error:
        waiting.update(state=DeliveryState.DELIVERED, finished_at=now)
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)
        return
    if delivery.due_at > delivery.give_up_at:
        waiting.update(state=DeliveryState.FAILED, finished_at=now)
    _note_failure(webhook, answer)


def _note_failure(webhook: Webhook, answer: send.Answer) -> None:
    now = timezone.now()
    since = webhook.failing_since or now
    Webhook.objects.filter(pk=webhook.pk, failing_since=None).update(failing_since=now)
    if answer.silent:
        held_until = now + hold_after(now - since)
        Webhook.objects.filter(pk=webhook.pk).update(held_until=held_until)
    if now - since >= PAUSED_AFTER:
        _pause(webhook, answer)


def _pause(webhook: Webhook, answer: send.Answer) -> None:
    reason = f"Nothing was delivered for a day. {answer.error}"[:200]
    now = timezone.now()
    paused = Webhook.objects.filter(Q(paused_at=None), pk=webhook.pk).update(
        paused_at=now, pause_reason=reason
    )
    if not paused:
        return
    record(
        project=webhook.project,
        actor=None,
        verb="paused",
        subject=webhook,
        before="active",
        after="paused",
        reason=reason,
    )
    tell_managers(
        webhook.project,
        subject=f"{webhook} was paused",
        text=f"{webhook.url}\n\n{reason}\n\nWhat happens meanwhile is kept: resume it under "
        "Settings, Webhooks, and it is sent.",
    )
