"""Readies the database, the static files and the demo project, in one process before all others.

Run as `python -m config.launcher.prepare [--demo]`. Lines for the launcher begin with a word:
`step:` for what goes on now, `note:` for what to show once everything runs, `fail:` for why it
cannot.
"""

import hashlib
import io
import sys
from collections.abc import Iterable
from pathlib import Path

from config.launcher.errors import StartError
from config.launcher.options import data_dir
from config.launcher.terminal import say

STEP, NOTE, FAIL = "step: ", "note: ", "fail: "
CONNECT_SECONDS = 5


def main(arguments: list[str]) -> int:
    """Do all the steps; return 1 where one fails with a reason worth a sentence."""
    try:
        _setup()
        require_database()
        migrate()
        collect_static()
        if "--demo" in arguments:
            make_demo()
    except StartError as error:
        say(f"{FAIL}{error}")
        return 1
    return 0


def require_database() -> None:
    """See that the database answers.

    Raises:
        StartError: it does not; the message names its place without the password.
    """
    from django.db import Error, connection

    settings = connection.settings_dict
    if connection.vendor == "postgresql":
        settings["OPTIONS"].setdefault("connect_timeout", CONNECT_SECONDS)
    try:
        connection.ensure_connection()
    except Error as error:
        reason = " ".join(str(error).split()).replace(settings["PASSWORD"] or "\0", "…")
        place = f"{settings['HOST']}:{settings['PORT'] or 5432}/" if settings["HOST"] else ""
        raise StartError(
            f"The database {place}{settings['NAME']} cannot be reached: {reason}"
        ) from error


def migrate() -> None:
    """Bring the tables up to date where they are not.

    Raises:
        StartError: the database refuses.
    """
    from django.core.management import call_command
    from django.db import Error, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            say(f"{STEP}Preparing the database")
            call_command("migrate", interactive=False, verbosity=0)
    except Error as error:
        raise StartError(f"The tables cannot be made: {' '.join(str(error).split())}") from error


def collect_static() -> None:
    """Collect the style sheets, scripts and images where any has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    sources = (Path(storage.path(path)) for f in get_finders() for path, storage in f.list([]))
    state = _state_of(sources)
    stamp = data_dir() / "static.state"
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists() or not stamp.exists() or stamp.read_text() != state:
        say(f"{STEP}Collecting static files")
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state)


def make_demo() -> None:
    """Make the demo project where it is not there yet, and pass on what its command says.

    Raises:
        StartError: the command refuses.
    """
    from django.core.management import CommandError, call_command

    say(f"{STEP}Looking after the demo project")
    lines = io.StringIO()
    try:
        call_command("demo", stdout=lines)
    except CommandError as error:
        raise StartError(f"The demo project cannot be made: {error}") from error
    for line in lines.getvalue().splitlines():
        say(f"{NOTE}{line}")


def _setup() -> None:
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise StartError(f"The settings are not right: {error}") from error


def _state_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        stat = path.stat()
        digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
