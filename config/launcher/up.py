"""`./run up`: everything on this computer, from the first start to Ctrl-C."""

import http.client
import sys
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from config.launcher.broker import EmbeddedBroker, require_reachable, start_embedded
from config.launcher.errors import StartError
from config.launcher.lock import InstanceLock
from config.launcher.options import LOOPBACK, Options, environment, joining, parse
from config.launcher.orphans import Register, end_orphans
from config.launcher.ports import require_free
from config.launcher.prepare import FAIL, NOTE, STEP
from config.launcher.processes import PROCESSES, Process
from config.launcher.supervise import StopSignal, Supervisor
from config.launcher.terminal import say

READY_SECONDS = 90.0


def up(arguments: Sequence[str]) -> int:
    """Start Tagloop and keep it running until somebody asks it to stop; return the exit code."""
    stop = StopSignal()
    try:
        options = parse(arguments)
        lock = _lock(options)
    except StartError as error:
        return _refuse(str(error))
    try:
        return _run(options, lock, stop)
    finally:
        lock.release()


def _lock(options: Options) -> InstanceLock:
    try:
        options.data_dir.mkdir(parents=True, exist_ok=True)
        return InstanceLock(options.data_dir / "up.lock", url=options.url)
    except OSError as error:
        raise StartError(
            f"The data directory {options.data_dir} cannot be used: {error.strerror}."
        ) from error


def _run(options: Options, lock: InstanceLock, stop: StopSignal) -> int:
    children = options.data_dir / "children.json"
    if end_orphans(children):
        say("Ended the processes that an earlier start had left behind.")
    register = Register(children, keep_open=(lock.fd,))
    try:
        return _supervised(options, lock, register, stop)
    finally:
        register.close()


def _supervised(options: Options, lock: InstanceLock, register: Register, stop: StopSignal) -> int:
    logs = options.data_dir / "logs"
    logs.mkdir(exist_ok=True)
    try:
        _require_closed_demo(options)
        _require_ports(options)
        ports = (options.port, options.serving_port)
        broker = (
            None if options.broker_url else EmbeddedBroker.create(options.data_dir, besides=ports)
        )
        broker_url = broker.url if broker else options.broker_url
        env = environment(options, broker_url=broker_url)
    except StartError as error:
        return _refuse(str(error))
    supervisor = Supervisor(
        env=env, logs=logs, register=register, stop=stop, verbose=options.verbose
    )
    try:
        lock.describe(joining(options, broker_url=broker_url))
        if broker:
            start_embedded(supervisor, broker)
        else:
            require_reachable(broker_url)
        notes = _prepare(supervisor, demo=options.demo)
        _serve(supervisor, options, notes)
    except StartError as error:
        return _refuse(str(error))
    finally:
        supervisor.stop_all()
    say("Tagloop has stopped; its data is kept.")
    return 0


def _require_closed_demo(options: Options) -> None:
    if options.demo and options.host not in LOOPBACK:
        raise StartError(
            "Everybody knows the demo's sign-ins: to open Tagloop to other computers, "
            "pass --no-demo and an empty TAGLOOP_DATA_DIR."
        )


def _require_ports(options: Options) -> None:
    if options.port == options.serving_port:
        raise StartError(f"Port {options.port} cannot serve both: pass another --serving-port.")
    for port, option, variable in (
        (options.port, "--port", "WEB_PORT"),
        (options.serving_port, "--serving-port", "SERVING_PORT"),
    ):
        require_free(host=options.host, port=port, option=option, variable=variable)


def _prepare(supervisor: Supervisor, *, demo: bool) -> list[str]:
    """Run the preparing process; return the lines to show once everything runs."""
    lines: list[str] = []

    def hear(line: str) -> None:
        lines.append(line)
        if line.startswith(STEP):
            say(f"{line.removeprefix(STEP)} …")

    command = ("python", "-m", "config.launcher.prepare", *(["--demo"] if demo else []))
    child = supervisor.launch(Process("prepare", command), hear)
    try:
        finished = supervisor.watch(lambda: child.exit_code is not None)
    finally:
        child.end()
    if finished and child.exit_code:
        raise StartError(_told(lines, FAIL) or "\n".join(["Preparing failed:", *child.tail]))
    return [line.removeprefix(NOTE) for line in lines if line.startswith(NOTE)]


def _told(lines: list[str], word: str) -> str:
    return "\n".join(line.removeprefix(word) for line in lines if line.startswith(word))


def _serve(supervisor: Supervisor, options: Options, notes: list[str]) -> None:
    begun = time.monotonic()
    for process in PROCESSES:
        supervisor.keep(supervisor.launch(process))
    waiting = [f"{options.url}/health/ready", f"{options.serving_url}/health/live"]

    def ready() -> bool:
        waiting[:] = [url for url in waiting if not _answers(url)]
        return not waiting or time.monotonic() - begun > READY_SECONDS

    if supervisor.watch(ready):
        if waiting:
            raise StartError(
                f"{waiting[0]} does not answer well after {READY_SECONDS:.0f} seconds; "
                f"see {options.data_dir / 'logs'}."
            )
        _announce(options, notes)
        supervisor.watch(lambda: False)


def _answers(url: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(options: Options, notes: list[str]) -> None:
    say(f"\nTagloop runs at      {options.url}")
    say(f"Tags are served at   {options.serving_url}")
    for note in notes:
        say(note)
    say(f"Logs are in {options.data_dir / 'logs'}. Ctrl-C stops.\n")


def _refuse(reason: str) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"{reason}\n")
    return 1
