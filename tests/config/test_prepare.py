"""The preparing step says in one sentence why the database cannot be used."""

from pathlib import Path

from config.launcher.ports import free_port
from config.launcher.prepare import FAIL
from tests.config.shell import python

PROGRAM = "import sys; from config.launcher.prepare import main; sys.exit(main([]))"


def prepare(directory: Path, **env: str) -> tuple[int, list[str]]:
    """Run the step; return its exit code and what it says to the launcher."""
    done = python(
        PROGRAM,
        TAGLOOP_MODE="local",
        TAGLOOP_DATA_DIR=str(directory),
        DJANGO_SETTINGS_MODULE="config.settings",
        **env,
    )
    said = [line for line in done.stdout.splitlines() if line.split(" ")[0].endswith(":")]
    return done.returncode, said


def test_the_first_time_it_makes_tables_and_collects_files_the_second_nothing(
    tmp_path: Path,
) -> None:
    assert prepare(tmp_path) == (
        0,
        ["step: Preparing the database", "step: Collecting static files"],
    )
    assert (tmp_path / "static" / "staticfiles.json").exists()
    assert prepare(tmp_path) == (0, [])


def test_an_unreachable_database_is_named_without_its_password(tmp_path: Path) -> None:
    port = free_port()
    code, said = prepare(tmp_path, DATABASE_URL=f"postgres://me:sekret@127.0.0.1:{port}/labels")
    assert code == 1
    assert len(said) == 1
    assert said[0].startswith(f"{FAIL}The database 127.0.0.1:{port}/labels cannot be reached: ")
    assert "sekret" not in said[0]


def test_a_database_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    code, said = prepare(tmp_path, DATABASE_URL="sqlite:////nowhere/x.sqlite3")
    assert (code, said) == (
        1,
        [f"{FAIL}The database /nowhere/x.sqlite3 cannot be reached: unable to open database file"],
    )


def test_settings_that_are_wrong_are_told(tmp_path: Path) -> None:
    code, said = prepare(tmp_path, SECRET_KEY="short")
    assert code == 1
    assert said[0].startswith(f"{FAIL}The settings are not right: SECRET_KEY is missing")
