"""Votes from elsewhere whose worker is killed: in the end all is as if nothing had happened."""

import json
from typing import Any

import pytest

from tests.loop.people import Person, end_of_import
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.processes
ITEMS, VOTERS = 15_000, 4
# The votes on an item are two against two, or all alike where its number is a multiple of this.
AGREED = 3
ASK = """
import hashlib, json
from django.db.models import Count
from labeling.models import Annotation, Project
project = Project.objects.get(slug="{slug}")
labels = project.resolutions.order_by("item__external_id")
found = repr(list(labels.values_list("item__external_id", "label__name", "method", "votes")))
looks = project.assignments.order_by("state").values_list("state").annotate(n=Count("pk"))
tasks = project.tasks.order_by("state").values_list("state").annotate(n=Count("pk"))
told = project.events.order_by("verb")
print(json.dumps({{
    "labels": hashlib.sha256(found.encode()).hexdigest(), "labeled": labels.count(),
    "votes": Annotation.objects.live().filter(project=project).count(),
    "looks": list(looks), "tasks": list(tasks),
    "left": project.tasks.filter(unsettled=True).count(),
    "told": list(told.values_list("verb").annotate(n=Count("pk"))),
}}))
"""


@pytest.fixture(scope="module")
def calm(stack: Stack, manager: Person) -> dict[str, Any]:
    """What the votes come to where nobody kills the worker."""
    job = send_votes(manager, "undisturbed")
    assert end_of_import(manager, "undisturbed", job)["state"] == "succeeded"
    return inside(stack, "undisturbed")


def test_calmly_each_vote_counts_once(calm: dict[str, Any]) -> None:
    assert calm["votes"] == ITEMS * VOTERS
    assert calm["labeled"] == ITEMS // AGREED
    assert (calm["left"], dict(calm["tasks"])) == (
        0,
        {"closed": ITEMS // AGREED, "review": ITEMS - ITEMS // AGREED},
    )


@pytest.mark.parametrize(("slug", "when"), [("reading", "reading"), ("counting", "counting votes")])
def test_a_worker_killed_in_the_middle_changes_nothing(
    slug: str, when: str, stack: Stack, manager: Person, calm: dict[str, Any]
) -> None:
    job = send_votes(manager, slug)
    await_value(lambda: at_work(manager, slug, job, when), f"{when}, half done", step=0.01)
    assert stack.kill("worker", "default") >= 3
    ended = end_of_import(manager, slug, job)
    assert (ended["state"], ended["added"], ended["refused"]) == ("succeeded", ITEMS * VOTERS, 0)
    assert inside(stack, slug) == calm


def at_work(manager: Person, slug: str, job_id: int, when: str) -> bool:
    """Tell whether the worker is at this stage, with some votes in."""
    job = manager.get(f"projects/{slug}/imports/{job_id}/")
    assert job["state"] in {"queued", "running"}, "the import was too quick to be killed"
    return job["stage"] == when and bool(job["added"])


def send_votes(manager: Person, slug: str) -> int:
    """Make a project with items, send votes on them, and return the id of their import."""
    labels = [{"name": "alpha"}, {"name": "beta"}]
    manager.post("projects/", {"name": slug, "slug": slug, "labels": labels})
    items = "".join(f"{n},Item {n}\n" for n in range(ITEMS))
    job = take_in(manager, slug, f"id,title\n{items}")
    assert end_of_import(manager, slug, job)["added"] == ITEMS
    votes = (
        f"{n},w{voter},{'beta' if n % AGREED and voter % 2 else 'alpha'}\n"
        for voter in range(VOTERS)
        for n in range(ITEMS)
    )
    return take_in(manager, slug, "external_id,annotator,label\n" + "".join(votes))


def take_in(manager: Person, slug: str, text: str) -> int:
    """Send a file and return the id of its import."""
    file = ("rows.csv", text.encode(), "text/csv")
    job: int = manager.post(f"projects/{slug}/items/import/", files={"file": file})["id"]
    return job


def inside(stack: Stack, slug: str) -> dict[str, Any]:
    """Return what is in the database."""
    found: dict[str, Any] = json.loads(
        stack.manage("shell", "-v", "0", "-c", ASK.format(slug=slug))
    )
    return found
