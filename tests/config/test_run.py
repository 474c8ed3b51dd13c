"""`./run` knows when the packages are there, and takes no half installation for a whole one."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.config.shell import ROOT


def load_run() -> ModuleType:
    """Import the `run` script as a module."""
    loader = importlib.machinery.SourceFileLoader("tagloop_run", str(ROOT / "run"))
    spec = importlib.util.spec_from_loader("tagloop_run", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


run = load_run()


class Installations:
    """Stands in for venv and pip: writes down what was called, and may fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[list[str]] = []
        self.failing = False
        self._real = subprocess.run
        monkeypatch.setattr(run.subprocess, "run", self)
        monkeypatch.setattr(run.shutil, "which", lambda _: None)

    def __call__(self, command: Sequence[Any], **options: Any) -> Any:
        words = [str(word) for word in command]
        if "venv" in words:
            return self._real(
                [sys.executable, "-m", "venv", "--clear", "--without-pip", words[-1]],
                check=False,
                stdout=subprocess.PIPE,
                text=True,
            )
        if "install" not in words:
            return self._real(command, **options)
        self.calls.append(words)
        text = "no route to the index" if self.failing else ""
        return subprocess.CompletedProcess(words, int(self.failing), stdout=text)


@pytest.fixture
def installations(monkeypatch: pytest.MonkeyPatch) -> Installations:
    return Installations(monkeypatch)


@pytest.fixture
def environment(tmp_path: Path) -> Any:
    for name in run.INSTALL_FILES:
        (tmp_path / name).write_text(name)
    return run.Environment(tmp_path)


def test_the_second_time_nothing_is_installed(
    environment: Any, installations: Installations
) -> None:
    environment.ensure("core")
    environment.ensure("core")
    assert [call[-4:] for call in installations.calls] == [["-e", ".", "-c", "constraints.txt"]]


def test_installing_leaves_standard_output_to_the_command(
    environment: Any, installations: Installations, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.ensure("core")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Installing packages" in said.err


def test_the_packages_for_the_tests_cover_the_core(
    environment: Any, installations: Installations
) -> None:
    environment.ensure("dev")
    environment.ensure("core")
    assert [call[-3] for call in installations.calls] == [".[dev]"]


def test_the_core_does_not_cover_the_packages_for_the_tests(
    environment: Any, installations: Installations
) -> None:
    environment.ensure("core")
    environment.ensure("dev")
    assert [call[-3] for call in installations.calls] == [".", ".[dev]"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_file_installs_again(
    environment: Any, installations: Installations, name: str
) -> None:
    environment.ensure("core")
    (environment.root / name).write_text("changed")
    environment.ensure("core")
    assert len(installations.calls) == 2


def test_a_failed_installation_says_why_and_is_tried_again(
    environment: Any, installations: Installations
) -> None:
    installations.failing = True
    with pytest.raises(run.InstallError, match=r"no route to the index\n\nThe packages could not"):
        environment.ensure("core")
    assert not environment.satisfies("core")
    installations.failing = False
    environment.ensure("core")
    assert environment.satisfies("core")


def test_a_failed_update_does_not_leave_the_old_stamp(
    environment: Any, installations: Installations
) -> None:
    environment.ensure("core")
    before = (environment.root / "constraints.txt").read_text()
    (environment.root / "constraints.txt").write_text("changed")
    installations.failing = True
    with pytest.raises(run.InstallError):
        environment.ensure("core")
    (environment.root / "constraints.txt").write_text(before)
    assert not environment.satisfies("core")


def test_an_environment_whose_python_is_gone_is_made_anew(
    environment: Any, installations: Installations
) -> None:
    environment.ensure("core")
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python")
    assert not environment.satisfies("core")
    environment.ensure("core")
    assert environment.satisfies("core")


def test_a_python_that_cannot_make_environments_is_told_which_package_it_lacks(
    environment: Any, installations: Installations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda _: None)
    name = f"python3.{sys.version_info[1]}-venv"
    with pytest.raises(run.InstallError, match=f"sudo apt install {name}"):
        environment.ensure("core")
    assert not environment.venv.exists()


def test_help_lists_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {verb} " in text for verb in run.VERBS)


def test_an_unknown_verb_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"\./run has no verb 'start'\."):
        run.main(["start"])
