"""Texts that are nearly equal to a text which must stay unseen."""

import pytest

from classifier.recipes.near_duplicates import near_duplicates
from classifier.recipes.text import join_text

LONG = (
    "Truing a bicycle wheel with a spoke wrench: how to find the bent spokes, in which order to "
    "turn the nipples, and when a wheel is beyond repair."
)
KNOWN = [LONG, "C3"]


@pytest.mark.parametrize(
    ("text", "duplicate"),
    [
        (LONG, True),
        (LONG.upper().replace(" ", "\n "), True),
        (LONG.replace("beyond repair", "beyond repair!"), True),
        (LONG.replace("bent", "loose"), True),
        ("c3 ", True),
        ("C4", False),
        ("", False),
        ("Truing a bicycle wheel without a spoke wrench", False),
        ("Pruning the apple trees of an old orchard, and when a tree is beyond repair.", False),
    ],
)
def test_near_duplicates(text: str, duplicate: bool) -> None:
    assert near_duplicates([text], KNOWN).tolist() == [duplicate]


def test_each_candidate_has_its_answer_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.recipes.near_duplicates._CELLS", 4)
    candidates = ["other", LONG, "C3", "something else", LONG]
    assert near_duplicates(candidates, KNOWN).tolist() == [False, True, True, False, True]


def test_the_threshold_decides() -> None:
    changed = LONG.replace("bent", "loose")
    assert near_duplicates([changed], KNOWN, threshold=0.99).tolist() == [False]


@pytest.mark.parametrize(("candidates", "references"), [([], ["a"]), (["a", "b"], []), ([], [])])
def test_nothing_is_near_to_nothing(candidates: list[str], references: list[str]) -> None:
    assert near_duplicates(candidates, references).tolist() == [False] * len(candidates)


@pytest.mark.parametrize(
    ("title", "body", "text"),
    [(" A ", " b\n", "A\nb"), ("A", "", "A"), ("", "b", "b"), ("", "", "")],
)
def test_join_text(title: str, body: str, text: str) -> None:
    assert join_text(title, body) == text
