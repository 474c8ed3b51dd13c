"""The containers run the very commands that `./run up` runs as processes."""

import shlex
import tomllib
from typing import Any

import pytest
import yaml

from config.launcher.processes import PROCESSES
from tests.config.shell import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
INFRASTRUCTURE = {"postgres", "redis", "migrate"}


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_a_service_runs_the_command_of_its_process(process: Any) -> None:
    assert tuple(shlex.split(SERVICES[process.name]["command"])) == process.command


def test_there_is_a_service_for_each_process_and_no_other() -> None:
    assert set(SERVICES) - INFRASTRUCTURE == {process.name for process in PROCESSES}


def test_the_queues_of_the_workers_are_those_of_the_settings() -> None:
    queues = {
        word
        for process in PROCESSES
        for flag, word in zip(process.command, process.command[1:], strict=False)
        if flag == "--queues"
    }
    assert queues == {"default", "training"}


def test_the_training_worker_alone_reserves_a_gpu() -> None:
    devices = SERVICES["training-worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}]
    assert [name for name, service in SERVICES.items() if "deploy" in service] == [
        "training-worker"
    ]


def test_the_training_worker_alone_has_torch() -> None:
    extras = {
        name: service["build"]["args"]["EXTRAS"]
        for name, service in SERVICES.items()
        if isinstance(service.get("build"), dict)
    }
    assert extras == {"training-worker": "encoder"}
    assert SERVICES["training-worker"]["image"] != SERVICES["serving"]["image"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"encoder", "encoder-serving"} <= project["optional-dependencies"].keys()
    assert "ARG EXTRAS=encoder-serving" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_every_process_runs_in_production_with_a_given_key_and_shared_artifacts(
    process: Any,
) -> None:
    service = SERVICES[process.name]
    assert service["environment"]["TAGLOOP_MODE"] == "production"
    assert service["environment"]["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert service["volumes"] == ["artifacts:/app/var/artifacts"]
    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert service["healthcheck"]["test"]


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD"):
        assert f"${{{name}:-" not in text
        assert f"${{{name}:?" in text


def test_the_image_runs_as_a_user_of_its_own() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert lines.index("USER tagloop") < max(
        number for number, line in enumerate(lines) if line.startswith("CMD")
    )
