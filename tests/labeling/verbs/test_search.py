"""Full text search: the same answers on both engines."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from labeling.intake import add_items, ensure_item
from labeling.item_list import find_items
from labeling.models import Item, Project
from labeling.readers import Row

MakeItem = Callable[..., Item]


@pytest.fixture
def texts(project: Project, make_item: MakeItem) -> None:
    """Three items."""
    make_item("Deep learning", "for x-ray images", task=False, external_id="feed-7")
    make_item("Learning deep", "nets, in Größe 3d", task=False)
    make_item("Cooking", "a machine_learning book: 'quoted' example.org", task=False)


def titles(project: Project, text: str) -> list[str]:
    """Return what a search finds."""
    return [item.title for item in find_items(project, {"q": text})]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("learning", ["Cooking", "Learning deep", "Deep learning"]),
        ("DEEP learning", ["Learning deep", "Deep learning"]),
        ('"deep learning"', ["Deep learning"]),
        ('"deep learning', ["Deep learning"]),
        ("learning -deep", ["Cooking"]),
        ('learning -"deep learning"', ["Cooking", "Learning deep"]),
        ("-learning", []),
        ("-cooking", ["Learning deep", "Deep learning"]),
        ("lear", ["Cooking", "Learning deep", "Deep learning"]),
        ("lear deep", []),
        ("lea", []),
        ('"lear"', []),
        ("x-ray", ["Deep learning"]),
        ("größe", ["Learning deep"]),
        ("3d", ["Learning deep"]),
        ("quoted", ["Cooking"]),
        ("example", ["Cooking"]),
        ("images deep", ["Deep learning"]),
        ("feed-7", ["Deep learning"]),
        ("feed-8", []),
        ("***", ["Cooking", "Learning deep", "Deep learning"]),
        ("learning OR NOT deep", []),
        ("title:learning", []),
    ],
)
def test_search(project: Project, texts: None, text: str, found: list[str]) -> None:
    assert titles(project, text) == found


def test_another_project_s_words_stay_there(
    project: Project, other_project: Project, texts: None
) -> None:
    assert titles(other_project, "learning") == []


def test_what_comes_in_can_be_found(project: Project, manager: User) -> None:
    rows = [Row(number=number, title=f"Kestrel {number}") for number in range(3)]
    add_items(project=project, user=manager, rows=rows, source="REST")
    ensure_item(project=project, external_id="", title="Lone kestrel", body="")
    assert titles(project, "kestrel") == ["Lone kestrel", "Kestrel 2", "Kestrel 1", "Kestrel 0"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
def test_any_text_is_safe(project: Project, text: str) -> None:
    assert titles(project, text) == []
    assert titles(project, f'{text}" OR * (:&|!<-> {text}') == []
