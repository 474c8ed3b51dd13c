"""Finding where a model is wrong, without taking chance for a find."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact

from classifier.metrics.slice_search import benjamini_hochberg, fisher, search_slices
from classifier.metrics.slices import has_term

LABELS = ["a", "b"]
FILLER = [f"plain text {place}" for place in range(200)]


def rows_with(word: str, rows: int, errors: int) -> tuple[list[str], list[str], list[str]]:
    """Return 200 texts of which `rows` hold the word, all errors among them, and ten elsewhere."""
    texts = [
        text.replace("text", word) if place < rows else text for place, text in enumerate(FILLER)
    ]
    truth = ["a"] * 200
    wrong = set(range(errors)) | set(range(190, 200))
    return texts, truth, ["b" if place in wrong else "a" for place in range(200)]


def test_a_word_that_goes_with_errors_is_found() -> None:
    texts, truth, predicted = rows_with("camera", 30, 15)
    found = search_slices(texts, [{}] * 200, truth, predicted, LABELS)

    (first,) = found.found
    assert (first.field, first.value, first.rows, first.errors) == ("terms", "camera", 30, 15)
    assert first.errors_elsewhere == pytest.approx(10 / 170)
    assert first.p == pytest.approx(
        fisher_exact([[15, 15], [10, 160]], alternative="greater").pvalue
    )
    # All are truly a, so precision is 1, recall .5.
    assert first.weighted_f1 == pytest.approx(2 / 3)
    assert first.low < first.weighted_f1 < first.high
    assert (found.rows, found.errors, found.reason) == (200, 25, "")
    assert has_term(texts, ["camera"]).sum() == first.rows


def test_a_fact_that_goes_with_errors_is_found() -> None:
    _, truth, predicted = rows_with("camera", 30, 15)
    facts = [{"source": "feed.csv" if place < 30 else "", "method": "x"} for place in range(200)]
    found = search_slices(FILLER, facts, truth, predicted, LABELS)

    assert [(each.field, each.value) for each in found.found] == [("source", "feed.csv")]


def test_short_texts_that_go_with_errors_are_found() -> None:
    texts = ["tiny" if place < 60 else "one two three four five" for place in range(200)]
    predicted = ["b" if place < 30 else "a" for place in range(200)]
    found = search_slices(texts, [{}] * 200, ["a"] * 200, predicted, LABELS)

    assert ("max_words", 1) in [(each.field, each.value) for each in found.found]


@pytest.mark.parametrize(("rows", "errors"), [(19, 19), (30, 2)])
def test_too_few_rows_or_errors_are_no_find(rows: int, errors: int) -> None:
    texts, truth, predicted = rows_with("camera", rows, errors)

    assert search_slices(texts, [{}] * 200, truth, predicted, LABELS).found == ()


def test_chance_among_many_words_is_no_find() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{n}" for n in rng.choice(60, size=12, replace=False)) for _ in range(300)]
    predicted = ["b" if right else "a" for right in rng.random(300) < 0.1]
    found = search_slices(texts, [{}] * 300, ["a"] * 300, predicted, LABELS)

    assert found.candidates >= 60
    assert found.found == ()


@pytest.mark.parametrize(
    ("predicted", "reason"),
    [(["a"] * 200, "The model made no mistake."), (["b"] * 39, "A search needs 40 items")],
)
def test_it_says_why_nothing_was_searched(predicted: list[str], reason: str) -> None:
    rows = len(predicted)
    found = search_slices(FILLER[:rows], [{}] * rows, ["a"] * rows, predicted, LABELS)

    assert found.reason.startswith(reason)
    assert found.found == ()


@given(st.integers(2, 60), st.data())
def test_the_exact_test_is_scipy_s(rows: int, data: st.DataObject) -> None:
    errors = data.draw(st.integers(0, rows))
    inside = data.draw(st.integers(1, rows - 1))
    hits = data.draw(st.integers(max(0, errors + inside - rows), min(errors, inside)))
    table = [[hits, inside - hits], [errors - hits, rows - inside - errors + hits]]

    (chance,) = fisher(np.array([hits]), np.array([inside]), errors, rows)
    assert chance == pytest.approx(fisher_exact(table, alternative="greater").pvalue)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_the_correction_is_scipy_s(chances: list[float]) -> None:
    assert benjamini_hochberg(np.array(chances)) == pytest.approx(false_discovery_control(chances))
