"""What each format of an export holds."""

import io
import json
import zipfile
from collections.abc import Callable

import pyarrow.parquet as pq
import pytest
import yaml
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.export.download import write
from labeling.export.rows import Options
from labeling.models import Deletion, Item, Project, Resolution, Split
from tests.labeling.exporting import fill, joined, lines_of, table_of

Make = Callable[..., Item]
WHOLE = Options(evidence=True)


@pytest.fixture
def filled(
    project: Project,
    make_item: Make,
    annotator: User,
    second_annotator: User,
    reviewer: User,
) -> Project:
    """A project with an agreed, a decided and a waiting item."""
    fill(project, make_item, (annotator, second_annotator), reviewer)
    return project


def export(project: Project, name: str, options: Options = WHOLE, **filters: str) -> bytes:
    """Return the file of an export."""
    return joined(write(project, name, options, filters))


def test_json_lines_hold_each_item_with_its_evidence(filled: Project) -> None:
    agreed, decided, waiting = lines_of(export(filled, "jsonl"))
    assert (agreed["title"], agreed["body"]) == ("Agreed", 'line one\nline "two"')
    assert (agreed["label"], agreed["method"]) == ("beta", "agreement")
    assert agreed["metadata"] == {"year": 2026}
    assert [(v["annotator"], v["label"], v["guideline"]) for v in agreed["votes"]] == [
        ("annotator", "beta", 1),
        ("second", "beta", 1),
    ]
    assert agreed["decisions"] == []
    resolved = agreed["resolved"]
    assert (resolved["votes"], resolved["probability"], resolved["weights"]) == (2, None, None)
    assert resolved["resolved_at"] == agreed["votes"][1]["created_at"]
    assert waiting["resolved"] is None
    assert (decided["label"], decided["method"]) == ("gamma", "adjudication")
    assert [(d["label"], d["decided_by"], d["comment"]) for d in decided["decisions"]] == [
        ("gamma", "reviewer", "Clear.")
    ]
    assert (waiting["label"], waiting["votes"]) == (None, [])


def test_without_evidence_there_are_items_and_labels_only(filled: Project) -> None:
    rows = lines_of(export(filled, "jsonl", Options()))
    assert [row["label"] for row in rows] == ["beta", "gamma", None]
    assert not {"votes", "decisions", "source", "confidence", "resolved"} & rows[0].keys()


def test_pseudonyms_are_the_same_in_the_whole_file(filled: Project) -> None:
    text = export(filled, "jsonl", Options(evidence=True, pseudonyms=True)).decode()
    agreed, decided, _ = lines_of(text.encode())
    assert [v["annotator"] for v in agreed["votes"]] == ["person 1", "person 2"]
    assert [v["annotator"] for v in decided["votes"]] == ["person 1", "person 2"]
    assert decided["decisions"][0]["decided_by"] == "person 3"
    assert '"second"' not in text


def test_no_cell_of_a_csv_file_runs(filled: Project) -> None:
    agreed, decided, _ = table_of(export(filled, "csv"))
    assert decided["title"] == "'=cmd|' /C calc'!A0"
    assert agreed["body"] == 'line one\nline "two"'
    assert [vote["label"] for vote in json.loads(agreed["votes"])] == ["beta", "beta"]


def test_parquet_has_typed_columns(filled: Project) -> None:
    table = pq.read_table(io.BytesIO(export(filled, "parquet")))
    assert table.column("title").to_pylist()[1] == "=cmd|' /C calc'!A0"
    assert table.column("label").to_pylist() == ["beta", "gamma", None]
    assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
    assert json.loads(table.column("metadata")[0].as_py()) == {"year": 2026}


def test_a_dataset_has_its_card_and_a_file_by_split(filled: Project) -> None:
    filled.items.filter(title="Agreed").update(split=Split.HOLDOUT)
    archive = zipfile.ZipFile(io.BytesIO(export(filled, "huggingface", Options())))
    names = {"README.md", "data/train-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"}
    assert set(archive.namelist()) == names
    assert archive.testzip() is None
    head = yaml.safe_load(archive.read("README.md").decode().split("---")[1])
    assert head["task_categories"] == ["text-classification"]
    splits = {split["name"]: split["num_examples"] for split in head["dataset_info"]["splits"]}
    assert splits == {"train": 1, "test": 1}
    label = head["dataset_info"]["features"][-1]
    assert label["dtype"]["class_label"]["names"] == {"0": "alpha", "1": "beta", "2": "gamma"}
    test = pq.read_table(io.BytesIO(archive.read("data/test-00000-of-00001.parquet")))
    assert test.column("label").to_pylist() == [1]
    features = json.loads(test.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["label"] == {"names": ["alpha", "beta", "gamma"], "_type": "ClassLabel"}
    assert "1 items without a label are left out." in archive.read("README.md").decode()


def test_label_studio_gets_tasks_with_annotations(filled: Project) -> None:
    agreed, decided, waiting = json.loads(export(filled, "labelstudio"))
    assert agreed["data"]["title"] == "Agreed"
    assert agreed["data"]["year"] == 2026
    people = [one["completed_by"] for one in agreed["annotations"]]
    assert people == [{"username": "annotator"}, {"username": "second"}]
    choices = [one["result"][0]["value"]["choices"] for one in decided["annotations"]]
    assert choices == [["alpha"], ["beta"], ["gamma"]]
    assert [one["ground_truth"] for one in decided["annotations"]] == [False, False, True]
    assert waiting["annotations"] == []


def test_label_studio_gets_an_empty_list_of_an_empty_project(project: Project) -> None:
    assert json.loads(export(project, "labelstudio")) == []


def test_doccano_gets_a_text_and_its_label(filled: Project) -> None:
    agreed, _, waiting = lines_of(export(filled, "doccano", Options()))
    assert agreed["text"] == 'Agreed\n\nline one\nline "two"'
    assert (agreed["label"], waiting["label"]) == (["beta"], [])


def test_a_filter_leaves_the_rest_out(filled: Project) -> None:
    assert [row["title"] for row in lines_of(export(filled, "jsonl", label="beta"))] == ["Agreed"]


def test_deleted_items_are_not_exported(filled: Project) -> None:
    deletion = Deletion.objects.create(project=filled)
    Item.objects.filter(title="Waiting").update(deletion=deletion)
    assert len(lines_of(export(filled, "jsonl"))) == 2


def test_other_projects_items_are_not_exported(filled: Project, other_project: Project) -> None:
    assert export(other_project, "jsonl") == b""


def test_queries_do_not_grow_with_the_chunk(
    filled: Project, make_item: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    label = filled.labels.all()[0]
    for _ in range(20):
        item = make_item(task=False)
        Resolution.objects.create(
            project=filled,
            item=item,
            label=label,
            method="imported",
            resolved_at=timezone.now(),
        )
    # Labels twice, guideline; items, votes, people, decisions, their people; the end.
    with django_assert_num_queries(8):
        export(filled, "jsonl")
