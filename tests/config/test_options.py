"""What `./run up` takes from its arguments and from the environment."""

from pathlib import Path

import pytest

from config.launcher.errors import StartError
from config.launcher.options import environment, parse


def test_defaults() -> None:
    options = parse([], {})
    assert (options.url, options.serving_url) == ("http://127.0.0.1:8000", "http://127.0.0.1:8001")
    assert (options.demo, options.verbose) == (True, False)
    assert (options.database_url, options.broker_url) == ("", "")


def test_arguments_outrank_the_environment() -> None:
    env = {"WEB_PORT": "9000", "SERVING_PORT": "9001", "BROKER_URL": "redis://a:1/0"}
    options = parse(["--port", "9100", "--broker-url", "redis://b:2/0"], env)
    assert (options.port, options.serving_port) == (9100, 9001)
    assert options.broker_url == "redis://b:2/0"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", ""])
def test_a_port_outside_the_range_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse([f"--port={port}"], {})
    assert f"'{port}' is not a port (1 to 65535)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["mysql://h/n", "postgres://u:sekret@h:port/n", "postgres://u:sekret@h", "text"]
)
def test_a_database_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StartError, match="database address is not understood") as caught:
        parse(["--database-url", url], {})
    assert "sekret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://h", "redis://", "redis://:sekret@h:port/0", "text"])
def test_a_broker_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(StartError, match="broker address is not understood") as caught:
        parse([], {"BROKER_URL": url})
    assert "sekret" not in str(caught.value)


def test_addresses_come_from_files_as_well(tmp_path: Path) -> None:
    path = tmp_path / "broker"
    path.write_text("redis://from-file:1/0\n")
    assert parse([], {"BROKER_URL_FILE": str(path)}).broker_url == "redis://from-file:1/0"
    with pytest.raises(StartError, match=r"BROKER_URL_FILE: .*absent cannot be read"):
        parse([], {"BROKER_URL_FILE": str(tmp_path / "absent")})


def test_the_children_get_local_mode_and_the_addresses(tmp_path: Path) -> None:
    given = {
        "TAGLOOP_DATA_DIR": str(tmp_path),
        "TAGLOOP_MODE": "production",
        "DATABASE_URL_FILE": "/elsewhere",
        "PATH": "/bin",
    }
    options = parse(
        ["--database-url", "sqlite:////x/y", "--port", "9000"], {"TAGLOOP_DATA_DIR": str(tmp_path)}
    )
    found = environment(options, broker_url="redis://b:2/0", env=given)
    assert "DATABASE_URL_FILE" not in found
    assert found | {"PYTHONPATH": ""} == {
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "PUBLIC_URL": "http://127.0.0.1:9000",
        "PATH": "/bin",
        "TAGLOOP_MODE": "local",
        "TAGLOOP_DATA_DIR": str(tmp_path),
        "DATABASE_URL": "sqlite:////x/y",
        "BROKER_URL": "redis://b:2/0",
        "SERVING_URL": "http://127.0.0.1:8001",
        "PYTHONPATH": "",
        "PYTHONUNBUFFERED": "1",
        "WEB_HOST": "127.0.0.1",
        "WEB_PORT": "9000",
        "SERVING_HOST": "127.0.0.1",
        "SERVING_PORT": "8001",
    }


def test_an_open_host_is_reached_over_loopback_and_allowed_by_name() -> None:
    options = parse(["--host", "0.0.0.0"], {})
    assert options.url == "http://127.0.0.1:8000"
    allowed = environment(options, broker_url="", env={})["ALLOWED_HOSTS"].split(",")
    assert len(allowed) > 3
    assert "0.0.0.0" not in allowed
    assert environment(options, broker_url="", env={"ALLOWED_HOSTS": "a.example"})[
        "ALLOWED_HOSTS"
    ] == ("a.example")
