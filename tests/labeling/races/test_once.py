"""What may happen once, asked for several times at the same moment."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.labeling.races import calls, work
from tests.labeling.races.engines import ENGINES, Crew

SIZE = 4
ROUNDS = 3
TAKEN = "is taken by another project|Project with this Slug already exists"
CONTENT = b"title\n" + b"".join(b"Row %d %s\n" % (n, b"x" * 500) for n in range(4000))


@pytest.fixture(scope="module", params=ENGINES)
def crew(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crew]:
    """Four processes on a database of one engine."""
    with Crew.on(request.param, SIZE, tmp_path_factory.mktemp("once")) as started:
        yield started


def test_one_file_with_one_key_is_one_import(crew: Crew, tmp_path: Path) -> None:
    crew.call(work.prepare, slug="file", people=1, items=0)
    sent = {"folder": str(tmp_path), "slug": "file", "content": CONTENT}
    for number in range(1, ROUNDS + 1):
        answers = crew.race(calls.send_file, [{**sent, "key": f"k{number}"}] * SIZE)
        assert {status for status, _ in answers} == {202}, answers
        assert len({told["id"] for _, told in answers}) == 1
        assert len(crew.call(calls.imports_of, slug="file")) == number
        assert calls.files_in(tmp_path) == number


def test_two_files_with_one_key_are_one_import_and_a_refusal(crew: Crew, tmp_path: Path) -> None:
    crew.call(work.prepare, slug="files", people=1, items=0)
    sent = {"folder": str(tmp_path), "slug": "files", "key": "k"}
    contents = [CONTENT + b"last %d\n" % n for n in range(SIZE)]
    answers = crew.race(calls.send_file, [{**sent, "content": content} for content in contents])
    assert sorted(status for status, _ in answers) == [202, 422, 422, 422], answers
    said = {told["detail"] for status, told in answers if status == 422}
    assert said == {"idempotency_key: it was used before with something else. Take a new one."}
    assert len(crew.call(calls.imports_of, slug="files")) == calls.files_in(tmp_path) == 1


def test_the_same_rows_with_one_key_are_one_import(crew: Crew) -> None:
    crew.call(work.prepare, slug="rows", people=1, items=0)
    answers = crew.race(calls.send_rows, [{"slug": "rows", "key": "k"}] * SIZE)
    assert [status for status, _ in answers] == [201] * SIZE, answers
    assert {(told["id"], told["added"]) for _, told in answers} == {(answers[0][1]["id"], 50)}


def test_one_key_for_two_items_is_one_answer_and_a_refusal(crew: Crew) -> None:
    for number in range(ROUNDS):
        slug = f"two{number}"
        crew.call(work.prepare, slug=slug, people=1, items=3)
        looks = crew.call(work.take_three, slug=slug, person=0, tab="tab")
        runs = [{"slug": slug, "look": look, "key": "the same"} for look in looks]
        answers = crew.race(calls.answer, runs)
        assert sorted(status for status, _ in answers) == [200, 409, 409], answers
        said = {told["detail"] for status, told in answers if status == 409}
        assert said == {"This idempotency key was used for another item."}
        assert len(crew.call(work.tally, slug=slug).votes) == 1


@pytest.mark.parametrize(
    ("make", "made"), [(calls.make_project, 201), (calls.make_project_on_page, 302)]
)
def test_one_address_for_several_projects_goes_to_one(
    crew: Crew, make: Callable[..., calls.Told], made: int
) -> None:
    crew.call(work.prepare, slug=make.__name__, people=1, items=0)
    for number in range(ROUNDS):
        slug = f"{make.__name__.replace('_', '-')}-{number}"
        run = {"username": f"{make.__name__}-0", "slug": slug}
        answers = crew.race(make, [run] * SIZE)
        assert sorted(status for status, _ in answers) == [made, 422, 422, 422], answers
        refused = [told for status, told in answers if status == 422]
        assert all(re.search(TAKEN, str(told)) for told in refused), refused
