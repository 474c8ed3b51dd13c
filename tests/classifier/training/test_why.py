"""Which words drove a prediction: exact for the linear recipe, by occlusion for any other."""

import numpy as np
import pytest
from django.test import Client

from classifier.artifacts import load, remove
from classifier.explain import drivers, exact, occluded
from classifier.models import ModelVersion
from classifier.recipes.keywords import KeywordsRecipe
from classifier.recipes.linear import LinearRecipe
from tests.classifier.predictions import make_prediction
from tests.classifier.training.conftest import LabelItems, Trained

TEXTS = ["grammar verb noun", "verb clause noun", "pixel lens, shutter", "lens pixel blur"] * 3
THREE = [*TEXTS, *["server deploy patch", "deploy queue server"] * 3]
NEW = "The VERB, and a verb: pixel"


def linear(texts: list[str], labels: str) -> LinearRecipe:
    recipe = LinearRecipe()
    recipe.fit(texts, list(labels))
    return recipe


@pytest.mark.parametrize(("texts", "labels"), [(TEXTS, "aabb" * 3), (THREE, "aabb" * 3 + "cc" * 3)])
def test_exact_weights_add_up_to_the_odds(texts: list[str], labels: str) -> None:
    recipe = linear(texts, labels)
    shares = recipe.predict_proba([NEW, "zzz"])

    totals = [sum(weight for _, weight in exact(recipe, NEW, column)) for column in (0, 1)]

    # What no term adds, the intercept, is what a text without any known term gets.
    odds = np.log(shares[:, 0] / shares[:, 1])
    assert totals[0] - totals[1] == pytest.approx(odds[0] - odds[1])


def test_words_are_told_without_case_and_punctuation() -> None:
    recipe = linear(TEXTS, "aabb" * 3)
    found = dict(exact(recipe, NEW, 0))

    assert found["verb"] > 0 > found["pixel"]
    assert not any(word in found for word in ("VERB,", "verb:", "verb,"))


def test_occlusion_is_what_is_lost_without_the_word() -> None:
    recipe = KeywordsRecipe()
    recipe.fit(TEXTS, list("aabb" * 3))
    found = dict(occluded(recipe, NEW, 0))

    whole, without = recipe.predict_proba([NEW, "The and a pixel"])
    assert found["verb"] == pytest.approx(whole[0] - without[0])
    assert found["and"] == 0


def test_occlusion_is_bounded() -> None:
    recipe = KeywordsRecipe()
    recipe.fit(TEXTS, list("aabb" * 3))

    assert len(occluded(recipe, " ".join(f"w{n}" for n in range(500)), 0)) == 60


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_no_drivers(text: str) -> None:
    assert drivers(linear(TEXTS, "aabb" * 3), text) == []


def test_the_largest_come_first_and_speak_of_the_given_label() -> None:
    recipe = linear(TEXTS, "aabb" * 3)
    found = drivers(recipe, "pixel lens verb", most=2)

    assert len(found) == 2
    assert {word for word, weight in found if weight > 0} == {"pixel", "lens"}
    assert abs(found[0][1]) >= abs(found[1][1])


@pytest.mark.parametrize("recipe", ["linear", "keywords"])
def test_the_page_tells_why(
    as_manager: Client, label_items: LabelItems, trained: Trained, recipe: str
) -> None:
    label_items(20)
    model: ModelVersion = trained(recipe).model_versions.get()
    answer = model.evaluation.predictions.order_by("-confidence")[0]
    text = f"{answer.row.title}\n{answer.row.body}"

    page = as_manager.get(f"/p/test/models/1/rows/{answer.row_id}/").content.decode()

    (first, weight), *_ = drivers(load(model).recipe, text)
    assert f'<b>{first}</b></td><td class="num">{weight:.3f}</td>' in page
    assert f"{answer.confidence:.3f}" in page
    assert (
        f'href="/p/test/models/1/rows/{answer.row_id}/"'
        in as_manager.get("/p/test/models/1/answers/").content.decode()
    )
    assert as_manager.get("/p/test/models/1/rows/0/").status_code == 404


def test_a_model_without_its_files_says_so(
    as_manager: Client, weak_candidate: ModelVersion
) -> None:
    ModelVersion.objects.update(artifact="none")
    row = weak_candidate.snapshot.rows.all()[0]

    page = as_manager.get(f"/p/test/models/1/rows/{row.pk}/").content.decode()
    assert "Model 1 cannot be loaded: its files are missing from the storage." in page


def test_a_model_is_loaded_once(as_manager: Client, weak_candidate: ModelVersion) -> None:
    row = weak_candidate.snapshot.rows.all()[0]
    (word, _), *_ = drivers(load(weak_candidate).recipe, f"{row.title}\n{row.body}")
    as_manager.get(f"/p/test/models/1/rows/{row.pk}/")
    remove(weak_candidate.artifact)

    page = as_manager.get(f"/p/test/models/1/rows/{row.pk}/").content.decode()
    assert f"<b>{word}</b>" in page
    assert "cannot be loaded" not in page


def test_a_prediction_tells_why(
    as_manager: Client, label_items: LabelItems, trained: Trained
) -> None:
    label_items(20)
    model: ModelVersion = trained("linear").model_versions.get()
    row = model.snapshot.rows.all()[0]
    made = make_prediction(model, title=row.title, body=row.body)

    part = as_manager.get(f"/p/test/predictions/{made.pk}/words/").content.decode()

    (first, weight), *_ = drivers(load(model).recipe, f"{row.title}\n{row.body}")
    assert f'<b>{first}</b></td><td class="num">{weight:.3f}</td>' in part
    page = as_manager.get(f"/p/test/predictions/{made.pk}/").content.decode()
    assert f'hx-get="/p/test/predictions/{made.pk}/words/"' in page


def test_a_prediction_of_a_model_without_its_files_says_so(
    as_manager: Client, weak_candidate: ModelVersion
) -> None:
    ModelVersion.objects.update(artifact="none")
    made = make_prediction(weak_candidate)
    part = as_manager.get(f"/p/test/predictions/{made.pk}/words/").content.decode()
    assert "Model 1 cannot be loaded: its files are missing from the storage." in part
