"""The turn to write a database file passes between processes, also from one that died."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.sqlite.turns import Turn

HOLD = """
import sys
from config.sqlite.turns import Turn
turn = Turn(sys.argv[1])
print(turn.take(10), flush=True)
sys.stdin.readline()
turn.end()
print("ended", flush=True)
sys.stdin.readline()
"""


@contextmanager
def holder(path: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that has the turn until a line is sent to it."""
    command = [sys.executable, "-c", HOLD, path]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_process_waits_for_the_turn_of_another(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    turn = Turn(path)
    with holder(path) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert not turn.take(0.05)
        print(file=other.stdin, flush=True)
        assert other.stdout.readline() == "ended\n"
        assert turn.take(0)


def test_a_process_that_is_killed_gives_its_turn_up(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    turn = Turn(path)
    with holder(path) as other:
        assert not turn.take(0)
        other.kill()
        other.wait(10)
        assert turn.take(0)


def test_a_turn_ends_though_a_child_was_forked_during_it(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    turn = Turn(path)
    assert turn.take(1)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
    turn.end()
    try:
        assert Turn(path).take(0)
    finally:
        os.write(write, b".")
        os.waitpid(child, 0)


def test_a_child_may_not_write_in_its_parents_turn(tmp_path: Path) -> None:
    path = str(tmp_path / "turn")
    turn = Turn(path)
    assert turn.take(1)
    child = os.fork()
    if not child:
        turn.forget()
        os._exit(int(Turn(path).take(0)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
