"""An item out of scope: what it is kept out of, where it is told, and how it comes back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from accounts.models import User
from classifier.labeled import labeled_items
from labeling.export.download import write
from labeling.export.formats import FORMATS
from labeling.export.rows import Options
from labeling.item_list import find_items
from labeling.models import Item, ItemStatus, Project
from labeling.projects import NewLabel, create_project
from labeling.reopen import standing_decision, undo_decision
from tests.labeling.exporting import joined, lines_of, put_out_of_scope, table_of
from tests.labeling.steps import answer, label_of

MakeItem = Callable[..., Item]


@pytest.fixture
def item(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
) -> Item:
    """An item that two annotators labeled alpha, and a reviewer put out of scope."""
    made = make_item("Buy now")
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    put_out_of_scope(project, made, reviewer)
    made.refresh_from_db()
    return made


def test_it_has_no_label_in_spite_of_its_votes(item: Item) -> None:
    assert (label_of(item), item.status) == (None, ItemStatus.OUT_OF_SCOPE)


def test_it_is_found_by_its_status(project: Project, item: Item, make_item: MakeItem) -> None:
    make_item("Other")
    assert list(find_items(project, {"status": "out_of_scope"})) == [item]
    assert list(find_items(project, {"status": "labeled"})) == []


def test_it_leaves_training(project: Project, item: Item, reviewer: User) -> None:
    assert list(labeled_items(project)) == []
    decision = standing_decision(item)
    assert decision is not None
    assert decision.task_id is not None
    undo_decision(project=project, user=reviewer, task_id=decision.task_id)
    assert [found.item_id for found in labeled_items(project)] == [item.pk]


@pytest.mark.parametrize("name", ["jsonl", "csv"])
def test_an_export_tells_it(project: Project, item: Item, make_item: MakeItem, name: str) -> None:
    make_item("Other")
    content = joined(write(project, name, Options(), {}))
    rows = lines_of(content) if name == "jsonl" else table_of(content)
    assert [(row["title"], row["status"]) for row in rows] == [
        ("Buy now", "out_of_scope"),
        ("Other", "waiting"),
    ]


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
def test_with_its_evidence_it_is_imported_as_such(
    project: Project, item: Item, tmp_path: Path, name: str
) -> None:
    labels = [NewLabel("alpha"), NewLabel("beta"), NewLabel("gamma")]
    owner = User.objects.create_user("owner")
    empty = create_project(user=owner, name="Empty", slug="empty", labels=labels)
    file = tmp_path / f"items.{FORMATS[name].extension}"
    file.write_bytes(joined(write(project, name, Options(evidence=True), {})))
    call_command("import_items", "empty", str(file))
    [copy] = Item.objects.filter(project=empty)
    assert (copy.title, copy.status, copy.metadata) == ("Buy now", "out_of_scope", {})


def test_a_decision_taken_back_is_not_exported(
    project: Project, item: Item, reviewer: User
) -> None:
    decision = standing_decision(item)
    assert decision is not None
    assert decision.task_id is not None
    undo_decision(project=project, user=reviewer, task_id=decision.task_id)
    [row] = lines_of(joined(write(project, "jsonl", Options(evidence=True), {})))
    assert (row["status"], row["label"], row["decisions"]) == ("review", "alpha", [])
