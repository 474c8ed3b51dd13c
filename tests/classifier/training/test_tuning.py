"""A run with a budget searches parameters where a recipe has some to search."""

from typing import Any, ClassVar
from unittest.mock import patch

import pytest

from accounts.models import User
from classifier import tuning
from classifier.models import TrainingRun
from classifier.recipes import RECIPES
from classifier.recipes.keywords import KeywordsParameters, KeywordsRecipe
from classifier.recipes.search import Search, Trial
from classifier.recipes.space import Options, Space
from classifier.retrain import retrain
from classifier.tasks import train
from labeling.errors import Invalid
from labeling.models import Project
from tests.classifier.training.conftest import LabelItems


class SearchableRecipe(KeywordsRecipe):
    """Keyword rules whose number of words can be searched."""

    name: ClassVar[str] = "searchable"
    search_space: ClassVar[Space] = {"words_per_label": Options((7,))}


class FixedRecipe(KeywordsRecipe):
    """Keyword rules without anything to search."""

    name: ClassVar[str] = "fixed"
    search_space: ClassVar[Space] = {}


@pytest.fixture
def run(
    project: Project, manager: User, label_items: LabelItems, monkeypatch: pytest.MonkeyPatch
) -> TrainingRun:
    """A run of both recipes, with a budget, that waits for its worker."""
    monkeypatch.setitem(RECIPES, "searchable", SearchableRecipe)
    monkeypatch.setitem(RECIPES, "fixed", FixedRecipe)
    label_items(10)
    return retrain(
        project=project,
        user=manager,
        recipes={"searchable": {"minimum_items": 1}, "fixed": {}},
        search_seconds=60,
    )


def found(*args: Any, **kwargs: Any) -> Search:
    """Say that seven words a label are best."""
    best = KeywordsParameters(words_per_label=7, minimum_items=1)
    return Search((Trial(kwargs["start"], 0.5, 1.0, 0.1), Trial(best, 0.9, 0.5, 0.1)))


def test_the_model_is_trained_with_what_was_found(run: TrainingRun) -> None:
    with patch.object(tuning, "search", side_effect=found) as searched:
        train(run.pk)

    run.refresh_from_db()
    asked = searched.call_args.kwargs
    assert (asked["seconds"], asked["seed"]) == (60, 0)
    assert asked["start"] == KeywordsParameters(minimum_items=1)
    assert run.found["searchable"]["words_per_label"] == 7
    models = {model.recipe: model.manifest["parameters"] for model in run.model_versions.all()}
    assert models["searchable"]["words_per_label"] == 7
    assert models["fixed"]["words_per_label"] == 100
    assert searched.call_count == 1
    assert "searchable: tried 2, F1 out of fold 0.900" in run.log


def test_an_attempt_that_goes_on_does_not_search_again(run: TrainingRun) -> None:
    chosen = KeywordsParameters(words_per_label=9).to_dict()
    TrainingRun.objects.update(found={"searchable": chosen})

    with patch.object(tuning, "search", side_effect=found) as searched:
        train(run.pk)

    searched.assert_not_called()
    assert run.model_versions.get(recipe="searchable").manifest["parameters"] == chosen


def test_without_a_budget_nothing_is_searched(run: TrainingRun) -> None:
    TrainingRun.objects.update(search_seconds=0)

    with patch.object(tuning, "search", side_effect=found) as searched:
        train(run.pk)

    searched.assert_not_called()
    assert run.model_versions.count() == 2


def test_it_searches_for_real(run: TrainingRun) -> None:
    train(run.pk)

    run.refresh_from_db()
    assert run.state == "succeeded", run.failure
    assert run.found["searchable"]["words_per_label"] in {7, 100}


@pytest.mark.parametrize("seconds", [-1, 86_401])
def test_a_budget_has_limits(project: Project, label_items: LabelItems, seconds: int) -> None:
    label_items(10)

    with pytest.raises(Invalid, match="search_seconds: it must lie between 0 and 86400"):
        retrain(project=project, user=None, search_seconds=seconds)
