"""What managers do with webhooks: add, change, pause, try, send again, remove."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from feedback.models import TEST, Delivery, DeliveryState, Kind, Webhook
from feedback.webhooks import signing
from feedback.webhooks.addresses import AddressRefused, target_of
from feedback.webhooks.deliver import nudge
from feedback.webhooks.outbox import GIVE_UP_AFTER, newest_event
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record

MOST = 20
LONGEST_URL = 500
REASON_LENGTH = 200


@dataclass(frozen=True)
class WithSecret:
    """A webhook with the secret that is told this once."""

    webhook: Webhook
    secret: str


def webhooks_of(access: Access) -> QuerySet[Webhook]:
    """Return the webhooks of the caller's project."""
    return Webhook.objects.filter(project=access.project).select_related("created_by")


def deliveries_of(access: Access, webhook_id: int) -> QuerySet[Delivery]:
    """Return the deliveries of a webhook.

    Raises:
        Http404: the project has no such webhook.
    """
    webhook = get_object_or_404(webhooks_of(access), pk=webhook_id)
    return Delivery.objects.filter(webhook=webhook)


def add_webhook(*, access: Access, url: str, kinds: Sequence[str]) -> WithSecret:
    """Tell an address of what happens from now on.

    Raises:
        Invalid: an address that may not be called, or an unknown kind of news, or none.
        Conflict: the project has it already, or has 20.
    """
    wanted, address = _kinds(kinds), _url(url)
    try:
        return _add(access, address, wanted)
    except IntegrityError as error:
        raise Conflict("url: this project calls that address already.") from error


@transaction.atomic
def change_webhook(
    *,
    access: Access,
    webhook_id: int,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
) -> Webhook:
    """Call another address, or tell of other things from now on.

    Raises:
        Http404: the project has no such webhook.
        Invalid: as when one is added.
        Conflict: the project calls that address already.
    """
    webhook = _locked(access, webhook_id)
    before = webhook.url
    webhook.url = before if url is None or url == before else _url(url)
    webhook.kinds = webhook.kinds if kinds is None else _kinds(kinds)
    others = webhooks_of(access).exclude(pk=webhook.pk)
    if others.filter(url=webhook.url).exists():
        raise Conflict("url: this project calls that address already.")
    webhook.save(update_fields=["url", "kinds"])
    _record(access, "changed", webhook, after=", ".join(webhook.kinds)[:120])
    return webhook


@transaction.atomic
def renew_secret(*, access: Access, webhook_id: int) -> WithSecret:
    """Sign with another secret from now on.

    Raises:
        Http404: the project has no such webhook.
    """
    webhook = _locked(access, webhook_id)
    secret = _new_secret(webhook)
    webhook.save(update_fields=["nonce", "fingerprint"])
    _record(access, "renewed the secret of", webhook)
    return WithSecret(webhook, secret)


@transaction.atomic
def pause_webhook(*, access: Access, webhook_id: int, reason: str = "") -> Webhook:
    """Send nothing until it is resumed; what happens meanwhile is sent then.

    Raises:
        Http404: the project has no such webhook.
        Conflict: it is paused already.
    """
    webhook = _locked(access, webhook_id)
    if webhook.paused_at is not None:
        raise Conflict(f"Webhook {webhook.pk} is paused already.")
    webhook.paused_at = timezone.now()
    webhook.pause_reason = reason.strip()[:REASON_LENGTH]
    webhook.save(update_fields=["paused_at", "pause_reason"])
    _record(access, "paused", webhook, before="active", after="paused", reason=webhook.pause_reason)
    return webhook


@transaction.atomic
def resume_webhook(*, access: Access, webhook_id: int) -> Webhook:
    """Send what has happened since it was paused, and go on.

    Raises:
        Http404: the project has no such webhook.
        Conflict: it is not paused.
    """
    webhook = _locked(access, webhook_id)
    if webhook.paused_at is None:
        raise Conflict(f"Webhook {webhook.pk} is not paused.")
    now = timezone.now()
    webhook.paused_at, webhook.pause_reason, webhook.failing_since = None, "", None
    webhook.held_until = now
    webhook.save(update_fields=["paused_at", "pause_reason", "failing_since", "held_until"])
    waiting = Delivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    waiting.update(due_at=now, give_up_at=now + GIVE_UP_AFTER, attempts=0)
    _record(access, "resumed", webhook, before="paused", after="active")
    transaction.on_commit(lambda: nudge(webhook.pk), robust=True)
    return webhook


@transaction.atomic
def delete_webhook(*, access: Access, webhook_id: int) -> None:
    """Remove a webhook with the log of its deliveries.

    Raises:
        Http404: the project has no such webhook.
    """
    webhook = _locked(access, webhook_id)
    _record(access, "removed", webhook, before=webhook.url[:120])
    webhook.delete()


@transaction.atomic
def send_test(*, access: Access, webhook_id: int) -> Delivery:
    """Queue a delivery that says nothing but that it is a test.

    Raises:
        Http404: the project has no such webhook.
        Conflict: it is paused.
    """
    webhook = _locked(access, webhook_id)
    _require_active(webhook)
    now = timezone.now()
    made = Delivery(webhook=webhook, kind=TEST, give_up_at=now + GIVE_UP_AFTER, payload={})
    made.payload = {
        "id": str(made.key),
        "type": TEST,
        "created_at": now.isoformat(),
        "project": {"slug": access.project.slug, "name": access.project.name},
        "event": None,
        "request_id": "",
        "actor": access.user.username,
        "data": {},
    }
    made.save()
    _record(access, "tested", webhook)
    _hurry(webhook)
    return made


@transaction.atomic
def replay(*, access: Access, webhook_id: int, delivery_id: int) -> Delivery:
    """Send a delivery again, under the same id and with the same content.

    Raises:
        Http404: the project has no such delivery.
        Conflict: its webhook is paused.
    """
    webhook = _locked(access, webhook_id)
    delivery = get_object_or_404(Delivery.objects.filter(webhook=webhook), pk=delivery_id)
    _require_active(webhook)
    now = timezone.now()
    before, delivery.state = delivery.state, DeliveryState.WAITING
    delivery.due_at, delivery.give_up_at = now, now + GIVE_UP_AFTER
    delivery.attempts, delivery.finished_at = 0, None
    delivery.save()
    record(
        project=access.project,
        actor=access.user,
        verb="replayed",
        subject=delivery,
        before=before,
        after=delivery.state,
    )
    _hurry(webhook)
    return delivery


@transaction.atomic
def _add(access: Access, url: str, kinds: list[str]) -> WithSecret:
    type(access.project).objects.select_for_update(no_key=True).get(pk=access.project.pk)
    if webhooks_of(access).count() >= MOST:
        raise Conflict(f"A project has at most {MOST} webhooks: remove one first.")
    webhook = Webhook(project=access.project, url=url, kinds=kinds, created_by=access.user)
    secret = _new_secret(webhook)
    webhook.cursor = webhook.mark = newest_event(access.project)
    webhook.save()
    _record(access, "added", webhook, after=", ".join(kinds)[:120], reason=url)
    return WithSecret(webhook, secret)


def _new_secret(webhook: Webhook) -> str:
    webhook.nonce = signing.new_nonce()
    secret = signing.secret_of(webhook.nonce)
    webhook.fingerprint = signing.fingerprint_of(secret)
    return secret


def _hurry(webhook: Webhook) -> None:
    """Do not wait for a receiver that was silent: somebody is looking."""
    Webhook.objects.filter(pk=webhook.pk).update(held_until=timezone.now())
    transaction.on_commit(lambda: nudge(webhook.pk), robust=True)


def _locked(access: Access, webhook_id: int) -> Webhook:
    rows = Webhook.objects.filter(project=access.project).select_for_update(no_key=True)
    webhook: Webhook = get_object_or_404(rows, pk=webhook_id)
    return webhook


def _require_active(webhook: Webhook) -> None:
    if webhook.paused_at is not None:
        raise Conflict(f"Webhook {webhook.pk} is paused: resume it first.")


def _url(url: str) -> str:
    said = url.strip()
    if len(said) > LONGEST_URL:
        raise Invalid(f"url: it has more than {LONGEST_URL} characters.")
    try:
        target_of(said)
    except AddressRefused as error:
        raise Invalid(f"url: {error}") from error
    return said


def _kinds(kinds: Sequence[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(Kind.values))
    if unknown or not kinds:
        wrong = f"'{unknown[0]}' is unknown; " if unknown else ""
        raise Invalid(f"kinds: {wrong}choose one or more of {', '.join(Kind.values)}.")
    return [kind for kind in Kind.values if kind in kinds]


def _record(
    access: Access,
    verb: str,
    webhook: Webhook,
    *,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    record(
        project=access.project,
        actor=access.user,
        verb=verb,
        subject=webhook,
        before=before,
        after=after,
        reason=reason,
    )
