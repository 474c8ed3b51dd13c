"""Network ports: whether one can be had, and which is free."""

import errno
import socket
from collections.abc import Collection

from config.launcher.errors import StartError

HIGHEST = 65535
FALLBACK_OFFSET = 80


def require_free(*, host: str, port: int, option: str, variable: str) -> None:
    """See that this process can listen on `port`.

    Raises:
        StartError: it cannot; the message names the port and the option that changes it.
    """
    try:
        _listen(host, port)
    except socket.gaierror as error:
        raise StartError(f"The host '{host}' is not an address of this computer.") from error
    except OSError as error:
        raise StartError(_reason(error, host, port, option, variable)) from error


def free_port(*, besides: Collection[int] = ()) -> int:
    """Return a loopback port on which nobody listens now, and none of some that are taken soon."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in besides:
            return port


def _listen(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        probe.listen(1)


def _reason(error: OSError, host: str, port: int, option: str, variable: str) -> str:
    if error.errno == errno.EADDRNOTAVAIL:
        return f"The host '{host}' is not an address of this computer."
    other = f"pass {option} {_alternative(host, port)}, or set {variable}"
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: {other}."
    return f"Port {port} cannot be used ({error.strerror}): {other}."


def _alternative(host: str, port: int) -> int:
    first = max(port, 1024 - FALLBACK_OFFSET) + FALLBACK_OFFSET
    for candidate in range(first, HIGHEST):
        try:
            _listen(host, candidate)
        except OSError:
            continue
        return candidate
    return free_port()
