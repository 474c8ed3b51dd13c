"""Children are restarted when they crash, and stop in order, whatever they do."""

import os
import signal
import time
from pathlib import Path

import pytest

from config.launcher import supervise
from config.launcher.errors import StartError
from config.launcher.processes import Process
from config.launcher.supervise import StopSignal, Supervisor

COUNTING = """
import sys, time
from pathlib import Path
path = Path(sys.argv[1])
path.write_text((path.read_text() if path.exists() else "") + "x")
print("start", len(path.read_text()), flush=True)
if len(path.read_text()) <= int(sys.argv[2]):
    sys.exit(3)
time.sleep(60)
"""
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
GENTLE = """
import signal, sys, time
from pathlib import Path
def stop(*_):
    with Path(sys.argv[1]).open("a") as file:
        file.write(sys.argv[2] + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(60)
"""


def process(name: str, program: str, *arguments: str) -> Process:
    """A process that runs a program text."""
    return Process(name, ("python", "-c", program, *arguments))


def test_a_crashed_child_starts_again_after_its_last_lines_were_shown(
    supervisor: Supervisor,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervise, "FIRST_WAIT", 0.05)
    starts = tmp_path / "starts"
    supervisor.keep(supervisor.launch(process("worker", COUNTING, str(starts), "2")))
    assert supervisor.watch(lambda: starts.exists() and starts.read_text() == "xxx")
    assert capsys.readouterr().out == (
        "The worker process stopped by itself (exit code 3). Its last lines:\n"
        "  worker | start 1\n"
        "Starting it again in 0.05 seconds.\n"
        "The worker process stopped by itself (exit code 3). Its last lines:\n"
        "  worker | start 2\n"
        "Starting it again in 0.1 seconds.\n"
    )
    assert (tmp_path / "worker.log.1").read_text() == "start 2\n"


def test_a_child_that_crashes_again_and_again_ends_everything(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "FIRST_WAIT", 0.001)
    supervisor.keep(supervisor.launch(process("serving", COUNTING, str(tmp_path / "n"), "99")))
    with pytest.raises(StartError, match="The serving process stopped 6 times within a minute"):
        supervisor.watch(lambda: False)
    assert (tmp_path / "n").read_text() == "xxxxxx"


def test_the_workers_of_a_killed_child_are_ended_before_it_starts_again(
    supervisor: Supervisor,
) -> None:
    child = supervisor.launch(process("training-worker", STUBBORN))
    supervisor.keep(child)
    assert supervisor.watch(lambda: bool(child.tail))
    grandchild = int(child.tail[0])
    os.kill(os.getpgid(grandchild), signal.SIGKILL)
    assert supervisor.watch(lambda: _gone(grandchild))


def test_what_ignores_the_request_to_stop_is_killed_with_its_children(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "STOP_SECONDS", 0.3)
    child = supervisor.launch(process("web", STUBBORN))
    supervisor.keep(child)
    assert supervisor.watch(lambda: bool(child.tail))
    supervisor.stop_all()
    assert child.exit_code == -signal.SIGKILL
    assert _gone(int(child.tail[0]))


def test_the_broker_stops_after_the_others(supervisor: Supervisor, tmp_path: Path) -> None:
    ends = str(tmp_path / "ends")
    broker = supervisor.launch(process("broker", GENTLE, ends, "broker"))
    worker = supervisor.launch(process("worker", GENTLE, ends, "worker"))
    supervisor.keep(broker, base=True)
    supervisor.keep(worker)
    assert supervisor.watch(lambda: bool(broker.tail) and bool(worker.tail))
    supervisor.stop_all()
    assert (tmp_path / "ends").read_text() == "worker broker "


def test_a_signal_ends_the_watch(supervisor: Supervisor, stop: StopSignal) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    assert supervisor.watch(lambda: False) is False
    assert (bool(stop), stop.urgent) == (True, False)
    os.kill(os.getpid(), signal.SIGINT)
    assert stop.urgent


def _gone(pid: int) -> bool:
    """Tell whether a process has ended, giving it a moment to."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
