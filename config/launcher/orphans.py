"""The running children, told to the reaper and written to a file for the next start.

The reaper ends them when the launcher is killed. Where the reaper was killed as well, the next
start finds them in the file; a process that merely got the number of an old child is told apart by
when it began.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from config.launcher import reaper


class Register:
    """The process groups that the launcher answers for."""

    def __init__(self, path: Path, *, keep_open: tuple[int, ...] = ()) -> None:
        """Keep the register in `path`; the reaper inherits the descriptors in `keep_open`."""
        self._path = path
        self._keep_open = keep_open
        self._began: dict[int, str] = {}
        self._reaper, self._pipe = self._start_reaper()

    def add(self, pid: int) -> None:
        """Answer for the process group that `pid` leads."""
        self._began[pid] = began(pid)
        self._save()
        self._tell(f"+{pid}\n")

    def remove(self, pid: int) -> None:
        """Stop answering for a process group that has ended."""
        if self._began.pop(pid, None) is not None:
            self._save()
            self._tell(f"-{pid}\n")

    @property
    def reaper_pid(self) -> int:
        """The process that watches over this one."""
        return self._reaper.pid

    def close(self) -> None:
        """End the reaper; what is still registered ends with it."""
        os.close(self._pipe)
        self._reaper.wait()

    def _start_reaper(self) -> tuple["subprocess.Popen[bytes]", int]:
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-I", reaper.__file__],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self._keep_open,
        )
        os.close(reading)
        return process, writing

    def _tell(self, line: str) -> None:
        try:
            os.write(self._pipe, line.encode())
        except BrokenPipeError:
            os.close(self._pipe)
            self._reaper, self._pipe = self._start_reaper()
            os.write(self._pipe, "".join(f"+{pid}\n" for pid in self._began).encode())

    def _save(self) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(self._began))
        draft.replace(self._path)


def end_orphans(path: Path) -> int:
    """End the process groups that an earlier start left in the file `path`; return how many."""
    try:
        left = dict(json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return 0
    groups = [int(pid) for pid, mark in left.items() if mark and began(int(pid)) == mark]
    reaper.end(groups)
    path.unlink(missing_ok=True)
    return len(groups)


def began(pid: int) -> str:
    """Return a mark of when process `pid` began; empty where there is no such process."""
    if Path("/proc/self/stat").exists():
        return _began_linux(pid)
    answer = subprocess.run(
        ["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def _began_linux(pid: int) -> str:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return f"{after_name[19]} {Path('/proc/sys/kernel/random/boot_id').read_text().strip()}"
