"""GET /api/projects/SLUG/imports/ and /imports/ID/"""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.intake import add_items
from labeling.models import ImportJob, Project
from labeling.readers import Row
from tests.labeling.api.calls import ApiFor, ok, path, refused


@pytest.fixture
def job(project: Project, manager: User) -> ImportJob:
    """An import with one row that was refused."""
    rows = [Row(2, "A"), Row(3, "")]
    return add_items(project=project, user=manager, rows=rows, source="file.csv")


def test_lists_the_newest_first(
    project: Project,
    manager: User,
    job: ImportJob,
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(20):
        add_items(project=project, user=None, rows=[], source="REST")
    with django_assert_max_num_queries(3):
        found = ok(api_for(manager).get(path("imports/")))["results"]
    assert len(found) == 21
    assert (found[0]["source"], found[0]["created_by"]) == ("REST", None)
    assert (found[-1]["source"], found[-1]["created_by"]) == ("file.csv", "manager")
    assert (found[-1]["added"], found[-1]["refused"]) == (1, 1)
    assert "problems" not in found[-1]


def test_one_tells_its_problems(manager: User, job: ImportJob, api_for: ApiFor) -> None:
    found = ok(api_for(manager).get(path(f"imports/{job.pk}/")))
    assert found["problems"] == [
        {"row": 3, "field": "title", "reason": "it is empty.", "fix": "Every item needs one."}
    ]


def test_finds_imports_of_the_project_alone(
    manager: User, outsider: User, job: ImportJob, api_for: ApiFor
) -> None:
    refused(api_for(manager).get(path(f"imports/{job.pk + 1}/")), 404)
    refused(api_for(outsider).get(path(f"imports/{job.pk}/", "other")), 404)
    assert ok(api_for(outsider).get(path("imports/", "other")))["results"] == []


def test_is_for_managers(reviewer: User, job: ImportJob, api_for: ApiFor) -> None:
    for rest in ("imports/", f"imports/{job.pk}/"):
        refused(api_for(reviewer).get(path(rest)), 403)
