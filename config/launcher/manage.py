"""`./run manage`: Django's commands on the data of `./run up`, whether it runs now or not."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from config.launcher.children import ROOT
from config.launcher.lock import running
from config.launcher.options import data_dir

NO_BROKER = "memory://"


def environment(env: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Return `env` joined to the Tagloop that runs on `directory`; what `env` says itself stays.

    Where none runs, messages go nowhere: the jobs' rows wait, and the next start takes them up.
    """
    holder = running(directory / "up.lock")
    found = dict(holder.env) if holder else {"BROKER_URL": NO_BROKER}
    missing = {key: value for key, value in found.items() if f"{key}_FILE" not in env}
    return {**missing, **env, "TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": str(directory)}


def manage(arguments: Sequence[str]) -> NoReturn:
    """Become the Django command."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    os.execve(  # noqa: S606
        sys.executable, command, environment(os.environ, data_dir())
    )
