"""Files of every format, good and bad, as their rows."""

import csv
import io
import json
import zipfile
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pyarrow import parquet

from labeling.errors import Invalid
from labeling.readers import Content, How, Problem, Row, RowMaker, open_content


def opened(content: bytes, name: str = "file", **how: str) -> Content:
    """Open a file of this content."""
    return open_content(io.BytesIO(content), name=name, size=len(content), how=How(**how))


def rows_of(content: bytes, name: str = "file", **how: str) -> list[Row | Problem]:
    """Return what a file comes to."""
    found = opened(content, name, **how)
    maker = RowMaker(found.columns)
    return [record if isinstance(record, Problem) else maker(record) for record in found.records]


def texts(found: list[Row | Problem]) -> list[tuple[int, str, str]]:
    """Return rows as number, title and body; problems as number, field and reason."""
    return [
        (row.row, row.field, row.reason) if isinstance(row, Problem)
        else (row.number, row.title, row.body)
        for row in found
    ]  # fmt: skip


def workbook(*rows: list[Any]) -> bytes:
    """Return an .xlsx file."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file)
    return file.getvalue()


def table(**columns: list[Any]) -> bytes:
    """Return a Parquet file."""
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, row_group_size=2)
    return file.getvalue()


TABLE = [["title", "body"], ["One", "a, b"], ["Zwei ü", "2"]]
OBJECTS = [{"title": "One", "body": "a, b"}, {"title": "Zwei ü", "body": 2}]


def as_text(delimiter: str) -> str:
    """Return the table as delimited text."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(TABLE)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "encoding", "first"),
    [
        (as_text(",").encode(), "csv", "utf-8", 2),
        (as_text(";").encode(), "csv", "utf-8", 2),
        (as_text("|").encode(), "csv", "utf-8", 2),
        (as_text("\t").encode(), "csv", "utf-8", 2),
        (as_text(",").encode("utf-8-sig"), "csv", "utf-8", 2),
        (as_text(",").encode("utf-16"), "csv", "utf-16", 2),
        (as_text(",").encode("utf-16-le"), "csv", "utf-16-le", 2),
        ("\n".join(json.dumps(o) for o in OBJECTS).encode(), "jsonl", "utf-8", 1),
        (json.dumps(OBJECTS, indent=1).encode(), "json", "utf-8", 1),
        (json.dumps(OBJECTS, ensure_ascii=False).encode("utf-8-sig"), "json", "utf-8", 1),
        (workbook(*TABLE), "xlsx", "", 2),
        (table(title=["One", "Zwei ü"], body=["a, b", "2"]), "parquet", "", 1),
    ],
)
def test_each_format_is_recognised(content: bytes, kind: str, encoding: str, first: int) -> None:
    found = opened(content)
    assert (found.how.format, found.how.encoding) == (kind, encoding)
    assert texts(rows_of(content)) == [(first, "One", "a, b"), (first + 1, "Zwei ü", "2")]


def test_tsv_by_its_name() -> None:
    assert opened(b"title\tbody, text\n", "a.tsv").how.format == "tsv"


def test_another_encoding_is_detected_or_chosen() -> None:
    russian = "title\n" + "Сегодня хорошая погода, и мы пошли гулять в парк\n" * 20
    assert opened(russian.encode("cp1251")).how.encoding == "cp1251"
    chosen = rows_of("title\nGrüße\n".encode("latin-1"), encoding="ISO-8859-1")
    assert texts(chosen) == [(2, "Grüße", "")]
    with pytest.raises(Invalid, match="encoding: 'klingon' is not one of utf-8,"):
        opened(b"title\nA\n", encoding="klingon")


def test_cells_of_a_workbook_are_text() -> None:
    content = workbook(["title", "body"], [5.0, date(2026, 1, 2)], [], [True, 1.5])
    assert texts(rows_of(content)) == [(2, "5", "2026-01-02"), (4, "true", "1.5")]


def test_without_a_title_column_the_text_gives_it() -> None:
    long = "word " * 100
    short, cut = rows_of(json.dumps([{"text": "Short"}, {"text": long}]).encode())
    assert isinstance(short, Row)
    assert isinstance(cut, Row)
    assert (short.title, short.body) == ("Short", "")
    assert len(cut.title) <= 200
    assert cut.title.endswith("word")
    assert cut.body == long.strip()


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "name", "message"),
        [
            (b"", "a.csv", "file: it is empty"),
            (b"[]", "a.json", "file: it is empty"),
            (workbook(["title"])[:300], "a.csv", "is a damaged zip archive"),
            (b"\x1f\x8b\x08", "a.csv", "is a gzip archive: unpack it first"),
            (b"\xd0\xcf\x11\xe0", "a.xls", "save it as .xlsx"),
            (b"PAR1 nothing", "a", "it is no Parquet file"),
            (b"{broken\n", "a.jsonl", "row 1: it is not valid JSON"),
            (b'[{"title": ', "a.json", "it is not valid JSON after object 0"),
            (b"a,b\n1,2\n", "a.csv", "title: no column has this name, nor 'text'"),
            (("a," * 1001).encode(), "a.csv", "1,002 columns; the limit is 1,000"),
        ],
    )
    def test_are_refused_with_a_reason(self, content: bytes, name: str, message: str) -> None:
        with pytest.raises(Invalid, match=message):
            rows_of(content, name)

    def test_a_zip_by_another_name(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("items.csv", "title\nA\n")
        with pytest.raises(Invalid, match=r"'items.csv' is a zip archive, whatever its name says"):
            opened(file.getvalue(), "items.csv")

    def test_a_bomb(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * 50_000_000)
        with pytest.raises(Invalid, match="it unpacks to 48 MiB, which is too much for its size"):
            opened(file.getvalue(), "a.xlsx")


class TestBadRows:
    def test_in_a_table(self) -> None:
        content = b'title,body\nA,1\nB\nC,1,2\nD,"x"y\nE,5\n'
        assert texts(rows_of(content)) == [
            (2, "A", "1"),
            (3, "row", "it has 1 fields where the header has 2."),
            (4, "row", "it has 3 fields where the header has 2."),
            (5, "row", "it is not valid CSV (',' expected after '\"')."),
            (6, "E", "5"),
        ]

    def test_in_json_lines(self) -> None:
        content = b'{"title": "A"}\n[1]\n{"title": \n\n{"title": ["B"]}\n{"title": "C \xff"}\n'
        found = texts(rows_of(content + b'{"title": "D"}', format="jsonl", encoding="utf-8"))
        assert [row[:2] for row in found] == [
            (1, "A"), (2, "row"), (3, "row"), (5, "title"), (6, "row"), (7, "D"),
        ]  # fmt: skip
        assert found[4][2] == "it holds a byte (0xFF) that its encoding does not have."

    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    def test_a_line_of_50_mb(self, kind: str) -> None:
        line = "x" * 50_000_000
        before, after = ("title\nA", "B") if kind == "csv" else ('{"title":"A"}', '{"title":"B"}')
        found = texts(rows_of(f"{before}\n{line}\n{after}\n".encode(), format=kind))
        assert [row[1] for row in found] == ["A", "row", "B"]
        assert found[1][2] == "it is longer than 1,000,000 characters, which is the limit."

    def test_an_object_of_50_mb_ends_an_array(self) -> None:
        content = json.dumps([{"title": "A"}, {"title": "x" * 50_000_000}, {"title": "B"}])
        with pytest.raises(Invalid, match="object 2 is longer than 1,000,000 characters"):
            rows_of(content.encode())


class TestMapping:
    def test_columns_are_chosen_or_left_out(self) -> None:
        found = opened(b"Betreff;Quelle;Rest;title\nA;web;x;t\n")
        chosen = {"Betreff": "title", "Rest": "leave_out", "title": "metadata"}
        [row] = [RowMaker(found.columns, chosen)(r) for r in found.records if isinstance(r, tuple)]
        assert isinstance(row, Row)
        assert (row.title, row.metadata) == ("A", {"Quelle": "web", "title": "t"})

    @pytest.mark.parametrize(
        ("chosen", "message"),
        [
            ({"a": "title", "b": "title"}, "mapping: two columns stand for title"),
            ({"c": "title"}, "mapping: the file has no column 'c'"),
            ({"a": "name"}, "mapping: 'name' is not one of title, body"),
        ],
    )
    def test_what_cannot_be_chosen(self, chosen: dict[str, str], message: str) -> None:
        with pytest.raises(Invalid, match=message):
            RowMaker(["a", "b"], chosen)

    def test_a_field_that_only_a_later_object_has(self) -> None:
        content = b'{"title": "A"}\n' * 60 + b'{"title": "B", "label": "x", "more": 1}\n'
        last = rows_of(content)[-1]
        assert isinstance(last, Row)
        assert (last.label, last.metadata) == ("x", {"more": 1})


CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\r"), max_size=20
)  # csv.writer leaves a lone carriage return unquoted


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=20))
def test_what_the_csv_module_writes_comes_back(cells: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([("title", "body"), *cells])
    found = rows_of(file.getvalue().encode(), format="csv", encoding="utf-8", delimiter=",")
    assert [(row.title, row.body) for row in found if isinstance(row, Row)] == [
        (title.strip(), body.strip()) for title, body in cells
    ]
