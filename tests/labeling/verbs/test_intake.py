"""Taking items in, from files and calls."""

from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.files.base import File
from django.core.management import CommandError, call_command

from accounts.models import User
from labeling.errors import Invalid
from labeling.intake import add_items, ensure_item, start_import, upload
from labeling.intake_check import reject_oversized
from labeling.intake_run import run_import
from labeling.models import Adjudication, Event, ImportJob, Item, Project, Split
from labeling.readers import Row
from labeling.resolve import recompute
from tests.labeling.steps import label_of

Problems = list[tuple[int, str, str]]
UNSTORABLE = "it holds a NUL character."
GOOD = b"id,title,description\n1,First,One\n2,Second,Two\n"


def import_csv(project: Project, user: User | None, content: bytes | str) -> ImportJob:
    """Import a file of this content."""
    raw = content.encode() if isinstance(content, str) else content
    job = upload(project=project, user=user, file=File(BytesIO(raw)), name="file.csv")
    run_import(start_import(job=job, user=user).pk)
    job.refresh_from_db()
    return job


def outcome(job: ImportJob) -> tuple[int, int, int]:
    """Return what became of a job's rows, as the database has it."""
    job.refresh_from_db()
    assert job.finished_at is not None
    return job.added, job.duplicates, job.refused


def problems(job: ImportJob) -> Problems:
    """Return a job's problems as tuples."""
    return list(job.problems.values_list("row", "field", "reason"))


class TestGoodFiles:
    def test_rows_become_items_with_a_task(self, project: Project, manager: User) -> None:
        job = import_csv(project, manager, GOOD)
        assert outcome(job) == (2, 0, 0)
        items = list(Item.objects.order_by("id"))
        assert [(i.external_id, i.title, i.body) for i in items] == [
            ("1", "First", "One"),
            ("2", "Second", "Two"),
        ]
        assert {item.import_job for item in items} == {job}
        assert [item.tasks.get().assignments.count() for item in items] == [2, 2]
        event = Event.objects.get(verb="imported")
        assert (event.actor, event.after) == (manager, "2 added, 0 known already, 0 refused")

    @pytest.mark.parametrize(
        ("content", "title", "body"),
        [
            ('title,body\n"Two\nlines","a\r\nb"\n', "Two\nlines", "a\r\nb"),
            ('title,body\n"A ""quoted"" word","x, y"\n', 'A "quoted" word', "x, y"),
            ("title,body\nÜbergröße 文字 🎈,naïve\n", "Übergröße 文字 🎈", "naïve"),
            ("\ufefftitle,body\nBOM,x\n", "BOM", "x"),
            ("title,body\r\nWindows,x\r\n", "Windows", "x"),
            ("title,body\n  Spaces  , x \n", "Spaces", "x"),
            ("Headline,TEXT\nOther names,x", "Other names", "x"),
            ("title\nNo body", "No body", ""),
        ],
    )
    def test_texts_survive(
        self, project: Project, manager: User, content: str, title: str, body: str
    ) -> None:
        assert outcome(import_csv(project, manager, content)) == (1, 0, 0)
        item = Item.objects.get()
        assert (item.title, item.body) == (title, body)

    def test_other_columns_become_metadata(self, project: Project, manager: User) -> None:
        import_csv(project, manager, "title,source,year\nFirst,web,2026\n")
        assert Item.objects.get().metadata == {"source": "web", "year": "2026"}

    def test_a_label_counts_as_decided(self, project: Project, manager: User) -> None:
        job = import_csv(project, manager, "title,label,split\nA,beta,holdout\nB,,\n")
        assert outcome(job) == (2, 0, 0)
        labeled, other = Item.objects.order_by("id")
        assert (label_of(labeled), labeled.split) == ("beta", Split.HOLDOUT)
        assert (labeled.tasks.count(), other.tasks.count()) == (0, 1)
        decision = Adjudication.objects.get()
        assert (decision.decided_by, decision.method) == (manager, "imported")
        assert recompute(project=project) == 0

    def test_the_same_file_again_adds_nothing(self, project: Project, manager: User) -> None:
        import_csv(project, manager, GOOD)
        assert outcome(import_csv(project, manager, GOOD)) == (0, 2, 0)
        assert (Item.objects.count(), project.tasks.count()) == (2, 2)

    def test_known_ids_and_known_texts_are_told_apart(
        self, project: Project, manager: User
    ) -> None:
        head = "external_id,title\n"
        import_csv(project, manager, f"{head}a,One\nb,Two\n")
        again = import_csv(project, manager, f"{head}a,Other words\nc,  TWO\nd,Three\nd,Four\n")
        assert (again.added, again.same_id, again.same_text) == (1, 2, 1)

    def test_another_project_takes_the_same_file(
        self, project: Project, other_project: Project, manager: User
    ) -> None:
        import_csv(project, manager, GOOD)
        assert outcome(import_csv(other_project, None, GOOD)) == (2, 0, 0)

    @pytest.mark.parametrize("second", ["2,first,ONE", "1,Something else,Three", "2,  First ,One"])
    def test_an_id_or_a_text_comes_in_once(
        self, project: Project, manager: User, second: str
    ) -> None:
        header = "id,title,description\n"
        job = import_csv(project, manager, f"{header}1,First,One\n{second}\n")
        assert outcome(job) == (1, 1, 0)
        assert outcome(import_csv(project, manager, f"{header}{second}\n")) == (0, 1, 0)

    def test_more_rows_than_a_chunk(self, project: Project, manager: User) -> None:
        lines = "".join(f"Item {number},\n" for number in range(1, 1202))
        job = import_csv(project, manager, f"title,label\nItem 1,\n{lines}Bad,delta\n")
        assert outcome(job) == (1201, 1, 1)
        assert problems(job)[0][0] == 1204


class TestBadRows:
    @pytest.mark.parametrize(
        ("line", "field", "reason"),
        [
            ("A,b,alpha,pool,,extra", "row", "it has 6 fields where the header has 5."),
            ("A,b", "row", "it has 2 fields where the header has 5."),
            (" ,b,alpha,pool,", "title", "it is empty."),
            ("A,b,delta,pool,", "label", "'delta' is not one of alpha, beta, gamma."),
            ("A,b,alpha,test,", "split", "'test' is not one of pool, holdout."),
            ("A,b,,,javascript:alert(1)", "url", "it is not an http or https address."),
            ("A\0,b,,,", "title", UNSTORABLE),
            ("A,b,al\0pha,,", "label", UNSTORABLE),
            (f"{'A' * 1001},b,,,", "title", "it has 1,001 characters; the limit is 1,000."),
            ('A,"b"c,,,', "row", "it is not valid CSV (',' expected after '\"')."),
        ],
    )  # fmt: skip
    def test_are_told_by_number_and_do_not_stop_the_rest(
        self, project: Project, manager: User, line: str, field: str, reason: str
    ) -> None:
        content = f"title,body,label,split,link\nBefore,,,,\n{line}\nAfter,,,,\n"
        job = import_csv(project, manager, content)
        assert outcome(job) == (2, 0, 1)
        assert problems(job) == [(3, field, reason)]
        assert list(Item.objects.order_by("id").values_list("title", flat=True)) == [
            "Before",
            "After",
        ]

    def test_a_nul_in_another_column(self, project: Project, manager: User) -> None:
        job = import_csv(project, manager, "title,note\nA,x\0y\nB,back\\u0000slash\n")
        assert outcome(job) == (1, 0, 1)
        assert problems(job)[0][:2] == (2, "metadata")
        assert Item.objects.get().metadata == {"note": "back\\u0000slash"}

    def test_a_broken_character(self, project: Project, manager: User) -> None:
        """JSON can name half a character; no database stores one."""
        rows = [Row(1, "half \ud800"), Row(2, "A", metadata={"n": float("inf")}), Row(3, "B")]
        job = add_items(project=project, user=manager, rows=rows, source="REST")
        assert outcome(job) == (1, 0, 2)
        assert [found[:2] for found in problems(job)] == [(1, "title"), (2, "metadata")]


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "file: it is empty"),
            (b"\n\n", "file: it is empty"),
            (b"name,note\nA,b\n", "title: no column has this name, nor 'text'"),
            (b'"title,body\nA,b\n', "file: its header is not valid CSV"),
        ],
    )
    def test_are_refused_and_nothing_is_kept(
        self, project: Project, manager: User, content: bytes, message: str
    ) -> None:
        with pytest.raises(Invalid, match=message):
            import_csv(project, manager, content)
        assert not Item.objects.exists()
        assert not ImportJob.objects.exists()

    def test_other_encodings_are_named(self, project: Project, manager: User) -> None:
        job = import_csv(project, manager, "title\nGr\u00fc\u00dfe\n".encode("utf-16"))
        assert (outcome(job), job.encoding) == ((1, 0, 0), "utf-16")
        assert Item.objects.get().title == "Gr\u00fc\u00dfe"

    def test_a_byte_that_is_not_text_refuses_its_row(self, project: Project, manager: User) -> None:
        good = "title\nÜbergröße fünf Bücher für schöne Häuser größere Gärten\n"
        content = good.encode() + b"bad \xff\nGood\n"
        job = import_csv(project, manager, content)
        assert outcome(job) == (2, 0, 1)
        reason = "it holds a byte (0xFF) that its encoding does not have."
        assert problems(job) == [(3, "title", reason)]

    def test_a_long_file_name_is_cut(self, project: Project, manager: User) -> None:
        job = add_items(project=project, user=manager, rows=[Row(1, "A")], source="n" * 300)
        assert len(job.source) == 200

    def test_too_large(self) -> None:
        reject_oversized(10 * 2**20, 10 * 2**20)
        reject_oversized(None, 1)
        with pytest.raises(Invalid, match=r"file: it has 10.5 MiB; the limit is 10 MiB"):
            reject_oversized(21 * 2**19, 10 * 2**20)


class TestEnsureItem:
    def test_makes_an_item_once_and_without_a_task(self, project: Project) -> None:
        made = ensure_item(project=project, external_id="a", title="T", body="B")
        assert ensure_item(project=project, external_id="a", title="Other", body="") == made
        assert ensure_item(project=project, external_id="", title="t", body="b") == made
        assert (Item.objects.count(), made.tasks.count()) == (1, 0)

    def test_takes_the_body_where_there_is_no_title(self, project: Project) -> None:
        assert ensure_item(project=project, external_id="", title="", body="B").title == "B"


class TestCommand:
    @pytest.fixture
    def run(self, project: Project, tmp_path: Path) -> Callable[[bytes], tuple[str, str]]:
        """Write a file, import it into `project` and return what is printed."""

        def inner(content: bytes) -> tuple[str, str]:
            file, out, err = tmp_path / "file.csv", StringIO(), StringIO()
            file.write_bytes(content)
            call_command("import_items", "test", str(file), stdout=out, stderr=err)
            return out.getvalue(), err.getvalue()

        return inner

    def test_prints_the_outcome_and_each_refused_row(
        self, run: Callable[[bytes], tuple[str, str]]
    ) -> None:
        out, err = run(GOOD + b"3,,Three\n")
        assert out == "2 added, 0 known already, 1 refused.\n"
        assert err == "row 4: title: it is empty. Every item needs one.\n"
        assert Item.objects.count() == 2

    def test_fails_on_a_file_that_cannot_be_read(
        self, run: Callable[[bytes], tuple[str, str]]
    ) -> None:
        with pytest.raises(CommandError, match="file: it is empty"):
            run(b"")

    def test_fails_on_a_missing_file(self, project: Project) -> None:
        with pytest.raises(CommandError, match=r"nowhere.csv cannot be read: No such file"):
            call_command("import_items", "test", "nowhere.csv")

    def test_fails_on_an_unknown_project(self, project: Project) -> None:
        with pytest.raises(CommandError, match=r"There is no project 'nope'. Projects: test."):
            call_command("import_items", "nope", "file.csv")
