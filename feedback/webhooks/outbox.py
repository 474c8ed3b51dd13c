"""From the record of events to deliveries: none is left out, and each is made once.

Events commit in another order than their ids on PostgreSQL: a long transaction takes an id, and its
event appears after others with higher ids. So a webhook's cursor stays behind until every
transaction that was open when an id was first seen has ended. What lies between is read again; the
database lets one delivery exist for each event.
"""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from feedback.models import Delivery, Webhook
from feedback.webhooks.news import news_of, payload_of, telling
from labeling.models import Event, Project

AT_ONCE = 500
GIVE_UP_AFTER = timedelta(days=1)
KEPT = timedelta(days=30)
REMOVED_AT_ONCE = 10_000
# A transaction takes the id of an event and its own number one after the other.
SETTLED_AFTER = timedelta(seconds=10)
BORDERS = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
       pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""


def sweep() -> None:
    """Make the deliveries of every webhook that is not paused. Running it twice does no harm."""
    for pk in Webhook.objects.filter(paused_at=None).values_list("pk", flat=True):
        # Before anything is read: what ends later may add events behind what was read.
        ended, _ = _borders()
        after = 0
        while (last := _sweep_some(pk, after, ended)) is not None:
            after = last


def remove_old() -> int:
    """Forget deliveries that ended 30 days ago, with their log; return how many rows went."""
    ended = Delivery.objects.filter(finished_at__lt=timezone.now() - KEPT)
    removed, _ = Delivery.objects.filter(pk__in=ended.values("pk")[:REMOVED_AT_ONCE]).delete()
    return removed


def newest_event(project: Project) -> int:
    """Return the highest id of a project's events, 0 without any."""
    return Event.objects.filter(project=project).aggregate(last=Max("pk"))["last"] or 0


@transaction.atomic
def _sweep_some(pk: int, after: int, ended: int) -> int | None:
    """Make deliveries of some events after an id; return the last one, None where that was all."""
    found = Webhook.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    webhook = found.select_related("project").filter(pk=pk, paused_at=None).first()
    if webhook is None:
        return None
    newest = newest_event(webhook.project)
    if newest <= webhook.cursor:
        return None
    events = _events(webhook, max(after, webhook.cursor))
    _make(webhook, events)
    if len(events) == AT_ONCE:
        return events[-1].pk
    _advance(webhook, newest, ended)
    return None


def _events(webhook: Webhook, after: int) -> Sequence[Event]:
    rows = Event.objects.filter(telling(webhook.kinds), project=webhook.project_id, pk__gt=after)
    return list(rows.select_related("actor", "project").order_by("pk")[:AT_ONCE])


def _make(webhook: Webhook, events: Sequence[Event]) -> None:
    made = Delivery.objects.filter(webhook=webhook, event__in=events)
    known = set(made.values_list("event_id", "kind"))
    give_up_at = timezone.now() + GIVE_UP_AFTER
    new = [one for one in news_of(events, webhook.kinds) if (one.event.pk, one.kind) not in known]
    keys = [uuid.uuid4() for _ in new]
    Delivery.objects.bulk_create(
        [
            Delivery(
                webhook=webhook,
                key=key,
                kind=one.kind,
                event=one.event,
                payload=payload_of(one, str(key)),
                give_up_at=give_up_at,
            )
            for one, key in zip(new, keys, strict=True)
        ],
        ignore_conflicts=True,
    )


def _advance(webhook: Webhook, newest: int, ended: int) -> None:
    """Move the cursor to the mark once nothing below it can appear, and set the next mark."""
    now = timezone.now()
    waited = connection.vendor != "postgresql" or webhook.marked_at <= now - SETTLED_AFTER
    if webhook.mark > webhook.cursor and ended >= webhook.mark_border and waited:
        webhook.cursor = webhook.mark
    if webhook.mark <= webhook.cursor:
        webhook.mark, webhook.marked_at = newest, now
        _, webhook.mark_border = _borders()
    if connection.vendor != "postgresql":
        # One transaction writes at a time, so ids commit in their order.
        webhook.cursor = webhook.mark = newest
    webhook.save(update_fields=["cursor", "mark", "mark_border", "marked_at"])


def _borders() -> tuple[int, int]:
    """Return below which number every transaction has ended, and which is the next to begin."""
    if connection.vendor != "postgresql":
        return 0, 0
    with connection.cursor() as cursor:
        cursor.execute(BORDERS)
        ended, following = cursor.fetchone()
    return ended, following
