"""No child outlives a launcher that was killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.launcher.orphans import Register, began, end_orphans
from config.launcher.reaper import listed
from tests.config.shell import clean_env

LAUNCHER = """
import os, subprocess, sys, time
from pathlib import Path
from config.launcher.orphans import Register
register = Register(Path(sys.argv[1]))
child = subprocess.Popen(
    [sys.executable, "-c", "import time; time.sleep(60)"],
    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0,
)
register.add(child.pid)
print(child.pid, register.reaper_pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def sleeper() -> "subprocess.Popen[bytes]":
    """A process in a group of its own that would run for a minute."""
    return subprocess.Popen(["sleep", "60"], process_group=0)


@pytest.fixture
def killed(tmp_path: Path) -> tuple[int, int]:
    """The child and the reaper of a launcher that was killed together with its reaper."""
    with _launcher(tmp_path) as launcher:
        child, reaper = _pids(launcher)
        os.kill(reaper, signal.SIGKILL)
        launcher.kill()
    return child, reaper


def _launcher(directory: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(directory / "children.json")],
        env=clean_env(),
        stdout=subprocess.PIPE,
        text=True,
    )


def _pids(launcher: "subprocess.Popen[str]") -> tuple[int, int]:
    assert launcher.stdout is not None
    child, reaper = map(int, launcher.stdout.readline().split())
    return child, reaper


def test_the_reaper_ends_the_children_of_a_killed_launcher(tmp_path: Path) -> None:
    with _launcher(tmp_path) as launcher:
        child, reaper = _pids(launcher)
        launcher.kill()
    _wait_until_gone(reaper)
    assert began(child) == ""


def test_the_next_start_ends_what_a_killed_reaper_left(
    tmp_path: Path, killed: tuple[int, int]
) -> None:
    path = tmp_path / "children.json"
    assert list(json.loads(path.read_text())) == [str(killed[0])]
    assert end_orphans(path) == 1
    _wait_until_gone(killed[0])
    assert end_orphans(path) == 0


def test_a_process_that_only_has_the_number_of_an_old_child_is_left_alone(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    path = tmp_path / "children.json"
    path.write_text(json.dumps({str(sleeper.pid): "of another time"}))
    assert end_orphans(path) == 0
    assert sleeper.poll() is None
    sleeper.kill()
    sleeper.wait()


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_damaged_register_is_no_obstacle(tmp_path: Path, text: str) -> None:
    path = tmp_path / "children.json"
    path.write_text(text)
    assert end_orphans(path) == 0


def test_a_killed_reaper_is_replaced(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    register = Register(tmp_path / "children.json")
    first = register.reaper_pid
    os.kill(first, signal.SIGKILL)
    _wait_until_gone(first)
    register.add(sleeper.pid)
    assert register.reaper_pid != first
    register.close()
    assert sleeper.wait() == -signal.SIGTERM


def test_the_reaper_lists_what_began_and_did_not_end() -> None:
    assert listed(["+10\n", "+11\n", "-10\n", "+12\n", "-99\n"]) == [11, 12]


def _wait_until_gone(pid: int) -> None:
    """Wait until a process has ended (a child of ours: until it waits to be asked for)."""
    for _ in range(500):
        stat = Path(f"/proc/{pid}/stat")
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        signal.sigtimedwait([], 0.02)
    pytest.fail(f"process {pid} still runs")
