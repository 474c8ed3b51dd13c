"""POST /api/projects/SLUG/items/import/"""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from accounts.models import User
from labeling.intake_run import run_import
from labeling.models import ImportJob, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused

URL = path("items/import/")
FILE = 'id,title,body\n1,"Zwei\nZeilen",größer\n2,,leer\n3,Three\n'.encode()


Send = Callable[[bytes], Any]


@pytest.fixture(params=["multipart", "raw"])
def send(request: pytest.FixtureRequest, manager: User, api_for: ApiFor) -> Send:
    """Send a file as the manager, in one of the two ways."""

    def as_form(content: bytes) -> Any:
        upload = SimpleUploadedFile("items.csv", content, "text/csv")
        return api_for(manager).post(URL, {"file": upload}, format="multipart")

    def as_body(content: bytes) -> Any:
        return api_for(manager).post(URL, content, content_type="text/csv; charset=utf-8")

    return as_form if request.param == "multipart" else as_body


def done(response: Any, manager: User, api_for: ApiFor) -> Any:
    """Let a worker do what a call has queued, and return the import."""
    made = ok(response, 202)
    run_import(made["id"])
    return ok(api_for(manager).get(path(f"imports/{made['id']}/")))


def test_imports_rows_and_tells_the_bad_ones(
    project: Project, send: Send, manager: User, api_for: ApiFor
) -> None:
    made = done(send(FILE), manager, api_for)
    assert (made["added"], made["duplicates"], made["refused"]) == (1, 0, 2)
    assert [(found["row"], found["field"]) for found in made["problems"]] == [
        (3, "title"),
        (4, "row"),
    ]
    assert made["finished_at"] is not None
    assert made["source"] in {"items.csv", "REST"}
    item = Item.objects.get()
    assert (item.title, item.body) == ("Zwei\nZeilen", "größer")


def test_the_same_file_again_adds_nothing(
    project: Project, send: Send, manager: User, api_for: ApiFor
) -> None:
    done(send(FILE), manager, api_for)
    made = done(send(FILE), manager, api_for)
    assert (made["added"], made["duplicates"]) == (0, 1)


def test_a_large_file_goes_through(
    project: Project, send: Send, manager: User, api_for: ApiFor
) -> None:
    """Larger than what is kept in memory."""
    rows = "".join(f"Item {number},{'x' * 3000}\n" for number in range(1500))
    assert done(send(f"title,body\n{rows}".encode()), manager, api_for)["added"] == 1500


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"PK\x03\x04rest", 422, "is a damaged zip archive"),
        (b"name\nA\n", 422, "title: no column has this name"),
    ],
)
def test_refuses_what_cannot_be_read(
    project: Project, send: Send, content: bytes, status: int, said: str
) -> None:
    assert said in refused(send(content), status)
    assert not ImportJob.objects.exists()


def test_refuses_a_file_above_the_limit(project: Project, send: Send, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 2**20
    said = refused(send(b"title\n" + b"x" * 2**20), 422)
    assert "the limit is 1 MiB" in said
    assert not ImportJob.objects.exists()


def test_needs_a_file(project: Project, manager: User, api_for: ApiFor) -> None:
    assert "file" in refused(api_for(manager).post(URL, {}, format="multipart"), 400)
    assert "file" in refused(
        api_for(manager).post(URL, {"file": "no file"}, format="multipart"), 400
    )
    assert "file" in refused(api_for(manager).post(URL, b"", content_type="text/csv"), 400)
    empty = api_for(manager).post(URL, b"\n", content_type="text/csv")
    assert "it is empty" in refused(empty, 422)


def test_takes_json_as_a_file_too(project: Project, manager: User, api_for: ApiFor) -> None:
    response = api_for(manager).post(URL, [{"title": "A"}], format="json")
    made = done(response, manager, api_for)
    assert (made["format"], made["added"]) == ("json", 1)


def test_the_same_key_answers_the_same(project: Project, manager: User, api_for: ApiFor) -> None:
    def call(content: bytes) -> Any:
        return api_for(manager).post(
            URL, content, content_type="text/csv", headers={"Idempotency-Key": "k"}
        )

    first = done(call(FILE), manager, api_for)
    assert ok(call(FILE), 201)["id"] == first["id"]
    assert "idempotency_key" in refused(call(FILE + b"x"), 422)
    assert ImportJob.objects.count() == 1


def test_a_mapping_and_missing_labels(project: Project, manager: User, api_for: ApiFor) -> None:
    query = "?mapping=%7B%22Betreff%22%3A%22title%22%2C%22Art%22%3A%22label%22%7D&add_labels=true"
    content = b"Betreff;Art\nA;neu\nB;alpha\n"
    made = done(
        api_for(manager).post(URL + query, content, content_type="text/csv"), manager, api_for
    )
    assert (made["added"], made["refused"]) == (2, 0)
    assert project.labels.filter(name="neu").exists()


def test_is_for_managers(project: Project, reviewer: User, outsider: User, api_for: ApiFor) -> None:
    refused(api_for(reviewer).post(URL, FILE, content_type="text/csv"), 403)
    refused(api_for(outsider).post(URL, FILE, content_type="text/csv"), 404)
    assert not Item.objects.exists()
