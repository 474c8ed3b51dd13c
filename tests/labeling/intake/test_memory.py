"""The memory that an import and an export take does not grow with the file."""

import multiprocessing
import resource
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.labeling.races.engines import ENGINES, connect, database

pytestmark = pytest.mark.processes
SMALL, LARGE = 20_000, 50_000
# Held as it is, the large file would take 28 MB more than the small one. SQLite's page cache of
# 64 MiB is not full yet with the small one.
MAY_DIFFER_MB = {"sqlite": 50, "postgresql": 20}
BODY = "It goes on and on. " * 48
LONGEST = 300


@pytest.mark.parametrize("engine", ENGINES)
def test_neither_import_nor_export_holds_the_file(engine: str, tmp_path: Path) -> None:
    with database(engine, tmp_path) as url:
        imports = [peak_mb(url, bring_in, folder=tmp_path, rows=rows) for rows in (SMALL, LARGE)]
        exports = [
            peak_mb(url, take_out, folder=tmp_path, rows=rows, form=form)
            for form in ("csv", "jsonl")
            for rows in (SMALL, LARGE)
        ]
    written = (tmp_path / f"{LARGE}.jsonl").stat().st_size
    assert written > LARGE * len(BODY)
    assert imports[1] - imports[0] < MAY_DIFFER_MB[engine], imports
    assert exports[1] - exports[0] < MAY_DIFFER_MB[engine], exports
    assert exports[3] - exports[2] < MAY_DIFFER_MB[engine], exports


def peak_mb(url: str, work: Callable[..., None], **arguments: Any) -> float:
    """Return the most memory that a process of its own holds while it does some work."""
    with ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), initializer=connect, initargs=(url,)
    ) as pool:
        return pool.submit(_peak_mb, work, arguments).result(LONGEST)


def bring_in(folder: Path, rows: int) -> None:
    """Upload a file of so many rows to a new project and import it."""
    from django.conf import settings
    from django.core.management import call_command
    from django.test import override_settings

    from accounts.models import User
    from labeling.projects import NewLabel, create_project

    user = User.objects.create(username=str(rows))
    labels = [NewLabel("alpha"), NewLabel("beta")]
    create_project(user=user, name=str(rows), slug=str(rows), labels=labels)
    file = folder / f"{rows}.csv"
    with file.open("w") as out:
        out.write("id,title,body\n")
        out.writelines(f"{n},Item {n},{BODY}{n}\n" for n in range(rows))
    stored = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    storages = {**settings.STORAGES, "default": stored}
    with override_settings(STORAGES=storages, MEDIA_ROOT=folder / "stored"):
        call_command("import_items", str(rows), file)


def take_out(folder: Path, rows: int, form: str) -> None:
    """Export the project of so many rows."""
    from django.core.management import call_command

    output = folder / f"{rows}.{form}"
    output.unlink(missing_ok=True)
    call_command("export_items", str(rows), "--format", form, "--output", output)


def _peak_mb(work: Callable[..., None], arguments: dict[str, Any]) -> float:
    work(**arguments)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
