"""Stopping: what was accepted is answered and stored; many calls share a commit."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from classifier.models import ModelVersion, Prediction
from classifier.serving import store
from classifier.serving.store import Tag
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process

Save = Callable[[Sequence[Tag]], bool]


class Slow:
    """A store that holds its first batch until it is let go on, and notes how large each is."""

    def __init__(self, real: Save) -> None:
        self.real = real
        self.sizes: list[int] = []
        self.holding, self.go_on = threading.Event(), threading.Event()

    def let_go(self, *, after: float) -> None:
        """Go on in some seconds."""
        threading.Event().wait(after)
        self.go_on.set()

    def __call__(self, tags: Sequence[Tag]) -> bool:
        self.sizes.append(len(tags))
        self.holding.set()
        assert self.go_on.wait(10)
        return self.real(tags)


def test_calls_that_wait_share_one_commit(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(store.save)
    monkeypatch.setattr(store, "save", slow)
    with ThreadPoolExecutor(11) as pool:
        first = pool.submit(ask)
        assert slow.holding.wait(10)
        others = [pool.submit(ask) for _ in range(10)]
        threading.Event().wait(0.3)
        slow.go_on.set()
        statuses = {call.result().status_code for call in [first, *others]}
    assert statuses == {200}
    # PostgreSQL takes two batches at a time: the second is what had come when the first was taken.
    assert (slow.sizes[0], sum(slow.sizes)) == (1, 11)
    assert len(slow.sizes) <= 3
    assert Prediction.objects.count() == 11


def test_an_accepted_call_is_answered_although_the_process_stops(
    champion: ModelVersion, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Slow(store.save)
    monkeypatch.setattr(store, "save", slow)
    with ThreadPoolExecutor(2) as pool:
        with Process.start() as process:
            call = pool.submit(
                httpx.post,
                f"{process.url}/v1/tag",
                json={"project": "test", "title": "apple"},
                headers={"Authorization": f"Bearer {secret}"},
            )
            assert slow.holding.wait(10)
            pool.submit(slow.let_go, after=0.3)
        assert call.result().status_code == 200
    assert Prediction.objects.get().pk.hex == call.result().json()["prediction_id"].replace("-", "")
