"""Votes and decisions that come along with items."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import File

from accounts.models import User
from labeling.intake import start_import, upload
from labeling.intake_run import run_import
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    ImportJob,
    Item,
    ItemStatus,
    Project,
    Task,
)
from labeling.resolve import recompute
from tests.labeling.steps import label_of


def bring(project: Project, user: User, content: bytes, name: str, **options: Any) -> ImportJob:
    """Import a file, and hold that deriving everything again changes nothing."""
    job = upload(project=project, user=user, file=File(BytesIO(content)), name=name, **options)
    run_import(start_import(job=job, user=user).pk)
    job.refresh_from_db()
    before = list(Item.objects.order_by("pk").values("status", "vote_count", "agreement"))
    assert recompute(project=project) == 0
    assert list(Item.objects.order_by("pk").values("status", "vote_count", "agreement")) == before
    return job


def lines(*rows: dict[str, Any]) -> bytes:
    """Write objects as JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def vote(annotator: str, label: str, **more: Any) -> dict[str, Any]:
    """Return a vote as a file has it."""
    return {"annotator": annotator, "label": label, **more}


CASES = [
    ([vote("a", "alpha"), vote("b", "alpha")], [], "labeled", "alpha", 1.0, "closed"),
    ([vote("a", "alpha")], [], "labeled", "alpha", None, "closed"),
    ([vote("a", "alpha"), vote("b", "beta")], [], "review", None, 0.5, "review"),
    ([vote("a", "alpha"), vote("b", "beta")], [{"label": "beta"}], "labeled", "beta", 0.5,
     "closed"),
    ([vote("a", "alpha")], [{"label": None}], "out_of_scope", None, None, "closed"),
    ([], [{"label": "gamma", "method": "adjudication"}], "labeled", "gamma", None, None),
    ([], [], "waiting", None, None, "open"),
]  # fmt: skip


@pytest.mark.parametrize(("votes", "decisions", "status", "label", "agreement", "state"), CASES)
def test_what_they_come_to(
    project: Project,
    manager: User,
    votes: list[Any],
    decisions: list[Any],
    status: str,
    label: str | None,
    agreement: float | None,
    state: str | None,
) -> None:
    row = {"title": "A", "votes": votes, "decisions": decisions}
    bring(project, manager, lines(row), "f.jsonl")
    item = Item.objects.get()
    assert (item.status, item.vote_count, item.agreement) == (status, len(votes), agreement)
    assert label_of(item) == label
    assert list(Task.objects.values_list("state", flat=True)) == ([state] if state else [])
    assert Annotation.objects.filter(imported=True).count() == len(votes)


def test_votes_keep_who_when_and_how_long(project: Project, manager: User, annotator: User) -> None:
    given = vote("annotator", "alpha", seconds=3.5, note="sure", flagged=True)
    given["created_at"] = "2025-01-02T03:04:05+01:00"
    row = {"title": "A", "votes": [given, vote("Grace H", "alpha")]}
    bring(project, manager, lines(row), "f.jsonl")
    own, other = Annotation.objects.order_by("id")
    assert own.annotator == annotator
    assert (own.seconds, own.note, own.flagged) == (3.5, "sure", True)
    assert own.created_at.isoformat() == "2025-01-02T02:04:05+00:00"
    assert str(other.annotator) == "Grace H"
    assert not other.annotator.is_active
    assert not other.annotator.has_usable_password()
    assert other.annotator.username.startswith(f"imported.{project.pk}.grace-h.")


def test_nobody_outside_the_project_gets_a_vote(
    project: Project, manager: User, outsider: User
) -> None:
    row = {"title": "A", "votes": [vote(outsider.username, "alpha")]}
    bring(project, manager, lines(row), "f.jsonl")
    assert Annotation.objects.get().annotator != outsider


def test_an_own_export_says_what_the_votes_settled_on(project: Project, manager: User) -> None:
    """Two of three agreed there; one vote of two had not settled anything."""
    two = [vote("a", "alpha"), vote("b", "beta"), vote("c", "alpha")]
    base: dict[str, Any] = {
        "url": "",
        "metadata": {},
        "split": "pool",
        "created_at": "2025-01-01T00:00:00Z",
    }
    rows: list[dict[str, Any]] = [
        {"external_id": "1", "title": "A", **base, "label": "alpha", "method": "agreement",
         "votes": two, "decisions": []},
        {"external_id": "2", "title": "B", **base, "label": None, "method": None,
         "votes": two[:1], "decisions": []},
    ]  # fmt: skip
    bring(project, manager, lines(*rows), "f.jsonl")
    settled, waiting = Item.objects.order_by("external_id")
    assert (settled.status, label_of(settled)) == (ItemStatus.LABELED, "alpha")
    assert (waiting.status, label_of(waiting)) == (ItemStatus.WAITING, None)
    assert Assignment.objects.filter(task__item=waiting, state="free").count() == 1
    assert settled.created_at.year == 2025
    assert settled.metadata == {}


def test_label_studio(project: Project, manager: User) -> None:
    def annotation(person: Any, *choices: str, **more: Any) -> dict[str, Any]:
        result = [{"type": "choices", "value": {"choices": list(choices)}}] if choices else []
        return {"completed_by": person, "result": result, **more}

    tasks = [
        {"id": 1, "data": {"text": "One"}, "predictions": [{"result": "x"}], "annotations": [
            annotation({"email": "a@x.org"}, "alpha", lead_time=2.0),
            annotation(7, "alpha"),
            annotation(8, "beta", was_cancelled=True),
            annotation(9),
        ]},
        {"id": 2, "data": {"text": "Two"}, "annotations": [annotation(7, "alpha", "beta")]},
        {"id": 3, "data": {"text": "Three"}, "annotations": []},
    ]  # fmt: skip
    job = bring(project, manager, json.dumps(tasks).encode(), "export.json")
    assert (job.format, job.added, job.refused) == ("label_studio", 2, 1)
    assert "an item carries one label" in job.problems.get().reason
    first = Item.objects.order_by("id")[0]
    assert (first.title, first.body, first.external_id) == ("One", "", "1")
    names = Annotation.objects.order_by("id").values_list("annotator__first_name", flat=True)
    assert list(names) == ["a@x.org", "Label Studio user 7"]


def test_doccano(project: Project, manager: User) -> None:
    rows = [
        {"id": 1, "text": "One", "label": ["alpha"], "Comments": []},
        {"id": 2, "text": "Two", "label": ["alpha", "beta"], "Comments": []},
        {"id": 3, "text": "Three", "label": [], "Comments": []},
    ]
    job = bring(project, manager, lines(*rows), "ana.jsonl")
    assert (job.format, job.added, job.refused) == ("doccano", 2, 1)
    assert Annotation.objects.get().annotator.first_name == "ana"


@pytest.mark.parametrize("allowed", [True, False])
def test_a_missing_label(project: Project, manager: User, allowed: bool) -> None:
    row = {"title": "A", "votes": [vote("a", "delta")]}
    job = bring(project, manager, lines(row), "f.jsonl", add_labels=allowed)
    assert (job.added, job.refused) == (int(allowed), int(not allowed))
    assert project.labels.filter(name="delta").exists() == allowed


def test_more_labels_than_a_project_takes(project: Project, manager: User) -> None:
    rows = [{"title": f"T{n}", "label": f"label {n}"} for n in range(80)]
    job = bring(project, manager, lines(*rows), "f.jsonl", add_labels=True)
    assert job.state == "failed"
    assert "it takes 77" in job.failure
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        ("no list", "it is not valid JSON."),
        ([{"label": "alpha"}], "an entry names no annotator."),
        ([vote("a", "alpha", created_at="soon")], "'soon' is no date and time."),
    ],
)  # fmt: skip
def test_evidence_that_cannot_be_read(
    project: Project, manager: User, votes: Any, reason: str
) -> None:
    job = bring(project, manager, lines({"title": "A", "votes": votes}, {"title": "B"}), "f.jsonl")
    assert (job.added, job.refused) == (1, 1)
    assert (job.problems.get().field, job.problems.get().reason) == ("votes", reason)
