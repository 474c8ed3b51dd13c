"""A computation that asks nobody is stopped all the same, and nothing comes after its end."""

import threading
import time

import pytest

from classifier.interrupt import stopped_when
from labeling.jobs import JobLost

PATIENCE = 60.0


def compute() -> None:
    """Do what never looks up, for longer than any test should take."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        sum(range(1000))


def test_it_stops_in_the_middle() -> None:
    with pytest.raises(JobLost), stopped_when(lambda: True, every_seconds=0.01):
        compute()


def test_it_stops_only_where_the_run_is_lost() -> None:
    asked = threading.Event()

    def lost() -> bool:
        asked.set()
        return False

    with stopped_when(lost, every_seconds=0.01):
        assert asked.wait(PATIENCE)


def test_an_error_of_the_block_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="bad"), stopped_when(lambda: False, every_seconds=0.01):
        raise ValueError("bad")


def test_nothing_is_raised_after_the_block() -> None:
    inside, release = threading.Event(), threading.Event()

    def lost_too_late() -> bool:
        inside.set()
        return release.wait(PATIENCE)

    with stopped_when(lost_too_late, every_seconds=0.01):
        assert inside.wait(PATIENCE)
    release.set()
    for thread in threading.enumerate():
        if type(thread).__name__ == "_Watch":
            thread.join(PATIENCE)

    assert sum(range(1000)) == 499_500
