"""Snapshots as somebody reads them: the list, the rows, what changed, the files; page and REST."""

import csv
import io
import json
import re
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import DatasetSnapshot
from classifier.snapshot import freeze_snapshot
from labeling.bulk.delete import delete_items
from labeling.intake import add_items
from labeling.models import Event, Label, Project, Split
from labeling.readers import Row
from tests.classifier.training.conftest import Caller, LabelItems

PAGE, API = "/p/test/snapshots", "/api/projects/test/snapshots"


def freeze(project: Project) -> DatasetSnapshot:
    return freeze_snapshot(project=project, user=None)


@pytest.fixture
def first(project: Project, label_items: LabelItems) -> DatasetSnapshot:
    """A snapshot of 20 items of each label, a fifth of them held out."""
    label_items(20)
    return freeze(project)


@pytest.fixture
def second(project: Project, manager: User, first: DatasetSnapshot) -> DatasetSnapshot:
    """The next one: two items more, one less, one with another label, one left out now."""
    pool = [project.items.get(external_id=name) for name in trained_first(project)[:3]]
    beta = Label.objects.get(project=project, name="beta")
    project.resolutions.filter(item=pool[0]).update(label=beta)
    delete_items(project=project, actor=manager, items=[pool[1].pk])
    rows = [
        Row(1, "New", "entirely other words", external_id="new", label="alpha"),
        Row(2, "Gold", f"{pool[2].title} {pool[2].body}", external_id="gold", split="holdout"),
    ]
    add_items(project=project, user=manager, rows=rows, source="test")
    copy = Row(3, pool[2].title, f"{pool[2].body}!", external_id="copy", split="holdout")
    add_items(project=project, user=manager, rows=[copy], source="test")
    return freeze(project)


def trained_first(project: Project) -> list[str]:
    """Return what the first snapshot trains on."""
    rows = project.snapshots.get(number=1).rows.filter(split="pool")
    return sorted(rows.values_list("external_id", flat=True))


def text_of(response: Any) -> str:
    assert response.status_code == 200, response
    content: str = response.content.decode()
    return content


def body_of(response: Any) -> bytes:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


def rows_of(api: APIClient, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        answer = api.get(following).json()
        found += answer["results"]
        following = answer["next"]
    return found


def test_snapshots_are_listed_the_newest_first(
    as_manager: Client, api: APIClient, second: DatasetSnapshot
) -> None:
    page = text_of(as_manager.get(f"{PAGE}/"))
    listed = api.get(f"{API}/").json()["results"]

    assert page.index("snapshot 2<") < page.index("snapshot 1<")
    assert [each["number"] for each in listed] == [2, 1]
    assert listed[0]["hash"] == second.hash


def test_without_snapshots_it_says_what_makes_one(as_manager: Client, project: Project) -> None:
    assert "No snapshots yet" in text_of(as_manager.get(f"{PAGE}/"))


def test_one_tells_what_it_is_made_of(
    as_manager: Client, api: APIClient, first: DatasetSnapshot
) -> None:
    page = text_of(as_manager.get(f"{PAGE}/1/"))
    answer = api.get(f"{API}/1/").json()

    assert answer["mix"] == [
        {"label": label, "training": 16, "holdout": 4, "left_out": 0}
        for label in ("alpha", "beta", "gamma")
    ]
    assert first.hash in page
    assert '?label=alpha&amp;split=pool">16<' in page


def test_the_figures_lead_to_their_rows(as_manager: Client, first: DatasetSnapshot) -> None:
    page = text_of(as_manager.get(f"{PAGE}/1/?label=alpha&split=holdout"))

    assert page.count("<tr data-row>") == 4
    assert page.count("gold holdout</td>") == 4


def test_rows_are_paged(as_manager: Client, first: DatasetSnapshot) -> None:
    page = text_of(as_manager.get(f"{PAGE}/1/"))
    following = re.findall(r'rel="next" href="([^"]+)"', page)[0].replace("&amp;", "&")

    rest = text_of(as_manager.get(f"{PAGE}/1/{following}"))

    assert (page.count("<tr data-row>"), rest.count("<tr data-row>")) == (50, 10)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 60),
        ("?label=beta", 20),
        ("?split=pool", 48),
        ("?split=left_out", 0),
        ("?method=imported", 60),
    ],
)
def test_rest_gives_the_rows(
    api: APIClient, first: DatasetSnapshot, query: str, count: int
) -> None:
    rows = rows_of(api, f"{API}/1/rows/{query}")

    assert len(rows) == count
    assert all(row["weight"] == 1.0 for row in rows)


def test_rest_refuses_a_filter_that_it_does_not_know(
    api: APIClient, first: DatasetSnapshot
) -> None:
    answer = api.get(f"{API}/1/rows/?split=train")

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("split: Select a valid choice.")


CHANGES = {"added": 1, "removed": 1, "relabelled": 1, "moved": 1, "edited": 0, "reached": 0}


def test_what_changed_is_counted(
    as_manager: Client, api: APIClient, second: DatasetSnapshot
) -> None:
    page = text_of(as_manager.get(f"{PAGE}/2/compare/"))
    answer = api.get(f"{API}/2/compare/").json()

    assert answer == {"before": 1, "after": 2, "counts": CHANGES}
    assert "What changed from snapshot 1 to 2" in page
    assert re.findall(r"change=(\w+)#rows\">(\d+)<", page) == [
        (name, str(count)) for name, count in CHANGES.items() if count
    ]


@pytest.mark.parametrize(
    ("change", "row", "was"),
    [
        ("relabelled", (0, "beta", "pool"), ("alpha", "pool")),
        ("removed", (1, "alpha", "pool"), ("alpha", "pool")),
        ("moved", (2, "alpha", "left_out"), ("alpha", "pool")),
        ("added", (-1, "alpha", "pool"), (None, None)),
    ],
)
def test_each_count_leads_to_its_items(
    as_manager: Client,
    api: APIClient,
    project: Project,
    second: DatasetSnapshot,
    change: str,
    row: tuple[int, str, str],
    was: tuple[str | None, str | None],
) -> None:
    (found,) = rows_of(api, f"{API}/2/changes/?change={change}")
    page = text_of(as_manager.get(f"{PAGE}/2/compare/?change={change}"))

    name = [*trained_first(project), "new"][row[0]]
    assert (found["external_id"], found["label"], found["split"]) == (name, *row[1:])
    assert (found["was_label"], found["was_split"]) == was
    assert page.count("<tr data-row>") == 1


def test_backwards_the_same_changes_are_the_other_way_round(
    api: APIClient, second: DatasetSnapshot
) -> None:
    answer = api.get(f"{API}/1/compare/?with=2").json()

    assert answer == {"before": 2, "after": 1, "counts": CHANGES}


def test_a_text_or_the_votes_that_changed_are_told(
    project: Project, api: APIClient, first: DatasetSnapshot
) -> None:
    one, other = list(project.items.filter(split=Split.POOL).order_by("pk")[:2])
    project.items.filter(pk=one.pk).update(body="said otherwise")
    project.resolutions.filter(item=other).update(method="agreement", votes=2)
    freeze(project)

    counts = api.get(f"{API}/2/compare/").json()["counts"]

    assert {name: count for name, count in counts.items() if count} == {"edited": 1, "reached": 1}


def test_the_first_one_has_nothing_to_compare_with(
    as_manager: Client, api: APIClient, first: DatasetSnapshot
) -> None:
    assert "No snapshot was taken before this one." in text_of(as_manager.get(f"{PAGE}/1/compare/"))
    answer = api.get(f"{API}/1/compare/")
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "with: no snapshot was taken before snapshot 1; name another.",
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/9/", 404),
        ("/9999999999/", 404),
        ("/9/compare/", 404),
        ("/1/compare/?with=9", 404),
        ("/9/export/?as=csv", 404),
    ],
)
def test_what_is_not_there(
    as_manager: Client, api: APIClient, first: DatasetSnapshot, path: str, status: int
) -> None:
    assert as_manager.get(PAGE + path).status_code == status
    assert api.get(API + path).status_code == status


@pytest.mark.parametrize(
    "path", ["/2/changes/?change=lost", "/2/export/?as=xls", "/2/compare/?with=x"]
)
def test_rest_says_what_it_does_not_know(
    api: APIClient, second: DatasetSnapshot, path: str
) -> None:
    assert api.get(API + path).status_code == 422


def test_pages_do_not_know_them_either(as_manager: Client, second: DatasetSnapshot) -> None:
    assert as_manager.get(f"{PAGE}/2/compare/?change=lost").status_code == 404
    assert as_manager.get(f"{PAGE}/2/export/?as=xls").status_code == 404


def as_csv(content: bytes) -> list[dict[str, Any]]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    numbers = {"votes": int, "agreeing": int, "weight": float}
    return [row | {name: kind(row[name]) for name, kind in numbers.items()} for row in rows]


def as_json_lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def as_parquet(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("kind", "read"), [("csv", as_csv), ("jsonl", as_json_lines), ("parquet", as_parquet)]
)
def test_a_file_holds_the_rows(
    as_manager: Client, api: APIClient, second: DatasetSnapshot, kind: str, read: Any
) -> None:
    expected = sorted(rows_of(api, f"{API}/2/rows/"), key=lambda row: row["external_id"])

    page = as_manager.get(f"{PAGE}/2/export/?as={kind}")
    rest = api.get(f"{API}/2/export/?as={kind}")

    assert page["Content-Disposition"] == f'attachment; filename="test-snapshot-2.{kind}"'
    assert read(body_of(page)) == read(body_of(rest)) == expected


def test_a_file_is_narrowed_as_the_page_is(
    api: APIClient, project: Project, second: DatasetSnapshot
) -> None:
    rows = as_json_lines(body_of(api.get(f"{API}/2/export/?as=jsonl&split=left_out")))

    assert [row["external_id"] for row in rows] == [trained_first(project)[2]]


def test_no_cell_of_a_csv_runs_as_a_formula(
    project: Project, manager: User, api: APIClient, label_items: LabelItems
) -> None:
    label_items(10)
    row = Row(1, "=1+1", "-2", external_id="@x", label="alpha")
    add_items(project=project, user=manager, rows=[row], source="test")
    freeze(project)

    content = body_of(api.get(f"{API}/1/export/?as=csv")).decode()

    assert "'@x,'=1+1,'-2,alpha" in content


def test_an_export_is_recorded(api: APIClient, manager: User, first: DatasetSnapshot) -> None:
    body_of(api.get(f"{API}/1/export/?as=csv&label=beta"))

    event = Event.objects.get(verb="exported")
    assert (event.actor, event.subject_type, event.after) == (manager, "datasetsnapshot", "csv")
    assert event.reason == "label=beta"


@pytest.mark.parametrize(("who", "status"), [("annotator", 403), ("outsider", 404)])
@pytest.mark.parametrize("path", ["/", "/1/", "/1/compare/", "/1/export/"])
def test_others_see_nothing(
    caller: Caller, first: DatasetSnapshot, who: str, status: int, path: str
) -> None:
    client, api = caller(who)

    assert client.get(PAGE + path).status_code == status
    assert api.get(API + path).status_code == status
