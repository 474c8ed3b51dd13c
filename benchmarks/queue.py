"""Annotators who label at once, over HTTP: how many pairs of submit and next a second.

`python -m benchmarks.queue --engine sqlite|postgresql --items 10000 --annotators 8` starts the web
server as `./run up` does. Each annotator is a process with an API key that answers what it holds
and gets the next in the same reply; every fifth time it asks for the next by itself, which is what
the figures on next are about. Afterwards the database is searched for looks too many and for
answers that were acknowledged and are not there. The last line is JSON.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier
from uuid import uuid4

from benchmarks.databases import ENGINES, ROOT, fresh_database

SLUG = "queue"
START_SECONDS = 60
EACH_APART = 5


@dataclass
class Record:
    """What one annotator saw: times in ms, acknowledged answers by look, and what went wrong."""

    began: float = 0.0
    ended: float = 0.0
    next_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)
    stored: dict[int, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


class Annotator:
    """A client with one connection that is kept open."""

    def __init__(self, port: int, key: str) -> None:
        """Call the server at this port with this key."""
        self.port, self.record = port, Record()
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def work(self, seconds: float) -> Record:
        """Label for some seconds, or until nothing waits."""
        self.record.began = time.time()
        look = self.next()
        while look is not None and time.time() < self.record.began + seconds:
            look = self.answer(look, apart=len(self.record.stored) % EACH_APART == 0)
        self.record.ended = time.time()
        return self.record

    def next(self) -> dict[str, object] | None:
        """Ask for a look."""
        begun = time.perf_counter()
        status, look = self.post("tasks/next/", {})
        self.record.next_ms.append(1000 * (time.perf_counter() - begun))
        if status not in {200, 204}:
            self.record.errors.append(f"next: {status} {look}")
        return look if status == 200 else None

    def answer(self, look: dict[str, object], *, apart: bool) -> dict[str, object] | None:
        """Answer a look and return the next, from the same reply unless apart."""
        place = f"assignments/{look['id']}/submit/" + ("?next=false" if apart else "")
        label = "beta" if int(str(look["id"])) % 10 == 0 else "alpha"
        sent = {"token": look["token"], "label": label, "idempotency_key": uuid4().hex}
        begun = time.perf_counter()
        status, answered = self.post(place, sent)
        self.record.submit_ms.append(1000 * (time.perf_counter() - begun))
        if status != 200 or answered is None:
            self.record.errors.append(f"submit: {status} {answered}")
            return self.next()
        self.record.stored[int(str(look["id"]))] = int(str(answered["annotation"]))
        following = answered["next"]
        return self.next() if apart else following if isinstance(following, dict) else None

    def post(self, place: str, body: object) -> tuple[int, dict[str, object] | None]:
        """Make a call and return its status and what was answered."""
        path = f"/api/projects/{SLUG}/{place}"
        self.connection.request("POST", path, json.dumps(body), self.headers)
        response = self.connection.getresponse()
        content = response.read()
        json_like = "json" in (response.getheader("Content-Type") or "")
        return response.status, json.loads(content) if content and json_like else None


def main() -> None:
    """Print a table of the figures, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--annotators", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    with fresh_database(options.engine):
        keys = _prepare(options.items, options.annotators)
        with _server() as port:
            records = _label(port, keys, options.seconds)
        figures = _figures(records) | _check(records)
    print(f"{options.engine}, {options.items} items, {options.annotators} annotators")
    for name, value in figures.items():
        print(f"{name:<14} {value:>9}")
    for error in [error for record in records for error in record.errors][:5]:
        print(error)
    print(json.dumps(figures))


def _prepare(items: int, annotators: int) -> list[str]:
    """Make the project and its people; return their API keys."""
    from accounts.keys import create_key
    from benchmarks.synthetic import add_items, make_project

    project, users = make_project(SLUG, annotators)
    add_items(project, items)
    return [create_key(user=user, name="benchmark", scopes=["write"])[1] for user in users]


@contextmanager
def _server() -> Iterator[int]:
    """Run the web server on a free port until the end."""
    from config.launcher.processes import PROCESSES

    web = next(process for process in PROCESSES if process.name == "web")
    command = [sys.executable if word == "python" else word for word in web.command]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"WEB_PORT": str(port), "API_RATE": "1000000/min"}
    env |= {"BROKER_URL": os.environ.get("TEST_REDIS_URL", "memory://")}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=quiet, stderr=quiet)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The server did not start.")


def _label(port: int, keys: Sequence[str], seconds: float) -> list[Record]:
    context = multiprocessing.get_context("spawn")
    everybody = context.Manager().Barrier(len(keys))
    with context.Pool(len(keys)) as pool:
        return pool.starmap(_annotate, [(port, key, seconds, everybody) for key in keys], 1)


def _annotate(port: int, key: str, seconds: float, everybody: Barrier) -> Record:
    """Label once all the others are ready too: starting their processes is not measured."""
    everybody.wait(START_SECONDS)
    return Annotator(port, key).work(seconds)


def _figures(records: Sequence[Record]) -> dict[str, float]:
    seconds = max(record.ended for record in records) - min(record.began for record in records)
    following = sorted(ms for record in records for ms in record.next_ms)
    submits = sorted(ms for record in records for ms in record.submit_ms)
    return {
        "pairs_per_s": round(sum(len(record.stored) for record in records) / seconds, 1),
        "next_p50_ms": round(_quantile(following, 0.5), 1),
        "next_p95_ms": round(_quantile(following, 0.95), 1),
        "submit_p95_ms": round(_quantile(submits, 0.95), 1),
    }


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


def _check(records: Sequence[Record]) -> dict[str, float]:
    """Count the looks beyond those wanted, and the acknowledged answers that are not there."""
    from django.db import connections
    from django.db.models import Count, F, Q

    from labeling.models import Annotation, Task

    done = Count("assignments", filter=Q(assignments__state="done"))
    over = Task.objects.order_by().annotate(done=done).filter(done__gt=F("wanted"))
    surplus = sum(task.done - task.wanted for task in over)
    stored = dict(Annotation.objects.current().values_list("assignment_id", "pk"))
    acknowledged = [pair for record in records for pair in record.stored.items()]
    lost = sum(stored.get(look) != annotation for look, annotation in acknowledged)
    twice = Annotation.objects.current().count() - len(stored) + len(acknowledged)
    surplus += twice - len(dict(acknowledged))
    connections.close_all()
    errors = sum(len(record.errors) for record in records)
    return {"surplus": surplus, "lost": lost, "errors": errors}


if __name__ == "__main__":
    main()
