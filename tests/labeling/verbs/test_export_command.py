"""`manage.py export_items`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from labeling.models import Item, Project
from tests.labeling.exporting import lines_of

Make = Callable[..., Item]


def test_writes_a_file(project: Project, make_item: Make, tmp_path: Path) -> None:
    make_item("First")
    make_item("Second", split="holdout")
    file = tmp_path / "items.jsonl"
    call_command("export_items", "test", output=file, only=["split=holdout"])
    assert [row["title"] for row in lines_of(file.read_bytes())] == ["Second"]
    assert [path.name for path in tmp_path.iterdir()] == ["items.jsonl"]


def test_writes_to_standard_output(
    project: Project, make_item: Make, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    make_item("First")
    call_command("export_items", "test", format="csv")
    assert b"First" in capfdbinary.readouterr().out


def test_an_unknown_project_is_told(db: None) -> None:
    with pytest.raises(CommandError, match="no project 'nothing'"):
        call_command("export_items", "nothing")


def test_a_filter_that_filters_nothing_is_told(project: Project) -> None:
    with pytest.raises(CommandError, match="split"):
        call_command("export_items", "test", only=["split=nowhere"])


def test_a_folder_that_is_not_there_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_items", "test", output=tmp_path / "none" / "items.jsonl")


def test_a_format_without_room_for_votes_keeps_the_old_file(
    project: Project, tmp_path: Path
) -> None:
    file = tmp_path / "items.zip"
    file.write_text("old")
    with pytest.raises(CommandError, match="no place for votes"):
        call_command("export_items", "test", format="doccano", evidence=True, output=file)
    assert file.read_text() == "old"
