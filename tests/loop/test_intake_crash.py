"""Imports whose worker or web process is killed: afterwards all is as if nothing had happened."""

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.loop.people import Person, end_of_import
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.processes
ROWS = 40_000
COUNTS = ("state", "added", "duplicates", "refused", "problems", "done", "total")
ASK = """
import hashlib, json
from labeling.models import Item, Project
project = Project.objects.get(slug="{slug}")
rows = Item.objects.filter(project=project).order_by("external_id")
texts = repr(list(rows.values_list("external_id", "title", "body", "status", "text_hash")))
job = project.imports.get()
told = project.events.filter(subject_type="importjob", subject_id=job.pk)
print(json.dumps({{
    "items": rows.count(), "texts": hashlib.sha256(texts.encode()).hexdigest(),
    "tasks": project.tasks.count(), "looks": project.assignments.count(), "cursor": job.cursor,
    "kinds": [job.same_id, job.same_text, job.deleted], "refused": job.problems.count(),
    "events": list(told.order_by("pk").values_list("verb", "after")),
    "attempt": job.attempt, "stored": job.stored,
}}))
"""


def test_a_worker_killed_in_the_middle_changes_nothing(stack: Stack, manager: Person) -> None:
    calm = outcome(stack, manager, "calm", send(manager, "calm"), attempts=1)
    job = send(manager, "killed")
    await_value(lambda: in_the_middle(manager, job), "some rows, but not all", step=0.01)
    assert stack.kill("worker", "default") >= 3
    assert outcome(stack, manager, "killed", job, attempts=2) == calm
    counts, inside = calm
    refused, duplicates = ROWS // 1000, 49  # one of the last 50, which repeat, is a bad row
    assert (counts["state"], counts["refused"], counts["duplicates"]) == (
        "succeeded",
        refused,
        duplicates,
    )
    assert counts["added"] == inside["items"] == inside["tasks"] == ROWS - refused - duplicates
    assert inside["looks"] == 2 * inside["items"]
    assert [verb for verb, _ in inside["events"]] == ["started", "imported"]
    assert files_of(stack) == []


def test_a_web_process_killed_half_way_through_an_upload_leaves_nothing(
    stack: Stack, manager: Person
) -> None:
    new_project(manager, "half")
    name, content, kind = csv(ROWS, body="x" * 400)
    request = httpx.Request(
        "POST",
        f"{stack.web}/api/projects/half/items/import/",
        files={"file": (name, content, kind)},
        headers={"Authorization": f"Bearer {manager.secret}", "Idempotency-Key": "again"},
    )
    whole = request.read()
    with half_sent(request, whole):
        assert stack.kill("gunicorn") >= 2
    stack.await_web()
    assert manager.get("projects/half/imports/")["results"] == []
    assert files_of(stack) == []

    def again() -> Any:
        return manager.post(
            "projects/half/items/import/",
            files={"file": (name, content, kind)},
            headers={"Idempotency-Key": "again"},
        )

    job = again()
    assert end_of_import(manager, "half", job["id"])["refused"] == ROWS // 1000
    assert again()["id"] == job["id"]
    assert len(manager.get("projects/half/imports/")["results"]) == 1


def test_an_upload_that_was_answered_is_run_without_its_web_process(
    stack: Stack, manager: Person
) -> None:
    new_project(manager, "answered")
    job = manager.post("projects/answered/items/import/", files={"file": csv(2000)})
    assert stack.kill("gunicorn") >= 2
    stack.await_web()
    ended = end_of_import(manager, "answered", job["id"])
    assert (ended["state"], ended["added"], ended["refused"]) == ("succeeded", 1949, 2)
    assert files_of(stack) == []


def new_project(manager: Person, slug: str) -> None:
    """Make a project with two labels."""
    labels = [{"name": "alpha"}, {"name": "beta"}]
    manager.post("projects/", {"name": slug, "slug": slug, "labels": labels})


def csv(rows: int, body: str = "x") -> tuple[str, bytes, str]:
    """Return a file whose every thousandth row is bad and whose last 50 titles come twice."""
    lines = [f"{n},Item {n % (rows - 50)},{body}\n" if n % 1000 else "bad\n" for n in range(rows)]
    return "rows.csv", ("id,title,body\n" + "".join(lines)).encode(), "text/csv"


def send(manager: Person, slug: str) -> int:
    """Send a file to a new project, and return the id of its import."""
    new_project(manager, slug)
    job: int = manager.post(f"projects/{slug}/items/import/", files={"file": csv(ROWS)})["id"]
    return job


def outcome(
    stack: Stack, manager: Person, slug: str, job_id: int, *, attempts: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an import tells once it has ended, and what is in the database."""
    ended = end_of_import(manager, slug, job_id)
    inside = json.loads(stack.manage("shell", "-v", "0", "-c", ASK.format(slug=slug)))
    assert inside.pop("attempt") == attempts
    return {name: ended[name] for name in COUNTS}, inside


def in_the_middle(manager: Person, job_id: int) -> bool:
    """Tell whether some rows are in and others are not."""
    job = manager.get(f"projects/killed/imports/{job_id}/")
    assert job["state"] in {"queued", "running"}, "the import was too quick to be killed"
    return bool(job["added"])


def half_sent(request: httpx.Request, whole: bytes) -> socket.socket:
    """Send a request up to the middle of its body, more than the sockets hold by themselves."""
    place = urlsplit(str(request.url))
    connection = socket.create_connection((place.hostname, place.port))
    head = f"POST {place.path} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    connection.sendall(head.encode() + b"\r\n" + whole[: len(whole) // 2])
    return connection


def files_of(stack: Stack) -> list[str]:
    """Return the uploaded files that lie about: stored ones, and those that are on their way."""
    stored = (Path(stack.env["TAGLOOP_DATA_DIR"]) / "artifacts" / "imports").rglob("*")
    passing = Path(stack.env["TMPDIR"]).rglob("*.upload*")
    return [str(path) for path in [*stored, *passing] if path.is_file()]
