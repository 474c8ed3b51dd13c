"""One running Tagloop per data directory; a dead one is no obstacle."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.launcher.errors import StartError
from config.launcher.lock import InstanceLock, running
from config.launcher.manage import environment
from tests.config.shell import clean_env

HOLDER = """
import sys
from pathlib import Path
from config.launcher.lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]), url="http://127.0.0.1:8000")
lock.describe({"BROKER_URL": "redis://of-the-holder:1/0"})
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Hold the lock in another process."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        env=clean_env(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_start_is_told_who_runs_and_where(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    with holder(path) as other:
        with pytest.raises(StartError) as caught:
            InstanceLock(path, url="http://127.0.0.1:9000")
        assert str(caught.value) == (
            f"Tagloop already runs (pid {other.pid}) at http://127.0.0.1:8000. "
            f"To stop it, press Ctrl-C there or: kill {other.pid}"
        )


def test_the_lock_of_a_killed_holder_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    with holder(path) as other:
        other.kill()
        other.wait()
        assert '"pid"' in path.read_text()
        assert running(path) is None
        lock = InstanceLock(path, url="http://127.0.0.1:9000")
    found = running(path)
    assert found is not None
    assert found.url == "http://127.0.0.1:9000"
    lock.release()
    assert running(path) is None


def test_a_lock_whose_children_still_stop_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "up.lock"
    with holder(path):
        path.write_text('{"pid": 99999999, "url": "x", "env": {}}')
        with pytest.raises(StartError, match="has not stopped yet"):
            InstanceLock(path, url="http://127.0.0.1:9000", patience=0.3)


def test_only_its_owner_can_read_the_lock(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "up.lock", url="http://127.0.0.1:9000")
    assert (tmp_path / "up.lock").stat().st_mode & 0o777 == 0o600
    lock.release()


def test_a_command_joins_the_running_tagloop(tmp_path: Path) -> None:
    with holder(tmp_path / "up.lock"):
        env = environment({}, tmp_path)
        own = environment({"BROKER_URL": "redis://mine:1/0"}, tmp_path)
    assert env["BROKER_URL"] == "redis://of-the-holder:1/0"
    assert own["BROKER_URL"] == "redis://mine:1/0"


def test_a_command_without_a_running_tagloop_sends_no_message_anywhere(tmp_path: Path) -> None:
    assert environment({}, tmp_path) == {
        "BROKER_URL": "memory://",
        "TAGLOOP_MODE": "local",
        "TAGLOOP_DATA_DIR": str(tmp_path),
    }
    kept = environment({"BROKER_URL_FILE": "/x"}, tmp_path)
    assert "BROKER_URL" not in kept
