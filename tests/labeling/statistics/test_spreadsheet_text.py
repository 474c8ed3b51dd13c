"""Cells that no spreadsheet runs, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.spreadsheet_text import neutralise, restore


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_formula_becomes_text(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=b", "'quoted'", " =1", "1-2"])
def test_other_text_stays(text: str) -> None:
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@\t\ra "), max_size=6) | st.text())
def test_every_text_comes_back(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(st.text())
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert neutralise(text)[:1] not in {"=", "+", "-", "@", "\t", "\r"}
