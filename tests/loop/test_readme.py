"""The commands of the README, run as they stand there."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loop.people import Person
from tests.loop.stack import ROOT, Stack

pytestmark = pytest.mark.processes
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo() -> Iterator[Stack]:
    """All processes with the demo, as somebody has them who follows the README."""
    with Stack.start("sqlite") as running:
        yield running


def example(name: str) -> str:
    """Return the shell block that stands below the mark of this name."""
    found = re.search(rf"<!-- example: {name} -->\s*```bash\n(.*?)```", README, re.DOTALL)
    assert found is not None, f"the README has no example '{name}'"
    return found[1]


def test_rest_example(demo: Stack, tmp_path: Path) -> None:
    """The block makes a key, trains, approves, tags and reports."""
    script = (
        example("rest")
        .replace("http://127.0.0.1:8000", demo.web)
        .replace("http://127.0.0.1:8001", demo.serving)
        .replace("./run", str(ROOT / "run"))
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=demo.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    tag = json.loads((tmp_path / "tag.json").read_text())
    assert set(tag["probabilities"]) == {
        "natural-language-processing",
        "computer-vision",
        "mlops",
        "other",
    }
    maya = Person(demo, "maya", "read")
    seen = maya.get(f"projects/ml-content/predictions/{tag['prediction_id']}/")
    assert seen["label"] == tag["label"]
    assert len(seen["reports"]) == 1
    assert "It is about counting." in done.stdout


def test_import_example(demo: Stack, tmp_path: Path) -> None:
    """The import command takes a file with a bad row, reports it, and takes the rest."""
    (tmp_path / "items.csv").write_text("title,label\nOne,\n,\nTwo,nonsense\n", encoding="utf-8")
    command = re.search(r"^\s*(\./run manage import_items .*)$", README, re.MULTILINE)
    assert command is not None
    words = command[1].replace("my-project", "ml-content").split()
    words[0] = str(ROOT / "run")
    done = subprocess.run(
        words, cwd=tmp_path, env=demo.env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "1 added, 0 known already, 2 refused."
    assert "row 3: title" in done.stderr
    assert "row 4: label" in done.stderr
