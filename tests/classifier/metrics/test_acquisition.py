"""What to label next: exact scores, and a random share whose probabilities are exact."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.metrics.acquisition import (
    Strategy,
    diverse,
    draw,
    entropy,
    margin,
    most_uncertain,
    random_places,
    uncertainty,
)

SHARES = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.2, 0.5, 0.3], [1 / 3, 1 / 3, 1 / 3]])


def test_the_margin_is_between_the_two_likeliest() -> None:
    assert margin(SHARES) == pytest.approx([1.0, 0.0, 0.8, 1.0])


def test_entropy_is_in_shares_of_the_largest() -> None:
    third = -(0.2 * math.log(0.2) + 0.5 * math.log(0.5) + 0.3 * math.log(0.3)) / math.log(3)
    assert entropy(SHARES) == pytest.approx([math.log(2) / math.log(3), 0.0, third, 1.0])


def test_a_strategy_goes_by_its_score() -> None:
    assert uncertainty(Strategy.ENTROPY, SHARES) == pytest.approx(entropy(SHARES))
    assert uncertainty(Strategy.MARGIN, SHARES) == pytest.approx(margin(SHARES))
    assert uncertainty(Strategy.DIVERSE, SHARES) == pytest.approx(margin(SHARES))


@pytest.mark.parametrize("score", [margin, entropy])
@pytest.mark.parametrize("shape", [(3, 1), (3,)])
def test_one_label_leaves_nothing_to_be_unsure_of(
    score: Callable[..., object], shape: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match="two labels"):
        score(np.ones(shape))


def test_of_equal_scores_the_earliest_comes_first() -> None:
    assert most_uncertain(np.array([0.1, 0.9, 0.5, 0.9]), 3).tolist() == [1, 3, 2]
    assert most_uncertain(np.array([0.1]), 5).tolist() == [0]


def test_every_group_gives_its_most_uncertain_before_any_gives_a_second() -> None:
    features = np.array([[0.0], [0.1], [0.2], [9.0], [9.1]])
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    assert diverse(features, scores, 2).tolist() == [0, 3]


def test_texts_that_are_all_alike_go_by_their_scores() -> None:
    assert diverse(np.zeros((4, 2)), np.array([0.1, 0.4, 0.3, 0.2]), 3).tolist() == [1, 2, 3]


def test_nothing_to_choose_from_is_no_choice() -> None:
    assert diverse(np.zeros((0, 2)), np.zeros(0), 3).tolist() == []
    assert diverse(np.zeros((2, 2)), np.zeros(2), 0).tolist() == []


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="2 rows of features, but 3 scores"):
        diverse(np.zeros((2, 1)), np.zeros(3), 1)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(-1, 1)), min_size=1, max_size=30),
    st.integers(1, 40),
)
def test_a_diverse_choice_has_no_row_twice(rows: list[tuple[float, float]], wanted: int) -> None:
    scores, places = (np.array(column) for column in zip(*rows, strict=True))
    chosen = diverse(places[:, None], scores, wanted).tolist()
    assert len(chosen) == len(set(chosen)) == min(wanted, len(rows))
    assert scores[chosen[0]] == scores.max()


def test_a_fifth_at_random_is_every_fifth_place() -> None:
    assert random_places(12, 0.2) == [4, 9]
    assert random_places(3, 1.0) == [0, 1, 2]
    assert random_places(3, 0.0) == []
    assert random_places(10, 0.1) == [9]


@given(st.integers(0, 500), st.floats(0, 1))
def test_whoever_stops_anywhere_has_seen_the_share_within_one(size: int, share: float) -> None:
    places = random_places(size, share)
    for stop in range(size + 1):
        seen = sum(place < stop for place in places)
        assert share * stop - 1 < seen + 1e-6
        assert seen <= share * stop + 1e-6


def test_no_share_lies_outside_0_to_1() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        random_places(5, 1.1)


class Course:
    """One course that chance can take; `asked` holds below what numbers were wanted."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.numbers = list(numbers)
        self.asked: list[int] = []

    def __call__(self, below: int) -> int:
        self.asked.append(below)
        return self.numbers[len(self.asked) - 1]


def every_draw(count: int, wanted: int) -> Iterator[tuple[int, ...]]:
    """Yield what is drawn for every sequence of numbers that chance can give, each once."""
    for numbers in product(*(range(count - place) for place in range(wanted))):
        yield tuple(draw(count, wanted, Course(numbers)))


@pytest.mark.parametrize(("count", "wanted"), [(5, 0), (5, 1), (5, 3), (6, 4), (4, 4)])
def test_every_ordered_sample_is_drawn_by_exactly_one_course_of_chance(
    count: int, wanted: int
) -> None:
    drawn = list(every_draw(count, wanted))
    assert len(drawn) == len(set(drawn)) == math.perm(count, wanted)
    assert all(len(set(one)) == wanted for one in drawn)


@pytest.mark.parametrize(("count", "wanted"), [(5, 1), (5, 3), (6, 4)])
def test_everything_is_drawn_with_exactly_its_inclusion_probability(
    count: int, wanted: int
) -> None:
    drawn = list(every_draw(count, wanted))
    times = Counter(at for one in drawn for at in one)
    shares = {at: Fraction(times[at], len(drawn)) for at in range(count)}
    assert shares == dict.fromkeys(range(count), Fraction(wanted, count))


def test_chance_is_asked_for_what_is_left() -> None:
    course = Course([0, 0, 0])
    assert draw(5, 3, course) == [0, 1, 2]
    assert course.asked == [5, 4, 3]


@pytest.mark.parametrize(("count", "wanted"), [(2, 3), (2, -1)])
def test_more_than_there_are_cannot_be_drawn(count: int, wanted: int) -> None:
    with pytest.raises(ValueError, match=f"{wanted} of {count} cannot be drawn"):
        draw(count, wanted, lambda _: 0)
