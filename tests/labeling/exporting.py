"""A project with every kind of item, and ways to read an export of it."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import Any

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Item, Project, TaskReason
from labeling.queue import want_look
from tests.labeling.steps import answer, disagree, give, take, task_of

Make = Callable[..., Item]


def fill(project: Project, make_item: Make, pair: tuple[User, User], reviewer: User) -> None:
    """Make an agreed item, one decided by a reviewer, and one that nobody has looked at."""
    first, second = pair
    make_item("Agreed", 'line one\nline "two"', metadata={"year": 2026})
    answer(project, first, "beta")
    look = take(project, second)
    give(look, second, "beta")
    disputed = make_item("=cmd|' /C calc'!A0", "Ünïcode 文本")
    disagree(disputed, first, second)
    task = task_of(disputed)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma", comment="Clear.")
    make_item("Waiting")


def put_out_of_scope(project: Project, item: Item, reviewer: User) -> None:
    """Let a reviewer put an item out of scope."""
    task, _ = want_look(
        project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=0, review=True
    )
    decide(project=project, user=reviewer, task_id=task.pk, label_name=None, comment="Spam.")


def content_of(response: Any) -> bytes:
    """Return the whole of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def lines_of(content: bytes) -> list[dict[str, Any]]:
    """Return the objects of JSON lines."""
    return [json.loads(line) for line in content.splitlines()]


def table_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file, as it stands."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def joined(pieces: Iterable[bytes]) -> bytes:
    """Return the pieces as one."""
    return b"".join(pieces)
