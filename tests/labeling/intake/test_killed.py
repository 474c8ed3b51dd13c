"""An import whose process is killed: taken up again, it ends as if nothing had happened."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROWS = 60_000
MAKE = """
from accounts.models import User
from labeling.projects import NewLabel, create_project
user = User.objects.create_user("m")
create_project(user=user, name="P", slug="p", labels=[NewLabel("a"), NewLabel("b")])
"""
READ = "from labeling.models import ImportJob as J; print(J.objects.get().cursor)"
RECOVER = """
from labeling import jobs
from labeling.intake_run import run_import
from labeling.models import ImportJob
for job in jobs.recover(ImportJob):
    run_import(job.pk)
"""
COUNT = """
from labeling.models import Assignment, Item, ImportJob, Task
job = ImportJob.objects.get()
print(job.state, job.attempt > 1, job.cursor, job.added, job.duplicates, job.refused,
      job.problems.count(), Item.objects.count(), Task.objects.count(), Assignment.objects.count())
"""


def manage(env: dict[str, str], *arguments: str) -> str:
    """Run a management command and return what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.processes
def test_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    outside = {name: os.environ[name] for name in os.environ.keys() - {"DATABASE_URL"}}
    env = outside | {"TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": str(tmp_path / "data")}
    env |= {"JOB_STALLED_SECONDS": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
    file = tmp_path / "rows.csv"
    lines = [f"{n},Item {n % (ROWS - 50)},x\n" if n % 1000 else "bad\n" for n in range(ROWS)]
    file.write_text("id,title,body\n" + "".join(lines))
    manage(env, "migrate", "-v", "0")
    manage(env, "shell", "-v", "0", "-c", MAKE)
    command = [sys.executable, "manage.py", "import_items", "p", str(file)]
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    deadline = time.monotonic() + 60
    while not _begun(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait(timeout=30) == -signal.SIGKILL
    assert 0 < int(manage(env, "shell", "-v", "0", "-c", READ)) < ROWS
    manage(env, "shell", "-v", "0", "-c", RECOVER)
    refused = ROWS // 1000
    duplicates = 49  # the last 50 titles come a second time, one of them in a bad row
    added = ROWS - refused - duplicates
    told = manage(env, "shell", "-v", "0", "-c", COUNT)
    assert told == (
        f"succeeded True {ROWS} {added} {duplicates} {refused} {refused} {added} {added} "
        f"{2 * added}"
    )


def _begun(folder: Path) -> bool:
    """Tell whether some of the rows are in the database, by another connection."""
    try:
        with sqlite3.connect(folder / "data" / "tagloop.sqlite3", timeout=5) as connection:
            query = "SELECT MAX(cursor) FROM labeling_importjob"
            return bool(connection.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return False
