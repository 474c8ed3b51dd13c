"""A supervisor for processes made up by the tests."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launcher.orphans import Register
from config.launcher.supervise import StopSignal, Supervisor
from tests.config.shell import clean_env

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def stop() -> Iterator[StopSignal]:
    """The signals, given back afterwards."""
    before = [(number, signal.getsignal(number)) for number in SIGNALS]
    yield StopSignal()
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    """A register with its reaper."""
    register = Register(tmp_path / "children.json")
    yield register
    register.close()


@pytest.fixture
def supervisor(tmp_path: Path, register: Register, stop: StopSignal) -> Iterator[Supervisor]:
    """A supervisor whose children end with the test."""
    supervisor = Supervisor(
        env=clean_env(), logs=tmp_path, register=register, stop=stop, verbose=False
    )
    yield supervisor
    supervisor.stop_all()
