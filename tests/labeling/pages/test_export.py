"""The export page and what it leads to."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.export import download
from labeling.export import job as export
from labeling.export.job import run_export
from labeling.models import ExportJob, Item, JobState, Project
from tests.labeling.exporting import content_of, table_of
from tests.labeling.pages.browse import PART, at, text_of

Make = Callable[..., Item]


@pytest.fixture(autouse=True)
def _unattended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "nudge", lambda _: None)


@pytest.fixture
def client(manager: User, client_for: Callable[[User], Client]) -> Client:
    """The manager's browser."""
    return client_for(manager)


def test_counts_what_the_filters_leave(client: Client, make_item: Make) -> None:
    make_item("One")
    make_item("Two", split="holdout")
    assert "2 items" in text_of(client.get(at("export-new")))
    assert "1 item with split holdout" in text_of(client.get(at("export-new") + "?split=holdout"))


def test_the_list_leads_to_an_export_of_what_it_shows(client: Client, make_item: Make) -> None:
    make_item("One")
    page = text_of(client.get(at("items") + "?split=pool&q=one"))
    assert f'href="{at("export-new")}?q=one&amp;split=pool"' in page


def test_a_small_file_is_sent_at_once(client: Client, make_item: Make) -> None:
    make_item("One")
    make_item("Two", split="holdout")
    response = client.post(at("export-new") + "?split=holdout", {"format": "csv"})
    assert response["Content-Disposition"].startswith("attachment")
    assert [row["title"] for row in table_of(content_of(response))] == ["Two"]
    assert not ExportJob.objects.exists()


def test_a_large_one_is_a_job(
    client: Client, make_item: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "AT_ONCE", 1)
    make_item("One")
    make_item("Two")
    client.post(at("export-new"), {"format": "jsonl", "evidence": "on"})
    job = ExportJob.objects.get()
    assert (job.format, job.evidence, job.total) == ("jsonl", True, 2)
    assert "Waiting for a worker" in text_of(client.get(at("export-live"), headers=PART))
    run_export(job.pk)
    page = text_of(client.get(at("export-new")))
    assert at("export-file", job.pk) in page
    assert "2 of 2" in page
    assert content_of(client.get(at("export-file", job.pk))).count(b"\n") == 2


def test_what_cannot_be_exported_is_told_above_the_form(client: Client, make_item: Make) -> None:
    make_item("One")
    response = client.post(at("export-new"), {"format": "doccano", "evidence": "on"})
    assert response.status_code == 422
    assert "Doccano (JSON lines) has no place for votes" in text_of(response)


def test_reviewers_are_not_offered_votes(
    make_item: Make, reviewer: User, client_for: Callable[[User], Client]
) -> None:
    make_item("One")
    browser = client_for(reviewer)
    assert "With votes" not in text_of(browser.get(at("export-new")))
    response = browser.post(at("export-new"), {"format": "csv", "evidence": "on"})
    assert "votes" not in table_of(content_of(response))[0]


def test_a_running_one_can_be_stopped(client: Client, project: Project) -> None:
    job = ExportJob.objects.create(project=project, format="csv", state=JobState.RUNNING)
    client.post(at("export-cancel", job.pk))
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    client.post(at("export-cancel", job.pk))


def test_a_removed_file_says_so(client: Client, project: Project) -> None:
    job = ExportJob.objects.create(project=project, format="csv", state=JobState.SUCCEEDED)
    assert "file removed after 7 days" in text_of(client.get(at("export-new")))
    assert client.get(at("export-file", job.pk)).status_code == 404


def test_an_empty_project_says_so(client: Client, project: Project) -> None:
    assert "There is nothing to export" in text_of(client.get(at("export-new")))
    assert "No item matches" in text_of(client.get(at("export-new") + "?q=nothing"))


@pytest.mark.parametrize("count", [1, 15])
def test_the_page_costs_few_queries(
    count: int,
    client: Client,
    project: Project,
    manager: User,
    make_item: Make,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        make_item()
        ExportJob.objects.create(
            project=project, format="csv", state=JobState.SUCCEEDED, created_by=manager
        )
    with django_assert_max_num_queries(8):
        client.get(at("export-new"))
