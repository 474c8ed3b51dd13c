"""/api/projects/SLUG/exports/ and below: exports that a worker writes."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.export import job as export
from labeling.export.job import run_export
from labeling.models import ExportJob, Item, JobState, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.exporting import content_of, lines_of

URL = path("exports/")
Make = Callable[..., Item]


@pytest.fixture(autouse=True)
def _unattended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "nudge", lambda _: None)


def test_start_watch_fetch(make_item: Make, manager: User, api_for: ApiFor) -> None:
    make_item("One", split="holdout")
    make_item("Two")
    client = api_for(manager)
    sent = {"format": "jsonl", "evidence": True, "filters": {"split": "holdout"}}
    job = ok(client.post(URL, sent), 201)
    assert (job["state"], job["total"], job["ready"]) == ("queued", 1, False)
    assert client.get(f"{URL}{job['id']}/file/").status_code == 404
    run_export(job["id"])
    assert ok(client.get(f"{URL}{job['id']}/"))["ready"]
    file = client.get(f"{URL}{job['id']}/file/")
    assert [row["title"] for row in lines_of(content_of(file))] == ["One"]
    assert [row["id"] for row in ok(client.get(URL))["results"]] == [job["id"]]


def test_a_second_one_waits_for_the_first(project: Project, manager: User, api_for: ApiFor) -> None:
    client = api_for(manager)
    ok(client.post(URL, {"format": "csv"}), 201)
    assert "queued or running" in refused(client.post(URL, {"format": "csv"}), 409)


def test_cancel(project: Project, manager: User, api_for: ApiFor) -> None:
    client = api_for(manager)
    job = ok(client.post(URL, {"format": "csv"}), 201)
    assert ok(client.post(f"{URL}{job['id']}/cancel/"))["state"] == "cancelled"
    assert "ended already: cancelled" in refused(client.post(f"{URL}{job['id']}/cancel/"), 409)


def test_exports_with_votes_are_hidden_from_reviewers(
    project: Project, reviewer: User, api_for: ApiFor
) -> None:
    hidden = ExportJob.objects.create(
        project=project, format="csv", evidence=True, state=JobState.SUCCEEDED
    )
    client = api_for(reviewer)
    assert ok(client.get(URL))["results"] == []
    for rest in ("", "file/"):
        assert client.get(f"{URL}{hidden.pk}/{rest}").status_code == 404
    assert client.post(f"{URL}{hidden.pk}/cancel/").status_code == 404
    assert "only managers" in refused(client.post(URL, {"format": "csv", "evidence": True}), 403)


def test_an_unknown_format_is_told(project: Project, manager: User, api_for: ApiFor) -> None:
    assert "format" in refused(api_for(manager).post(URL, {"format": "docx"}), 400)


@pytest.mark.parametrize("count", [2, 20])
def test_the_list_costs_few_queries(
    count: int,
    project: Project,
    manager: User,
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(count):
        ExportJob.objects.create(
            project=project, format="csv", state=JobState.SUCCEEDED, created_by=manager
        )
    with django_assert_max_num_queries(4):
        assert len(ok(api_for(manager).get(URL))["results"]) == count
