"""The search for better parameters."""

from itertools import count
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.recipes import RECIPES, Recipe, RecipeError, TrainingStopped
from classifier.recipes.keywords import KeywordsParameters, KeywordsRecipe
from classifier.recipes.linear import LinearParameters, LinearRecipe
from classifier.recipes.search import Search, Trial, search
from classifier.recipes.space import Options, Space, Span, draw
from tests.classifier.recipes.examples import LABELS, TEXTS, Recorded


def trial(f1: float, log_loss: float) -> Trial:
    return Trial(KeywordsParameters(), f1, log_loss, 1.0)


def test_the_defaults_are_tried_first_and_the_seed_decides_the_rest() -> None:
    one, two = (search(LinearRecipe, TEXTS, LABELS, seconds=1e9, tries=4) for _ in range(2))
    tried = [each.parameters for each in one.trials]
    assert tried[0] == LinearParameters()
    assert tried == [each.parameters for each in two.trials]
    assert [each.f1 for each in one.trials] == [each.f1 for each in two.trials]
    other = search(LinearRecipe, TEXTS, LABELS, seconds=1e9, tries=2, seed=5)
    assert other.trials[1].parameters != tried[1]


def test_figures_are_those_of_the_rows_held_out() -> None:
    from sklearn.metrics import f1_score, log_loss

    from classifier.recipes.folds import out_of_fold

    found = search(KeywordsRecipe, TEXTS, LABELS, seconds=0, folds=3).best
    held_out = out_of_fold(KeywordsRecipe, None, TEXTS, LABELS, folds=3)
    assert held_out is not None
    answers = held_out.probabilities.argmax(axis=1)
    assert found.f1 == pytest.approx(f1_score(held_out.targets, answers, average="weighted"))
    assert found.log_loss == pytest.approx(log_loss(held_out.targets, held_out.probabilities))


def test_no_trial_begins_that_would_end_too_late() -> None:
    seconds = count(step=10)
    found = search(KeywordsRecipe, TEXTS, LABELS, seconds=95, clock=lambda: float(next(seconds)))
    # A trial lasts 10 seconds on this clock, and each look at it 10 more.
    assert len(found.trials) == 3
    assert {each.seconds for each in found.trials} == {10.0}


def test_one_trial_is_always_made() -> None:
    assert len(search(KeywordsRecipe, TEXTS, LABELS, seconds=0).trials) == 1


def test_it_starts_from_what_it_is_given() -> None:
    start = LinearParameters(maximum_terms=500)
    found = search(LinearRecipe, TEXTS, LABELS, seconds=1e9, tries=3, start=start)
    assert found.trials[0].parameters == start
    assert {each.parameters.to_dict()["maximum_terms"] for each in found.trials} == {500}


def test_the_best_has_the_highest_f1_then_the_lowest_loss_then_comes_first() -> None:
    first, second, third = trial(0.8, 0.5), trial(0.9, 0.6), trial(0.9, 0.4)
    assert Search((first, second, third)).best is third
    again = trial(0.9, 0.4)
    assert Search((third, again)).best is third


def test_a_trial_that_fails_is_noted_and_the_search_goes_on() -> None:
    class Picky(KeywordsRecipe):
        search_space: ClassVar[Space] = {"minimum_items": Options((1000,))}

    found = search(Picky, TEXTS, LABELS, seconds=1e9, tries=2)
    assert "No word occurs in 1000" in found.trials[1].failure
    assert found.best is found.trials[0]


def test_a_search_of_failures_says_why() -> None:
    start = KeywordsParameters(minimum_items=900)
    with pytest.raises(RecipeError, match="No word occurs in 900"):
        search(KeywordsRecipe, TEXTS, LABELS, seconds=0, start=start)
    with pytest.raises(RecipeError, match="Nothing can be held out"):
        search(KeywordsRecipe, ["a b", "a c"], ["x", "y"], seconds=0)


def test_a_recipe_without_a_space_cannot_be_searched() -> None:
    class Fixed(KeywordsRecipe):
        name = "fixed"
        search_space: ClassVar[Space] = {}

    with pytest.raises(RecipeError, match="The recipe “fixed” has no parameters to search"):
        search(Fixed, TEXTS, LABELS, seconds=1)


def test_a_search_can_be_stopped() -> None:
    class Stopping(KeywordsRecipe):
        def fit(self, *_: Any, **__: Any) -> None:
            raise TrainingStopped("stopped")

    with pytest.raises(TrainingStopped):
        search(Stopping, TEXTS, LABELS, seconds=1)


def test_progress_rises() -> None:
    progress = Recorded()
    search(KeywordsRecipe, TEXTS, LABELS, seconds=1e9, tries=2, progress=progress)
    shares = [done for _, done in progress.stages]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES.keys())
@given(seed=st.integers(0, 10_000))
def test_whatever_is_drawn_is_in_range(recipe: type[Recipe[Any]], seed: int) -> None:
    values = draw(recipe.search_space, np.random.default_rng(seed))
    parameters = recipe.parameters_type.from_dict(values)
    assert {name: parameters.to_dict()[name] for name in values} == values


@given(seed=st.integers(0, 10_000))
def test_a_span_holds_what_it_draws(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert 0.001 <= Span(0.001, 1000, log=True).draw(rng) <= 1000
    whole = Span(2, 9, whole=True).draw(rng)
    assert isinstance(whole, int)
    assert 2 <= whole <= 9
