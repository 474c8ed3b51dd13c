"""Simulated people who work over REST, each with an API key."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.loop.data import Content
from tests.loop.stack import Stack, await_value

LABELS = ("natural-language-processing", "computer-vision", "mlops", "other")
Answer = Callable[[Content], str]


class Person:
    """A user of the stack who calls the API of one project."""

    @classmethod
    def new(cls, stack: Stack, username: str, *scopes: str) -> "Person":
        """Make a user, and a key for it."""
        stack.manage("create_user", username)
        return cls(stack, username, *scopes)

    def __init__(self, stack: Stack, username: str, *scopes: str) -> None:
        """Make a key for a user who exists."""
        self.username = username
        flags = [part for scope in scopes for part in ("--scope", scope)]
        self.secret = stack.manage("create_key", username, "loop", *flags)
        self.http = httpx.Client(
            base_url=f"{stack.web}/api/",
            headers={"Authorization": f"Bearer {self.secret}"},
            timeout=60,
        )

    def get(self, path: str) -> Any:
        """Return the JSON that a path answers; fail on anything but success."""
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Send JSON and return what is answered, None for an empty answer."""
        answer = self.http.post(path, json=body, **options)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


def truthful(item: Content) -> str:
    """Answer with the known tag."""
    return item.tag


def erring(share: float) -> Answer:
    """Answer wrongly on a fixed share of the items, always the same ones."""

    def answer(item: Content) -> str:
        digest = hashlib.sha256(item.external_id.encode()).digest()
        if digest[0] / 256 >= share:
            return item.tag
        others = [label for label in LABELS if label != item.tag]
        return others[digest[1] % len(others)]

    return answer


def label_everything(
    workers: Mapping[Person, Answer], project: str, truth: Mapping[str, Content]
) -> dict[str, int]:
    """Let all annotators work at the same time until nothing waits; return their counts."""
    with ThreadPoolExecutor(len(workers)) as pool:
        counts = pool.map(lambda person: _label(person, workers[person], project, truth), workers)
        return {person.username: done for person, done in zip(workers, counts, strict=True)}


def _label(person: Person, answer: Answer, project: str, truth: Mapping[str, Content]) -> int:
    done = 0
    look = person.post(f"projects/{project}/tasks/next/")
    while look is not None:
        label = answer(truth[look["item"]["title"]])
        body = {"token": look["token"], "label": label, "idempotency_key": uuid.uuid4().hex}
        look = person.post(f"projects/{project}/assignments/{look['id']}/submit/", body)["next"]
        done += 1
    return done


def adjudicate_everything(reviewer: Person, project: str, truth: Mapping[str, Content]) -> int:
    """Decide every case that waits by the known tag; return how many there were."""
    done = 0
    while cases := reviewer.get(f"projects/{project}/review/")["results"]:
        for case in cases:
            tag = truth[case["item"]["title"]].tag
            reviewer.post(f"projects/{project}/review/{case['id']}/decide/", {"label": tag})
            done += 1
    return done


def end_of_import(manager: Person, slug: str, job_id: int) -> dict[str, Any]:
    """Wait for the end of an import and return it."""

    def ended() -> dict[str, Any] | None:
        job: dict[str, Any] = manager.get(f"projects/{slug}/imports/{job_id}/")
        return None if job["state"] in {"queued", "running"} else job

    return await_value(ended, "the end of the import")
