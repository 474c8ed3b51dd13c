"""Webhooks with all processes running: what happens is told, also where a worker dies meanwhile."""

import json
import threading
from collections.abc import Iterator

import pytest

from tests.feedback.webhooks.receiver import Receiver, listening
from tests.loop.people import Person
from tests.loop.stack import Stack, await_value

pytestmark = pytest.mark.processes


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who is told."""
    with listening() as made:
        yield made


def test_an_answer_is_told_and_survives_the_death_of_its_worker(
    stack: Stack, manager: Person, receiver: Receiver
) -> None:
    labels = [{"name": "alpha"}, {"name": "beta"}]
    manager.post("projects/", {"name": "Told", "slug": "told", "labels": labels})
    hook = manager.post(
        "projects/told/webhooks/", {"url": receiver.url, "kinds": ["item.resolved"]}
    )
    dying, killed = threading.Event(), threading.Event()

    def hang() -> None:
        dying.set()
        killed.wait(60)

    receiver.before_answer = hang
    manager.post(f"projects/told/webhooks/{hook['id']}/test/")
    assert dying.wait(60)
    assert stack.kill("celery", "worker", "default")
    receiver.before_answer = lambda: None
    killed.set()
    address = f"projects/told/webhooks/{hook['id']}/deliveries/"
    await_value(
        lambda: [one for one in manager.get(address)["results"] if one["state"] == "delivered"],
        "the delivery after the death of its worker",
    )
    first, second = receiver.calls
    assert first[0]["Tagloop-Delivery"] == second[0]["Tagloop-Delivery"]
    assert [call[0]["Tagloop-Attempt"] for call in receiver.calls] == ["1", "2"]
    assert json.loads(second[1])["type"] == "test"
