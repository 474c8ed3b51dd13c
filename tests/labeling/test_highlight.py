"""Keywords marked in a text."""

import pytest

from labeling.highlight import highlighter
from labeling.models import Label


def mark(text: str, *keywords: str) -> str:
    """Mark keywords in a text; the labels are a, b, … and their marks show as [a:…]."""
    labels = [
        Label(name=chr(ord("a") + place), position=place, keywords=words)
        for place, words in enumerate(keywords)
    ]
    html = highlighter(labels).mark(text)
    for label in labels:
        opening = f'<mark data-colour="{label.colour}" title="{label.name}">'
        html = html.replace(opening, f"[{label.name}:")  # type: ignore[assignment]
    return html.replace("</mark>", "]")


@pytest.mark.parametrize(
    ("text", "keywords", "marked"),
    [
        ("The cat sat.", ["cat"], "The [a:cat] sat."),
        ("Cats, CAT and cat", ["cat"], "Cats, [a:CAT] and [a:cat]"),
        ("a knowledge graph", ["graph\nknowledge graph"], "a [a:knowledge graph]"),
        ("a knowledge\n graph", ["knowledge graph"], "a [a:knowledge\n graph]"),
        ("knowledge graph store", ["knowledge graph", "graph store"], "[a:knowledge graph] store"),
        ("one two", ["two", "two"], "one [a:two]"),
        ("C++ and c++11", ["c++"], "[a:C++] and c++11"),
        ("the .NET way", [".net"], "the [a:.NET] way"),
        ("Größe zählt", ["größe"], "[a:Größe] zählt"),
        ("x < y & cat", ["cat"], "x &lt; y &amp; [a:cat]"),
        ("<b>cat</b>", ["cat"], "&lt;b&gt;[a:cat]&lt;/b&gt;"),
        ("nothing here", [""], "nothing here"),
        ("", ["cat"], ""),
        ("a.b", ["a.b", "a"], "[a:a.b]"),
        ("(cat)(dog)", ["cat", "dog"], "([a:cat])([b:dog])"),
    ],
)
def test_keywords_are_marked(text: str, keywords: list[str], marked: str) -> None:
    assert mark(text, *keywords) == marked


def test_a_label_with_a_hostile_name_is_escaped() -> None:
    html = highlighter([Label(name='"><script>', position=0, keywords="cat")]).mark("cat")
    assert html == '<mark data-colour="0" title="&quot;&gt;&lt;script&gt;">cat</mark>'


def test_many_keywords_in_a_long_text() -> None:
    """The work grows with the text, not with text times keywords."""
    keywords = ["\n".join(f"word{label} {n}" for n in range(200)) for label in range(77)]
    text = "filler " * 20_000 + "word76 199"
    assert mark(text, *keywords[:26]).startswith("filler")
