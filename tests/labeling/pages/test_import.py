"""Importing a file by page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from labeling.intake_run import run_import
from labeling.models import ImportJob, Item, Project
from tests.labeling.pages.browse import at, text_of

ClientFor = Callable[[User], Client]


@pytest.fixture
def client(project: Project, manager: User, client_for: ClientFor) -> Client:
    """The manager's browser."""
    return client_for(manager)


def go(client: Client, content: str | bytes, name: str = "items.csv") -> ImportJob:
    """Send a file, start its import as the page does, and let a worker do it."""
    response = upload(client, content, name)
    job = ImportJob.objects.latest("pk")
    assert response["Location"] == f"/p/test/items/import/{job.pk}/"
    assert not job.added
    fields = {f"column-{place}": field for place, field in enumerate(job.mapping.values())}
    client.post(at("import-start", job.pk), fields)
    run_import(job.pk)
    job.refresh_from_db()
    return job


def upload(client: Client, content: str | bytes, name: str = "items.csv") -> Any:
    """Send a file as the page does."""
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, data, content_type="text/csv")
    return client.post(at("items-import"), {"file": file})


def test_rows_come_in_and_bad_ones_are_reported(client: Client) -> None:
    job = go(
        client,
        'title,body,label,lang\n"Two\nlines",Grüße 🌊,,de\n'
        ",no title,,\nThird,,delta,\nFourth,,beta,",
    )
    assert list(Item.objects.order_by("pk").values_list("title", "body")) == [
        ("Two\nlines", "Grüße 🌊"),
        ("Fourth", ""),
    ]
    page = text_of(client.get(at("import", job.pk)))
    assert '<td class="num">3</td><td>title</td>' in page
    assert "Every item needs one." in page
    assert '<td class="num">4</td><td>label</td>' in page
    assert "&#x27;delta&#x27; is not one of alpha, beta, gamma." in page
    assert "by manager," in page


def test_votes_are_shown_as_votes_before_they_come_in(
    client: Client, make_item: Callable[..., Item]
) -> None:
    make_item()
    votes = "external_id,annotator,label\nitem-1,Grace H,alpha\nnone,Grace H,alpha\n"
    shown = text_of(client.get(upload(client, votes, "votes.csv")["Location"]))
    assert '<th scope="col">Annotator</th><th scope="col">Label</th>' in shown
    assert '<td>item-1</td><td class="wrap">Grace H</td><td>alpha</td>' in shown
    assert "no item has the id" in shown


def test_the_same_file_again_adds_nothing(client: Client) -> None:
    for _ in range(2):
        go(client, "title\nOne\nTwo")
    assert Item.objects.count() == 2
    newest = ImportJob.objects.first()
    assert newest is not None
    assert (newest.added, newest.duplicates, newest.refused) == (0, 2, 0)


def test_a_file_too_large_for_memory_is_read_from_disk(client: Client, settings: Any) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    go(client, "title\nOne\nTwo")
    assert Item.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The submitted file is empty."),
        (b"headline2\nx", "title: no column has this name, nor &#x27;text&#x27;"),
        (b"PK\x03\x04rest", "is a damaged zip archive"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    content: bytes, message: str, client: Client
) -> None:
    response = upload(client, content)
    assert response.status_code == 422
    assert message in text_of(response)
    assert not Item.objects.exists()


def test_a_file_above_the_limit_is_refused(client: Client, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 4
    response = upload(client, "title\nOne")
    assert response.status_code == 422
    assert "Split it and send the parts" in text_of(response)


def test_without_a_file_it_asks_for_one(client: Client) -> None:
    response = client.post(at("items-import"))
    assert response.status_code == 422
    assert "This field is required." in text_of(response)


def test_a_reviewer_may_not(reviewer: User, client_for: ClientFor) -> None:
    assert upload(client_for(reviewer), "title\nOne").status_code == 403
    assert not Item.objects.exists()


def test_earlier_imports_are_listed(client: Client) -> None:
    go(client, "title\nOne\nTwo\n,", name="<b>.csv")
    page = text_of(client.get(at("items-import")))
    assert "&lt;b&gt;.csv</a>" in page
    assert '<td class="num">2</td>' in page


def test_another_projects_import_is_not_found(client: Client, other_project: Project) -> None:
    foreign = ImportJob.objects.create(project=other_project, source="theirs.csv")
    assert client.get(at("import", foreign.pk)).status_code == 404
