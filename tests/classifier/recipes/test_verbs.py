"""What holds for every recipe."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.recipes import Progress, Recipe, RecipeError, get
from tests.classifier.recipes.examples import LABELS, TEXTS, UNSEEN, Recorded, every_recipe

pytestmark = pytest.mark.usefixtures("tiny_encoder")


def trained(recipe: type[Recipe[Any]]) -> Recipe[Any]:
    model = recipe()
    model.fit(TEXTS, LABELS)
    return model


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


@every_recipe
def test_it_learns_the_labels(recipe: type[Recipe[Any]]) -> None:
    model = trained(recipe)
    assert model.labels == ("baking", "bicycle", "garden")
    found = model.predict_proba(UNSEEN[:3]).argmax(axis=1)
    assert [model.labels[place] for place in found] == ["baking", "garden", "bicycle"]


@every_recipe
def test_rows_are_probabilities_also_for_an_empty_text(recipe: type[Recipe[Any]]) -> None:
    probabilities = trained(recipe).predict_proba(UNSEEN)
    assert probabilities.shape == (4, 3)
    assert probabilities.dtype == np.float64
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)


@every_recipe
def test_no_texts_give_no_rows(recipe: type[Recipe[Any]]) -> None:
    assert trained(recipe).predict_proba([]).shape == (0, 3)


@every_recipe
def test_saving_and_loading_changes_nothing(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    model = trained(recipe)
    model.save(tmp_path)
    loaded = recipe.load(tmp_path)
    assert loaded.labels == model.labels
    assert loaded.parameters == model.parameters
    assert loaded.describe() == model.describe()
    np.testing.assert_array_equal(loaded.predict_proba(UNSEEN), model.predict_proba(UNSEEN))


@every_recipe
def test_two_trainings_give_the_same_files(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        trained(recipe).save(tmp_path / name)
    assert hashes(tmp_path / "first") == hashes(tmp_path / "second")


@every_recipe
def test_another_process_gives_the_same_files(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    trained(recipe).save(here)
    code = (
        "import os, pathlib, sys\n"
        "from classifier.recipes import get\n"
        "from classifier.recipes.encoders import source\n"
        "from tests.classifier.recipes.examples import LABELS, TEXTS\n"
        "source._in_wheel = lambda: pathlib.Path(os.environ['TINY_ENCODER'])\n"
        "model = get(sys.argv[1])()\n"
        "model.fit(TEXTS, LABELS)\n"
        "model.save(pathlib.Path(sys.argv[2]))\n"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code, recipe.name, str(there)], check=True, cwd=root)
    assert hashes(here) == hashes(there)


@every_recipe
@pytest.mark.parametrize("heavier", ["baking", "garden"])
def test_of_two_opposed_rows_the_heavier_wins(recipe: type[Recipe[Any]], heavier: str) -> None:
    texts, labels = [*TEXTS, *["soda bread"] * 6], [*LABELS, *["baking", "garden"] * 3]
    weights = np.array([1.0] * 18 + [9.0 if label == heavier else 0.1 for label in labels[18:]])
    model = recipe()
    model.fit(texts, labels, weights=weights)
    assert model.labels[model.predict_proba(["soda"])[0].argmax()] == heavier


@every_recipe
def test_progress_rises_to_one(recipe: type[Recipe[Any]]) -> None:
    progress = Recorded()
    recipe().fit(TEXTS, LABELS, progress=progress)
    shares = [done for _, done in progress.stages]
    assert shares == sorted(shares)
    assert (shares[0], progress.stages[-1]) == (0.0, ("trained", 1.0))


@every_recipe
def test_progress_can_cancel(recipe: type[Recipe[Any]]) -> None:
    class Cancel(Progress):
        def __call__(self, stage: str, done: float) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recipe().fit(TEXTS, LABELS, progress=Cancel())


@every_recipe
def test_a_label_with_one_example_is_told(recipe: type[Recipe[Any]]) -> None:
    model = recipe()
    model.fit([*TEXTS, "a lone bread"], [*LABELS, "rare"])
    assert model.labels == ("baking", "bicycle", "garden", "rare")
    assert model.warnings == ("“rare” has a single example: it can hardly be learnt.",)


@every_recipe
def test_two_labels_are_enough(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    model = recipe()
    model.fit(TEXTS[:12], LABELS[:12])
    assert model.predict_proba(UNSEEN[:2]).argmax(axis=1).tolist() == [0, 1]
    model.save(tmp_path)
    assert recipe.load(tmp_path).describe() == model.describe()


@every_recipe
@pytest.mark.parametrize(
    ("texts", "labels", "weights", "message"),
    [
        ([], [], None, "There are no labeled items to train on."),
        (["a"], ["x", "y"], None, "There are 1 texts for 2 labels."),
        (["a b", "b"], ["x", "x"], None, "All 2 items carry the label “x”; two are needed."),
        (["a", "b"], ["x", "y"], np.ones(3), "There are 3 weights for 2 items."),
        (["a", "b"], ["x", "y"], np.array([1, np.nan]), "Every weight must be a finite number"),
        (["a", "b"], ["x", "y"], np.array([1, 0]), "Every weight must be a finite number"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    recipe: type[Recipe[Any]], texts: list[str], labels: list[str], weights: Any, message: str
) -> None:
    with pytest.raises(RecipeError, match=message.replace(".", r"\.")):
        recipe().fit(texts, labels, weights=weights)


@pytest.mark.parametrize("name", ["keywords", "linear"])
def test_texts_without_a_common_term_are_refused(name: str) -> None:
    with pytest.raises(RecipeError, match=r"occurs in 2 of the 2 items or more\."):
        get(name)().fit(["", "!"], ["x", "y"])


@every_recipe
def test_an_empty_folder_is_no_model(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    with pytest.raises(RecipeError):
        recipe.load(tmp_path)


@every_recipe
def test_parameters_go_through_a_form_and_back(recipe: type[Recipe[Any]]) -> None:
    default = recipe.parameters_type()
    assert recipe.parameters_type.from_dict(default.to_dict()) == default


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("linear", {"nothing": 1}, "Unknown parameter “nothing”; known: fit_strength, "),
        ("linear", {"minimum_items": "2"}, "“minimum_items” must be a int, not '2'"),
        ("linear", {"minimum_items": True}, "“minimum_items” must be a int, not True"),
        ("linear", {"minimum_items": 0}, "“minimum_items” must lie between 1 and 1000, not at 0"),
        ("linear", {"fit_strength": float("nan")}, "“fit_strength” must lie between"),
        ("embedding", {"encoder": 3}, "“encoder” must be a str, not 3"),
        ("embedding", {"encoder": " "}, "“encoder” must be one line of 1 to 500 characters"),
        ("embedding", {"encoder": "a\nb"}, "“encoder” must be one line of 1 to 500 characters"),
        ("embedding", {"precision": "int4"}, "“precision” must be one of int8, fp32, not 'int4'"),
    ],
)
def test_wrong_parameters_are_refused(name: str, values: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        get(name).parameters_type.from_dict(values)


def test_a_whole_number_will_do_for_a_fraction() -> None:
    parameters = get("linear").parameters_type.from_dict({"fit_strength": 3})
    assert parameters.to_dict()["fit_strength"] == 3.0


def test_get_names_what_there_is() -> None:
    with pytest.raises(RecipeError, match="Unknown recipe “oracle”; known: keywords, linear"):
        get("oracle")


def test_the_registry_loads_no_library_for_training() -> None:
    code = (
        "import sys, classifier.recipes\n"
        "slow = {'sklearn', 'scipy', 'skops', 'torch', 'onnxruntime', 'tokenizers'}\n"
        "print(slow & set(sys.modules))\n"
    )
    root = Path(__file__).parents[3]
    printed = subprocess.check_output([sys.executable, "-c", code], text=True, cwd=root)
    assert printed.strip() == "set()"
