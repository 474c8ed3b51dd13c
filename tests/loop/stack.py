"""All processes of Tagloop, started as a user starts them, on a data folder of their own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

import httpx
import psycopg2
import pytest

from config.launcher.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("sqlite", "postgresql")
PATIENCE = 120
T = TypeVar("T")

# What the tests' own environment says of these is not for the processes that they start.
OURS = {"DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE", "TAGLOOP_MODE"}

# Recovery and routing are quick here, so that a test does not wait for what a person would, and
# webhooks may call this machine.
QUICK = {
    "WEBHOOK_ALLOW_PRIVATE": "true",
    "WEBHOOK_LEASE_SECONDS": "4",
    "RECOVER_SECONDS": "1",
    "ROUTE_SECONDS": "1",
    "JOB_HEARTBEAT_SECONDS": "1",
    "JOB_STALLED_SECONDS": "4",
}


@dataclass(frozen=True)
class Stack:
    """The running processes: where they answer, and the environment to join them."""

    web: str
    serving: str
    env: dict[str, str]

    @classmethod
    @contextmanager
    def start(cls, engine: str, *options: str) -> Iterator["Stack"]:
        """Run `up` on an engine, with extra options, until the block ends."""
        with (
            tempfile.TemporaryDirectory() as folder,
            tempfile.TemporaryDirectory() as passing,
            services(engine) as given,
        ):
            web = free_port()
            serving = free_port(besides=[web])
            inherited = {name: os.environ[name] for name in os.environ.keys() - OURS}
            own = {"TAGLOOP_DATA_DIR": folder, "TMPDIR": passing}
            env = inherited | QUICK | given | own
            stack = cls(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{serving}", env)
            ports = ["--port", str(web), "--serving-port", str(serving)]
            with _running(stack, [*ports, *options]):
                yield stack

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it prints, without the last line break."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env | {"TAGLOOP_MODE": "local"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout.strip()

    def kill(self, *words: str) -> int:
        """Kill -9 every process with these words in its command; return how many there were."""
        pids = [pid for pid in _pids_with(self.env["TAGLOOP_DATA_DIR"]) if _says(pid, words)]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return len(pids)

    def await_web(self) -> None:
        """Wait until the web process answers."""
        await_value(lambda: _ready(self), "the web process")


def await_value(
    probe: Callable[[], T | None], what: str, patience: float = PATIENCE, step: float = 0.2
) -> T:
    """Return the first true value of `probe`; fail where none comes in time."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if value := probe():
            return value
        time.sleep(step)
    raise AssertionError(f"waited {patience:.0f} s in vain for {what}")


@contextmanager
def _running(stack: Stack, options: list[str]) -> Iterator[None]:
    command = [sys.executable, "-m", "config.launcher", "up", *options]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=stack.env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            await_value(lambda: process.poll() is not None or _answers(stack), "the start")
            assert process.poll() is None, _text(output)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def _text(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode()


def _answers(stack: Stack) -> bool:
    try:
        return _ready(stack) and httpx.get(f"{stack.serving}/health/live").is_success
    except httpx.TransportError:
        return False


def _ready(stack: Stack) -> bool:
    try:
        return httpx.get(f"{stack.web}/health/ready").is_success
    except httpx.TransportError:
        return False


@contextmanager
def services(engine: str) -> Iterator[dict[str, str]]:
    """Yield the addresses of an engine's services: none for SQLite, which brings its own."""
    if engine == "sqlite":
        yield {}
        return
    server, broker = os.environ.get("TEST_POSTGRES_URL"), os.environ.get("TEST_REDIS_URL")
    if not server or not broker:
        pytest.skip("TEST_POSTGRES_URL and TEST_REDIS_URL name no servers to run this on")
    with _database(server) as url:
        yield {"DATABASE_URL": url, "BROKER_URL": broker}


@contextmanager
def _database(server: str) -> Iterator[str]:
    name = f"tagloop_{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def _pids_with(data_dir: str) -> Iterator[int]:
    mark = f"TAGLOOP_DATA_DIR={data_dir}\0".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                yield int(folder.name)
        except OSError:
            continue


def _says(pid: int, words: Sequence[str]) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return False
    return set(words) <= set(command)
