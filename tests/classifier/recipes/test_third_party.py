"""Recipes that other packages bring."""

import json
import logging
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from classifier.recipes import RECIPES
from classifier.recipes.third_party import GROUP, third_party

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs" / "recipes.md"
METADATA = "Metadata-Version: 2.1\nName: tagloop-majority\nVersion: 1.0\n"
ENTRY_POINTS = "[tagloop.recipes]\nmajority = tagloop_majority:MajorityRecipe\n"
USED = """
import json, pathlib, sys
from classifier.recipes import RECIPES, get
from classifier.recipes.artifact import read_artifact, write_artifact
model = get("majority")()
model.fit(["a", "b", "c"], ["x", "y", "y"])
folder = pathlib.Path(sys.argv[1])
write_artifact(folder, model, temperature=1.0, snapshot_hash="")
answers = read_artifact(folder).predict_proba(["d"]).tolist()
print(json.dumps({"recipes": list(RECIPES), "answers": answers}))
"""


def installed(folder: Path, code: str) -> Path:
    """Lay down what pip would install of a package with one recipe."""
    information = folder / "tagloop_majority-1.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "tagloop_majority.py").write_text(code)
    return folder


def recipe_of_the_docs() -> str:
    """Return the example of the docs, so that it is tested as it stands there."""
    return DOCS.read_text().split("```python\n", 1)[1].split("```", 1)[0]


def run(code: str, site: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )


def test_the_recipe_of_the_docs_trains_and_is_read_back(tmp_path: Path) -> None:
    site = installed(tmp_path / "site", recipe_of_the_docs())
    found = json.loads(run(USED, site, str(tmp_path / "model")).stdout)
    assert found["recipes"] == [*RECIPES, "majority"]
    assert found["answers"] == [[pytest.approx(1 / 3), pytest.approx(2 / 3)]]


def test_a_package_that_breaks_keeps_nothing_from_working(tmp_path: Path) -> None:
    site = installed(tmp_path / "site", "raise RuntimeError('broken')")
    done = run("from classifier.recipes import RECIPES; print(*RECIPES)", site)
    assert done.stdout.split() == list(RECIPES)
    assert "the recipe majority (tagloop_majority:MajorityRecipe) cannot be loaded" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("plain", "pathlib:Path", "it is no subclass of classifier.recipes.base.Recipe"),
        ("bare", "classifier.recipes.base:Recipe", "it lacks describe, fit, load, predict_proba"),
        (
            "other",
            "classifier.recipes.linear:LinearRecipe",
            "its attribute name is not that of its entry point",
        ),
        ("linear", "classifier.recipes.linear:LinearRecipe", "a recipe of that name exists"),
    ],
)
def test_what_is_no_new_recipe_is_left_out(
    name: str, value: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        assert third_party(RECIPES, [EntryPoint(name, value, GROUP)]) == {}
    assert reason in caplog.text


def test_of_two_with_the_same_name_the_first_is_taken() -> None:
    points = [EntryPoint("linear", "classifier.recipes.linear:LinearRecipe", GROUP)] * 2
    assert list(third_party({}, points)) == ["linear"]
