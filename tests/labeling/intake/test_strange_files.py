"""Files as they should not be, by page and over REST: what they say, and that the rest comes in."""

from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from labeling.intake_run import run_import
from labeling.models import ImportJob, Item, Project
from tests.labeling.api.calls import ApiFor, path
from tests.labeling.exporting import content_of, table_of
from tests.labeling.pages.browse import at, text_of

ClientFor = Callable[[User], Client]
Bring = Callable[[bytes, str], str]
LONG = b"x" * 50 * 2**20
TOO_LONG = [
    "it is longer than 1,000,000 characters, which is the limit.",
    "Shorten it; where it should be several rows, close the quote before it.",
]
NUL = ["it holds a NUL character.", "Remove it."]
TOLD_WIDTH = "Give it as many; quote a text that holds the delimiter."
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture(params=["page", "rest"])
def bring(
    request: pytest.FixtureRequest, manager: User, client_for: ClientFor, api_for: ApiFor
) -> Bring:
    """Send a file and let a worker import it; returns what the page or the answer says."""

    def by_page(content: bytes, name: str) -> str:
        client = client_for(manager)
        sent = client.post(at("items-import"), {"file": SimpleUploadedFile(name, content)})
        if sent.status_code != 302:
            assert sent.status_code == 422
            return unescape(text_of(sent))
        job = ImportJob.objects.get()
        fields = {f"column-{place}": field for place, field in enumerate(job.mapping.values())}
        client.post(at("import-start", job.pk), fields)
        run_import(job.pk)
        return unescape(text_of(client.get(at("import", job.pk))))

    def by_rest(content: bytes, name: str) -> str:
        api = api_for(manager)
        body = {"file": SimpleUploadedFile(name, content)}
        sent: Any = api.post(path("items/import/"), body, format="multipart")
        if sent.status_code != 202:
            assert sent.status_code in {400, 422}
            return str(sent.json())
        run_import(sent.json()["id"])
        ended = api.get(path(f"imports/{sent.json()['id']}/")).json()
        return str([" ".join((bad["reason"], bad["fix"])) for bad in ended["problems"]])

    return by_page if request.param == "page" else by_rest


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"title,body\nOne,x\n" + LONG + b",\nTwo,x\n", TOO_LONG),
        ("a.csv", b'title,body\nOne,x\n"' + LONG + b'",\nTwo,x\n', TOO_LONG),
        ("a.jsonl", b'{"title":"One"}\n{"title":"' + LONG + b'"}\n{"title":"Two"}\n', TOO_LONG),
        ("a.csv", b"title,body\nOne,x\nN\0L,x\nTwo,x\n", NUL),
        (
            "a.jsonl",
            b'{"title":"One"}\n{"title":"N\\u0000L"}\n{"title":"Two"}\n',
            NUL,
        ),
        (
            "a.csv",
            b"title,body\nOne,x\nA,x,more\nTwo,x\n",
            ["it has 3 fields where the header has 2.", TOLD_WIDTH],
        ),
        (
            "a.csv",
            b"title,body\nOne,x\nA\nTwo,x\n",
            ["it has 1 fields where the header has 2.", TOLD_WIDTH],
        ),
    ],
    ids=["line", "quoted line", "json line", "nul", "escaped nul", "wide", "narrow"],
)
def test_a_bad_row_is_told_and_the_others_come_in(
    project: Project, bring: Bring, name: str, content: bytes, said: list[str]
) -> None:
    told = bring(content, name)
    assert [part for part in said if part not in told] == []
    assert list(Item.objects.order_by("pk").values_list("title", flat=True)) == ["One", "Two"]
    assert ImportJob.objects.get().refused == 1


def zipped() -> bytes:
    """Return a zip archive that holds a table."""
    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("items.csv", "title\nOne\n")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The submitted file is empty."),
        (b"\n", "t is empty. The first row must name the columns."),
        (
            zipped(),
            "'items.csv' is a zip archive, whatever its name says. Unpack it and send the file",
        ),
        (
            LONG,
            "ts header is not valid CSV (a line is longer than 1,000,000 characters); mend it.",
        ),
        (
            b'[{"title": "' + LONG + b'"}]',
            "bject 1 is longer than 1,000,000 characters",
        ),
    ],
    ids=["empty", "blank", "zip", "line", "object"],
)
def test_a_bad_file_is_refused_and_nothing_is_kept(
    project: Project, bring: Bring, content: bytes, said: str
) -> None:
    assert said in bring(content, "items.csv")
    assert not ImportJob.objects.exists()
    assert not Item.objects.exists()


@pytest.mark.parametrize("door", ["page", "rest"])
def test_no_spreadsheet_runs_what_is_exported(
    door: str,
    make_item: Callable[..., Item],
    manager: User,
    client_for: ClientFor,
    api_for: ApiFor,
) -> None:
    make_item(FORMULA, "+1", metadata={"=head": "@x"})
    if door == "page":
        response: Any = client_for(manager).post(at("export-new"), {"format": "csv"})
    else:
        response = api_for(manager).get(path("export/"), {"as": "csv"})
    [row] = table_of(content_of(response))
    assert (row["title"], row["body"]) == (f"'{FORMULA}", "'+1")
    assert not [name for name in [*row, *row.values()] if name[:1] in {"=", "+", "-", "@"}]
