"""Texts as points: like texts close together, with an encoder or without one."""

from collections.abc import Sequence

import numpy as np
import pytest

from classifier.recipes.base import Floats
from classifier.recipes.directions import directions, points

TEXTS = [
    "grammar verb noun",
    "verb noun clause",
    "noun clause grammar",
    "pixel lens shutter",
    "lens shutter frame",
    "shutter frame pixel",
]


def test_like_texts_lie_closer_than_others() -> None:
    found = directions(TEXTS, dimensions=2)
    near = found @ found.T
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(6))
    assert near[:3, :3].min() > near[:3, 3:].max()
    assert near[3:, 3:].min() > near[:3, 3:].max()


def test_the_same_texts_give_the_same_rows() -> None:
    assert np.array_equal(directions(TEXTS), directions(TEXTS))


@pytest.mark.parametrize("texts", [["", "?"], ["alone"], ["same text", "same text"]])
def test_texts_with_little_in_them_still_get_a_row_each(texts: list[str]) -> None:
    found = directions(texts)
    assert len(found) == len(texts)
    assert np.isfinite(found).all()


class Encoder:
    """A recipe that knows its own vectors."""

    def vectors(self, texts: Sequence[str]) -> Floats:
        return np.array([[float(len(text))] for text in texts])


class WithoutEncoder:
    """A recipe that could have vectors, in a model that has none."""

    def vectors(self, texts: Sequence[str]) -> Floats | None:
        return None


def test_a_model_without_an_encoder_falls_back_on_words() -> None:
    assert np.array_equal(points(WithoutEncoder(), TEXTS), directions(TEXTS))


def test_a_recipe_with_an_encoder_gives_its_own_vectors() -> None:
    assert points(Encoder(), ["a", "abc"]).tolist() == [[1.0], [3.0]]
    assert np.array_equal(points(object(), TEXTS), directions(TEXTS))
