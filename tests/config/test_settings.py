"""The settings refuse to run in production with anything that only suits a laptop."""

from pathlib import Path

import pytest

from tests.config.shell import python

SECRET = "a-secret-key-of-more-than-thirty-two-characters"
PROGRAM = "import config.settings as s; print(s.MODE, s.DEBUG, s.HTTPS, s.SECRET_KEY)"


def refusal(**env: str) -> str:
    """Return the last line of the settings' complaint."""
    done = python(PROGRAM, **env)
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


def test_production_is_the_default_and_needs_a_secret_key() -> None:
    assert "SECRET_KEY is missing or shorter than 32 characters" in refusal()


@pytest.mark.parametrize("key", ["", "short", "x" * 31])
def test_production_refuses_a_missing_or_short_secret_key(key: str) -> None:
    assert "SECRET_KEY is missing" in refusal(TAGLOOP_MODE="production", SECRET_KEY=key)


def test_production_never_takes_the_key_of_a_local_installation(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("y" * 60)
    assert "SECRET_KEY is missing" in refusal(TAGLOOP_DATA_DIR=str(tmp_path))


def test_production_refuses_debug() -> None:
    assert "DEBUG cannot be on in production" in refusal(SECRET_KEY=SECRET, DEBUG="1")


def test_an_unknown_mode_is_refused() -> None:
    assert "TAGLOOP_MODE is 'staging'" in refusal(SECRET_KEY=SECRET, TAGLOOP_MODE="staging")


def test_production_runs_with_a_key_over_https() -> None:
    done = python(PROGRAM, SECRET_KEY=SECRET)
    assert done.stdout == f"production False True {SECRET}\n"


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(SECRET)
    assert python(PROGRAM, SECRET_KEY_FILE=str(path)).stdout == f"production False True {SECRET}\n"


def test_local_mode_makes_a_key_and_keeps_it(tmp_path: Path) -> None:
    env = {"TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": str(tmp_path)}
    first = python(PROGRAM, **env).stdout
    assert first == python(PROGRAM, **env).stdout
    assert first.startswith("local False False ")
    assert len(first.split()[-1]) >= 50
