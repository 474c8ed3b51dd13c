"""Votes from elsewhere, and what they come to, in one call."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.core.files.base import File

from accounts.models import User
from labeling.intake import start_import, upload
from labeling.intake_run import run_import
from labeling.models import Annotation, Assignment, ImportJob, Item, Project, Resolution, Task
from labeling.resolve import recompute

Vote = tuple[str, str, str]


def votes_csv(votes: Iterable[Vote]) -> bytes:
    """Write votes (item, annotator, label) in long form."""
    rows = (",".join(vote) + "\n" for vote in votes)
    return b"external_id,annotator,label\n" + "".join(rows).encode()


def bring_votes(
    project: Project, user: User | None, votes: Iterable[Vote], **options: Any
) -> ImportJob:
    """Import votes, and hold that deriving everything again changes nothing."""
    return bring_file(project, user, votes_csv(votes), "votes.csv", **options)


def bring_file(
    project: Project, user: User | None, content: bytes, name: str, **options: Any
) -> ImportJob:
    """Import a file, and hold that deriving everything again changes nothing."""
    job = take_file(project, user, content, name, **options)
    assert_settled(project)
    return job


def take_file(
    project: Project, user: User | None, content: bytes, name: str, **options: Any
) -> ImportJob:
    """Import a file."""
    file = File(BytesIO(content))
    job = upload(project=project, user=user, file=file, name=name, **options)
    run_import(start_import(job=job, user=user, wait_for_worker=False).pk)
    job.refresh_from_db()
    return job


def assert_settled(project: Project) -> None:
    """Hold that labels and items stand as the one function derives them, item by item."""
    before = stated(project)
    assert recompute(project=project) == 0
    assert stated(project) == before
    assert not Task.objects.filter(project=project, unsettled=True).exists()


def stated(project: Project) -> list[tuple[Any, ...]]:
    """Return where all items of a project stand."""
    rows = Item.objects.filter(project=project).order_by("pk")
    return list(rows.values_list("pk", "status", "vote_count", "agreement"))


def whole(project: Project) -> dict[str, list[Any]]:
    """Return all that votes lead to in a project, without ids and times."""
    items = Item.objects.filter(project=project).order_by("external_id")
    tasks = Task.objects.filter(project=project).order_by("item__external_id", "pk")
    labels = Resolution.objects.filter(project=project).order_by("item__external_id")
    votes = Annotation.objects.live().filter(project=project)
    free = Assignment.objects.filter(project=project, state="free")
    return {
        "items": list(items.values_list("external_id", "status", "vote_count", "agreement")),
        "tasks": list(tasks.values_list("item__external_id", "reason", "state", "wanted")),
        "labels": list(labels.values_list("item__external_id", "label__name", "method", "votes")),
        "votes": sorted(
            (item, first or user, label)
            for item, first, user, label in votes.values_list(
                "item__external_id", "annotator__first_name", "annotator__username", "label__name"
            )
        ),
        "free": sorted(free.values_list("task__item__external_id", flat=True)),
    }
