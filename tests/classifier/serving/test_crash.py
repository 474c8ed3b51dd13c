"""Real serving processes under load: killed, cut off from the database, with another model."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from config.launcher.ports import free_port
from tests.classifier.serving.callers import Seen, calling
from tests.classifier.serving.controller import Controlled
from tests.classifier.serving.proxy import Proxy
from tests.loop.stack import ENGINES, OURS, ROOT, await_value, services

pytestmark = pytest.mark.processes
CALLERS = 6
SOME = 150


@dataclass(frozen=True)
class World:
    """A project in a database, and what it takes to serve it."""

    env: dict[str, str]
    port: int
    control: Controlled

    @classmethod
    @contextmanager
    def start(cls, engine: str) -> Iterator["World"]:
        """Make the project on an engine."""
        with tempfile.TemporaryDirectory() as folder, services(engine) as given:
            inherited = {name: os.environ[name] for name in os.environ.keys() - OURS}
            env = inherited | {"TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": folder} | given
            env |= {"LOG_LEVEL": "CRITICAL"}
            with Controlled.start(env) as control:
                yield cls(env, free_port(), control)

    @contextmanager
    def serving(self, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Serve until the end of the block."""
        env = self.env | {"SERVING_PORT": str(self.port)} | more
        command = [sys.executable, "-m", "classifier.serving"]
        process = subprocess.Popen(command, cwd=ROOT, env=env)
        try:
            await_value(self.ready, "the serving process")
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def ready(self) -> bool:
        """Tell whether the process has a model."""
        try:
            return "models" in httpx.get(f"http://127.0.0.1:{self.port}/health/ready").json()
        except httpx.TransportError:
            return False

    def check(self, seen: Seen) -> None:
        """Assert that what was answered is stored under its id, and that nothing is there twice."""
        stored = self.control("stored")
        assert len(stored) == len({key for key, _ in stored})
        assert dict(stored) == {
            key: told["prediction_id"] for key, told in list(seen.answered.items())
        }


@pytest.fixture(params=ENGINES)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A project on one engine."""
    with World.start(request.param) as made:
        yield made


def more(seen: Seen, count: int = SOME) -> None:
    """Wait until so many more were answered."""
    wanted = len(seen.answered) + count
    await_value(lambda: len(seen.answered) >= wanted, f"{count} more answers")


def test_killed_under_load(world: World) -> None:
    key = world.control("new_key")
    with ExitStack() as servers:
        process = servers.enter_context(world.serving())
        with calling(world.port, key, CALLERS) as seen:
            for _ in range(2):
                more(seen)
                process.kill()
                process.wait()
                process = servers.enter_context(world.serving())
            more(seen)
    world.check(seen)


def test_another_model_under_load(world: World) -> None:
    key = world.control("new_key")
    with world.serving(), calling(world.port, key, CALLERS) as seen:
        for number in (2, 1, 2, 1):
            more(seen, 50)
            before = seen.of_model(number)
            world.control("put_in_service", number)
            await_value(lambda: seen.of_model(number) > before + 50, f"model {number}")  # noqa: B023
    assert set(seen.statuses) == {200}
    # Model 2 says beta where model 1 says alpha: none was asked before it was whole.
    said = {(told["model_version"], told["label"]) for told in seen.answered.values()}
    assert said == {(1, "alpha"), (2, "beta")}
    world.check(seen)


def test_a_revoked_key_ends(world: World) -> None:
    key = world.control("new_key")

    def status() -> int:
        response = httpx.post(
            f"http://127.0.0.1:{world.port}/v1/tag",
            json={"project": "test", "title": "apple"},
            headers={"Authorization": f"Bearer {key}"},
        )
        return response.status_code

    with world.serving():
        assert status() == 200
        world.control("revoke_keys")
        await_value(lambda: status() == 401, "the end of the key")


def test_the_database_away_under_load() -> None:
    with World.start("postgresql") as world:
        key = world.control("new_key")
        address = urlsplit(world.env["DATABASE_URL"])
        with Proxy.start(address.hostname or "", address.port or 5432) as proxy:
            # The test's own connection goes straight to the server, and is not cut.
            way = address._replace(netloc=f"{address.username}@127.0.0.1:{proxy.port}").geturl()
            with world.serving(DATABASE_URL=way), calling(world.port, key, CALLERS) as seen:
                for times in (1, 2):
                    more(seen)
                    proxy.cut()
                    refused = 20 * times
                    await_value(lambda: seen.problems["database_away"] >= refused, "refusals")  # noqa: B023
                    proxy.restore()
                more(seen)
        world.check(seen)
    assert set(seen.statuses) == {200, 503}
    assert set(seen.problems) == {"database_away"}


def test_two_processes_share_a_port_and_one_that_dies_is_replaced(world: World) -> None:
    key = world.control("new_key")
    with world.serving(SERVING_WORKERS="2") as process:
        with calling(world.port, key, CALLERS) as seen:
            more(seen)
            first, second = await_value(lambda: pair(children(process.pid)), "two processes")
            os.kill(first, signal.SIGKILL)
            await_value(lambda: second in children(process.pid) - {first}, "the other one")
            more(seen)
            await_value(lambda: pair(children(process.pid) - {first}), "another")
            more(seen)
        counted = stored_by_metrics(world.port)
    world.check(seen)
    # What the one that died had counted still counts: the figures are those of the machine.
    assert len(seen.answered) - CALLERS <= counted <= len(seen.answered)


def test_processes_end_with_the_one_that_started_them(world: World) -> None:
    with world.serving(SERVING_WORKERS="2") as process:
        left = await_value(lambda: pair(children(process.pid)), "two processes")
        process.kill()
        process.wait()
        await_value(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), "their end")


def children(pid: int) -> set[int]:
    """Return the serving processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child) for child in found if b"spawn_main" in _command(child)}


def pair(pids: set[int]) -> tuple[int, int] | None:
    """Return two process ids where there are two."""
    first, *others = sorted(pids) or [0]
    return (first, others[0]) if len(others) == 1 else None


def stored_by_metrics(port: int) -> float:
    """Return how many stored predictions the figures count."""
    page = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    name = "tagloop_serving_stored_predictions_total "
    return next(float(line.split()[1]) for line in page.splitlines() if line.startswith(name))


def _command(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
