"""What is exported and imported into an empty project is the same there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from labeling.export.download import write
from labeling.export.formats import FORMATS
from labeling.export.rows import Options
from labeling.models import Item, Project
from labeling.projects import NewLabel, create_project
from labeling.resolve import recompute
from tests.labeling.exporting import fill, joined, lines_of

Make = Callable[..., Item]
KEPT = ("external_id", "title", "body", "url", "metadata", "split", "label", "method")
VOTE = ("annotator", "label", "seconds", "note", "flagged", "created_at")
# An import refuses NUL characters, and nothing is exported where nothing came in.
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
DECISION = ("label", "decided_by", "method", "comment", "created_at")


@pytest.fixture
def empty(db: None) -> Project:
    """Another project with the same labels and nothing in it."""
    user = User.objects.create_user("other-owner")
    labels = [NewLabel("alpha"), NewLabel("beta"), NewLabel("gamma")]
    return create_project(user=user, name="Empty", slug="empty", labels=labels)


def picture(project: Project) -> list[dict[str, Any]]:
    """Return what an export tells of each item that has to come back."""
    rows = lines_of(joined(write(project, "jsonl", Options(evidence=True), {})))
    return [
        {name: row[name] for name in KEPT}
        | {"votes": [{name: vote[name] for name in VOTE} for vote in row["votes"]]}
        | {"decisions": [{name: one[name] for name in DECISION} for one in row["decisions"]]}
        for row in rows
    ]


def carry(source: Project, target: Project, name: str, folder: Path, **asked: Any) -> None:
    """Export one project to a file and import it into another."""
    file = folder / f"items.{FORMATS[name].extension}"
    file.write_bytes(joined(write(source, name, Options(**asked), {})))
    call_command("import_items", target.slug, str(file))


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
def test_the_own_formats_bring_everything_back(
    name: str,
    project: Project,
    empty: Project,
    make_item: Make,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    tmp_path: Path,
) -> None:
    fill(project, make_item, (annotator, second_annotator), reviewer)
    carry(project, empty, name, tmp_path, evidence=True)
    assert picture(empty) == picture(project)
    assert recompute(project=empty) == 0


@pytest.mark.parametrize("name", ["jsonl", "csv", "parquet"])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(WORDS, min_size=1, max_size=4, unique=True))
def test_every_text_comes_back(
    name: str, texts: list[str], project: Project, empty: Project, tmp_path: Path
) -> None:
    for held in (project, empty):
        Item.with_deleted.filter(project=held).delete()
    file = tmp_path / "first.jsonl"
    rows = [{"title": f"a {text}", "body": text} for text in texts]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    call_command("import_items", project.slug, str(file))
    carry(project, empty, name, tmp_path)
    assert [(row["title"], row["body"]) for row in picture(empty)] == [
        (row["title"], row["body"]) for row in picture(project)
    ]


def test_label_studio_brings_votes_back(
    project: Project,
    empty: Project,
    make_item: Make,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    tmp_path: Path,
) -> None:
    fill(project, make_item, (annotator, second_annotator), reviewer)
    carry(project, empty, "labelstudio", tmp_path, evidence=True)
    before, after = picture(project)[0], picture(empty)[0]
    assert after["label"] == before["label"] == "beta"
    assert [(v["annotator"], v["label"]) for v in after["votes"]] == [
        (v["annotator"], v["label"]) for v in before["votes"]
    ]
