"""Uncertain texts of every kind."""

import pytest

from labeling.statistics.diversity import spread

BREAD = ("bake bread dough", "bread dough oven", "dough bake oven")
RIVER = ("river water boat", "boat river fish", "water fish river")


def test_takes_the_least_certain_of_each_kind_in_turn() -> None:
    confidences = [0.1, 0.2, 0.3, 0.6, 0.5, 0.4]
    assert spread([*BREAD, *RIVER], confidences, clusters=2) == [0, 5, 1, 4, 2, 3]


def test_one_kind_is_by_confidence_then_by_place() -> None:
    assert spread(list(BREAD), [0.5, 0.2, 0.5], clusters=1) == [1, 0, 2]


def test_every_text_comes_once_and_always_in_the_same_order() -> None:
    texts = [f"{word} number {n}" for n in range(20) for word in ("ant", "bee", "cow")]
    confidences = [(n * 7 % 10) / 10 for n in range(60)]
    first = spread(texts, confidences)
    assert sorted(first) == list(range(60))
    assert spread(texts, confidences) == first


def test_more_groups_than_texts_and_no_words_at_all() -> None:
    assert spread(["one", "two"], [0.9, 0.1], clusters=10) == [1, 0]
    assert spread([], []) == []


def test_refuses_different_lengths() -> None:
    with pytest.raises(ValueError, match="2 texts, but 1 confidences"):
        spread(["a", "b"], [0.1])
