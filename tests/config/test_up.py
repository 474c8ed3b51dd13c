"""`./run up` as a whole: real processes on this checkout, with data of their own."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launcher.ports import free_port
from tests.config.shell import ROOT, clean_env

pytestmark = pytest.mark.processes


class Launcher:
    """`./run up` in a process of its own."""

    def __init__(self, data: Path, port: int, serving_port: int, *more: str) -> None:
        self.data, self.port, self.serving_port = data, port, serving_port
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [ROOT / "run", "up", f"--port={port}", f"--serving-port={serving_port}", *more],
            env=clean_env(TAGLOOP_DATA_DIR=str(data)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def wait_ready(self) -> str:
        """Return what it says until everything runs."""
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            if "Ctrl-C stops" in line:
                sys.stdout.write(f"ready after {time.monotonic() - self.begun:.1f} s\n")
                return said
        pytest.fail(f"it ended by itself:\n{said}")

    def children(self) -> set[int]:
        """Return the processes that carry this start's data directory in their environment."""
        mark = f"TAGLOOP_DATA_DIR={self.data}".encode()
        found = set()
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in path.read_bytes().split(b"\0"):
                    found.add(int(path.parent.name))
            except OSError:
                continue
        return found - {self.process.pid}

    def interrupt(self) -> str:
        """Press Ctrl-C; return what it says until it ends."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.communicate(timeout=30)[0]


def two_ports() -> tuple[int, int]:
    """Return ports for the web application and for serving."""
    port = free_port()
    return port, free_port(besides=[port])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory that all starts of this file share."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def launcher(data: Path) -> Iterator[Launcher]:
    """A start on free ports, ended with the test."""
    launcher = Launcher(data, *two_ports())
    yield launcher
    if launcher.process.poll() is None:
        launcher.interrupt()


def get(port: int, path: str) -> tuple[int, str]:
    """Return status and body of a page, following redirects within the site."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    place, body = answer.getheader("Location"), answer.read().decode()
    connection.close()
    return get(port, place) if place else (answer.status, body)


def test_a_start_serves_the_sign_in_page_and_ctrl_c_ends_every_process(launcher: Launcher) -> None:
    said = launcher.wait_ready()
    assert f"http://127.0.0.1:{launcher.port}\n" in said
    assert f"http://127.0.0.1:{launcher.serving_port}\n" in said
    assert re.search(r"^\w+\s+tagloop-demo\s+manager$", said, re.MULTILINE)
    status, body = get(launcher.port, "/")
    assert status == 200
    assert 'type="password"' in body
    assert len(launcher.children()) >= 6
    assert "its data is kept" in launcher.interrupt()
    assert launcher.process.returncode == 0
    assert launcher.children() == set()


def test_a_second_start_beside_a_running_one_is_refused(launcher: Launcher) -> None:
    launcher.wait_ready()
    second = Launcher(launcher.data, *two_ports())
    assert second.process.communicate(timeout=30)[0] == (
        f"Tagloop already runs (pid {launcher.process.pid}) at http://127.0.0.1:{launcher.port}. "
        f"To stop it, press Ctrl-C there or: kill {launcher.process.pid}\n"
    )
    assert second.process.returncode == 1


def test_after_kill_9_no_child_is_left_and_the_next_start_succeeds(launcher: Launcher) -> None:
    launcher.wait_ready()
    launcher.process.kill()
    launcher.process.wait()
    deadline = time.monotonic() + 10
    while launcher.children() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert launcher.children() == set()
    again = Launcher(launcher.data, launcher.port, launcher.serving_port)
    again.wait_ready()
    again.interrupt()
    assert again.children() == set()


def test_a_killed_process_comes_back(launcher: Launcher) -> None:
    launcher.wait_ready()
    serving = next(pid for pid in launcher.children() if b"classifier.serving" in _command(pid))
    os.kill(serving, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not _serves(launcher.serving_port):
        time.sleep(0.2)
    assert get(launcher.serving_port, "/health/live")[0] == 200


def test_the_demo_is_not_opened_to_other_computers(data: Path) -> None:
    launcher = Launcher(data, *two_ports(), "--host", "0.0.0.0")
    said = launcher.process.communicate(timeout=30)[0]
    assert said.startswith("Everybody knows the demo's sign-ins")
    assert launcher.process.returncode == 1


def test_a_taken_port_is_named_and_nothing_is_left_running(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        launcher = Launcher(data, port, free_port(besides=[port]))
        said = launcher.process.communicate(timeout=30)[0]
    assert said.startswith(f"Port {port} is taken by another program: pass --port ")
    assert launcher.process.returncode == 1
    assert launcher.children() == set()


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _serves(port: int) -> bool:
    try:
        return get(port, "/health/live")[0] == 200
    except OSError:
        return False
