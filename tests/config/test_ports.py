"""A port that cannot be had is named, with what to pass instead."""

import socket

import pytest

from config.launcher.errors import StartError
from config.launcher.ports import free_port, require_free


def require(host: str, port: int) -> None:
    """Ask for a port as the web process does."""
    require_free(host=host, port=port, option="--port", variable="WEB_PORT")


def test_a_free_port_is_fine_and_stays_free() -> None:
    port = free_port()
    require("127.0.0.1", port)
    require("127.0.0.1", port)


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(StartError) as caught:
            require("127.0.0.1", port)
    words = str(caught.value).split()
    assert words[:2] == ["Port", str(port)]
    assert words[words.index("--port") + 1].rstrip(",") != str(port)
    assert "or set WEB_PORT" in str(caught.value)


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_named(host: str) -> None:
    with pytest.raises(StartError, match=f"The host '{host}' is not an address of this computer"):
        require(host, free_port())


def test_a_free_port_is_none_of_those_that_are_taken_soon() -> None:
    taken = {*range(0, 65536, 4), *range(1, 65536, 4)}
    assert {free_port(besides=taken) % 4 for _ in range(20)} <= {2, 3}
