"""Callers that never give up: each text has a key and is asked for again until it is answered."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from time import sleep

from tests.classifier.champions import SURE

REST_SECONDS = 0.05


@dataclass
class Seen:
    """What the callers were told."""

    answered: dict[str, dict[str, object]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def of_model(self, number: int) -> int:
        """Return how many answers a model gave."""
        return sum(told["model_version"] == number for told in list(self.answered.values()))


@contextmanager
def calling(port: int, key: str, count: int) -> Iterator[Seen]:
    """Have so many callers ask until the end of the block, and then end what they have begun."""
    seen, stop = Seen(), Event()
    threads = [
        Thread(target=_call, args=(port, key, f"caller-{number}", seen, stop))
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _call(port: int, key: str, name: str, seen: Seen, stop: Event) -> None:
    number = 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while not stop.is_set():
        number += 1
        own = f"{name}-{number}"
        while own not in seen.answered:
            try:
                _ask(connection, key, own, seen)
            except (OSError, http.client.HTTPException):
                # Cut off in the middle: nobody knows whether it was stored.
                seen.statuses[0] += 1
                connection.close()
                sleep(REST_SECONDS)
    connection.close()


def _ask(connection: http.client.HTTPConnection, key: str, own: str, seen: Seen) -> None:
    body = json.dumps({"project": "test", "title": SURE["alpha"], "external_id": own})
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": own}
    connection.request("POST", "/v1/tag", body, headers)
    response = connection.getresponse()
    told = json.loads(response.read())
    seen.statuses[response.status] += 1
    if response.status == 200:
        seen.answered[own] = told
    else:
        seen.problems[told["code"]] += 1
        sleep(REST_SECONDS)
