"""What `./run up` was asked to do: its arguments, and the environment that they become."""

import argparse
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.launcher.addresses import require_broker, require_database
from config.launcher.children import ROOT
from config.launcher.errors import StartError
from config.launcher.ports import HIGHEST

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@dataclass(frozen=True, kw_only=True)
class Options:
    """The wishes for one start."""

    host: str
    port: int
    serving_port: int
    database_url: str
    broker_url: str
    demo: bool
    verbose: bool
    data_dir: Path

    @property
    def url(self) -> str:
        """Where a browser on this computer finds the web application."""
        return f"http://{self._reachable_host}:{self.port}"

    @property
    def serving_url(self) -> str:
        """Where a program on this computer finds the serving process."""
        return f"http://{self._reachable_host}:{self.serving_port}"

    @property
    def _reachable_host(self) -> str:
        host = EVERYWHERE.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host


def parse(arguments: Sequence[str], env: Mapping[str, str] = os.environ) -> Options:
    """Read the command line; what it leaves out comes from the environment `env`.

    Raises:
        StartError: an address is not understood.
    """
    found = _parser(env).parse_args(arguments)
    database_url = found.database_url or _secret(env, "DATABASE_URL")
    broker_url = found.broker_url or _secret(env, "BROKER_URL")
    if database_url:
        require_database(database_url)
    if broker_url:
        require_broker(broker_url)
    return Options(
        host=found.host,
        port=found.port,
        serving_port=found.serving_port,
        database_url=database_url,
        broker_url=broker_url,
        demo=not found.no_demo,
        verbose=found.verbose,
        data_dir=data_dir(env),
    )


def data_dir(env: Mapping[str, str] = os.environ) -> Path:
    """Return the directory that holds the database, the artifacts and the logs."""
    return Path(env.get("TAGLOOP_DATA_DIR") or ROOT / "var").resolve()


def environment(
    options: Options, *, broker_url: str, env: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the environment of the children: `env`, local mode, and what `options` say."""
    return {
        "ALLOWED_HOSTS": ",".join(_allowed_hosts(options.host)),
        "PUBLIC_URL": options.url,
        **without_file_twin(env, *joining(options, broker_url=broker_url)),
        **joining(options, broker_url=broker_url),
        "TAGLOOP_MODE": "local",
        "TAGLOOP_DATA_DIR": str(options.data_dir),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "WEB_HOST": options.host,
        "WEB_PORT": str(options.port),
        "SERVING_HOST": options.host,
        "SERVING_PORT": str(options.serving_port),
    }


def joining(options: Options, *, broker_url: str) -> dict[str, str]:
    """Return what another command needs to join: database, broker and serving process."""
    database = {"DATABASE_URL": options.database_url} if options.database_url else {}
    return {**database, "BROKER_URL": broker_url, "SERVING_URL": options.serving_url}


def without_file_twin(env: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return `env` without `NAME_FILE` for these names: the file would win over the variable."""
    return {key: value for key, value in env.items() if key.removesuffix("_FILE") not in names}


def _secret(env: Mapping[str, str], name: str) -> str:
    path = env.get(f"{name}_FILE")
    if not path:
        return env.get(name, "")
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise StartError(f"{name}_FILE: {path} cannot be read ({error.strerror}).") from error


def _allowed_hosts(host: str) -> list[str]:
    own = ["localhost", "127.0.0.1", "[::1]"]
    if host in LOOPBACK:
        return own
    name = socket.gethostname()
    try:
        addresses = socket.gethostbyname_ex(name)[2]
    except OSError:
        addresses = []
    return list(
        dict.fromkeys([*own, name, *addresses, *([host] if host not in EVERYWHERE else [])])
    )


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run up",
        description="Start Tagloop on this computer; Ctrl-C stops it. Data is kept.",
        epilog="TAGLOOP_DATA_DIR says where the data is kept (default: var/).",
    )
    add = parser.add_argument
    add("--host", default=env.get("WEB_HOST", "127.0.0.1"), help="address (default: 127.0.0.1)")
    add("--port", type=_port, default=env.get("WEB_PORT", "8000"), help="default: 8000")
    add("--serving-port", type=_port, default=env.get("SERVING_PORT", "8001"), help="default: 8001")
    add(
        "--database-url",
        default="",
        help="postgres://… instead of SQLite (or DATABASE_URL, hidden from others)",
    )
    add("--broker-url", default="", help="redis://… instead of the embedded one (or BROKER_URL)")
    add("--no-demo", action="store_true", help="make no demo project")
    add("--verbose", action="store_true", help="show the output of the processes")
    return parser


def _port(text: str) -> int:
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= port <= HIGHEST:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port (1 to {HIGHEST})")
    return port
