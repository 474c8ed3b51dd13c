"""What changed between two texts."""

from labeling.statistics.diff import Line, compare_texts


def test_equal_texts_have_no_lines() -> None:
    assert compare_texts("a\nb", "a\nb") == ()


def test_a_first_text_is_all_new() -> None:
    assert compare_texts("", "a\nb") == (Line("added", "a"), Line("added", "b"))


def test_two_equal_lines_stand_around_each_change() -> None:
    before = "\n".join("abcdefghijkl")
    after = "\n".join("abcdeXghijklY")
    assert [(line.kind, line.text) for line in compare_texts(before, after)] == [
        ("gap", ""),
        ("same", "d"),
        ("same", "e"),
        ("removed", "f"),
        ("added", "X"),
        ("same", "g"),
        ("same", "h"),
        ("gap", ""),
        ("same", "k"),
        ("same", "l"),
        ("added", "Y"),
    ]
