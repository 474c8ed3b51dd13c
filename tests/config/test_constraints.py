"""constraints.txt pins every package that pyproject.toml asks for, at a version that it allows."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.config.shell import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PINS = {
    canonicalize_name(name): version
    for name, version in (
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines()
    )
}

# An extra may name another of the project itself.
LINES = [
    line
    for line in (*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra))
    if not line.startswith(f"{PROJECT['name']}[")
]


@pytest.mark.parametrize("line", LINES)
def test_a_requirement_is_pinned_within_its_bounds(line: str) -> None:
    requirement = Requirement(line)
    version = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


def test_a_pin_is_one_exact_version() -> None:
    assert [pin for pin in PINS.values() if not re.fullmatch(r"[\w.+!]+", pin)] == []
