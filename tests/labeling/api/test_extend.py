"""POST /api/projects/SLUG/assignments/ID/extend/"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import take

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_keeps_the_lease_for_another_period(
    project: Project, annotator: User, make_item: Callable[..., Item], api_for: ApiFor
) -> None:
    make_item()
    with time_machine.travel(NOON, tick=False):
        look = take(project, annotator)
    with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
        sent = {"token": look.token}
        kept = ok(api_for(annotator).post(path(f"assignments/{look.pk}/extend/"), sent))
    assert kept == {"id": look.pk, "lease_expires_at": "2026-03-02T12:25:00Z"}


def test_is_refused_to_others(
    project: Project,
    annotator: User,
    second_annotator: User,
    outsider: User,
    make_item: Callable[..., Item],
    api_for: ApiFor,
) -> None:
    make_item()
    look = take(project, annotator)
    url, sent = path(f"assignments/{look.pk}/extend/"), {"token": look.token}
    refused(api_for(second_annotator).post(url, sent), 409)
    refused(api_for(annotator).post(url, {"token": "guessed"}), 409)
    refused(api_for(annotator).post(url, {}), 400)
    refused(api_for(outsider).post(url, sent), 404)
    refused(api_for(outsider).post(path(f"assignments/{look.pk}/extend/", "other"), sent), 404)
