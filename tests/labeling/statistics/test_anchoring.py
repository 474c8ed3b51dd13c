"""When suggestions draw people to the model's label."""

import numpy as np
import pytest

from labeling.statistics.anchoring import Anchoring, measure_anchoring


def test_a_difference_clearly_above_the_limit_turns_suggestions_off() -> None:
    found = measure_anchoring((950, 1000), (70, 100))
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0.25)
    assert found.difference.low > 0.10
    assert found.suggestions_off


def test_an_interval_that_holds_the_limit_leaves_them_on() -> None:
    found = measure_anchoring((95, 100), (80, 100))
    assert found.difference is not None
    assert found.difference.value == pytest.approx(0.15)
    assert found.difference.low < 0.10
    assert not found.suggestions_off
    assert measure_anchoring((95, 100), (80, 100), limit=0.05).suggestions_off


@pytest.mark.parametrize(("shown", "hidden"), [((1000, 1000), (0, 49)), ((49, 49), (0, 1000))])
def test_too_few_of_either_kind_decide_nothing(
    shown: tuple[int, int], hidden: tuple[int, int]
) -> None:
    reason = (
        f"Not enough answers yet: {shown[1]} with the suggestion shown and {hidden[1]} with it "
        "hidden; it takes 50 of each."
    )
    expected = Anchoring(None, False, shown[1], hidden[1], reason)
    assert measure_anchoring(shown, hidden) == expected


def test_no_answers_are_never_divided_by() -> None:
    assert measure_anchoring((0, 0), (0, 0), fewest=0).difference is None


def test_a_bias_at_the_limit_turns_them_off_in_few_of_many_projects() -> None:
    rng = np.random.default_rng(1)
    shown, hidden = rng.binomial(900, 0.9, 2000), rng.binomial(100, 0.8, 2000)
    pairs = zip(shown.tolist(), hidden.tolist(), strict=True)
    off = [measure_anchoring((a, 900), (b, 100)).suggestions_off for a, b in pairs]
    assert 0.005 < np.mean(off) < 0.035


def test_impossible_questions_are_refused() -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        measure_anchoring((1, 2), (1, 2), limit=1.5)
    with pytest.raises(ValueError, match="hits"):
        measure_anchoring((61, 60), (1, 60))
