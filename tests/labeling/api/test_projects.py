"""GET and POST /api/projects/"""

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.keys import create_key
from accounts.models import User
from labeling.models import Project, Role
from tests.conftest import join
from tests.labeling.api.calls import ApiFor, ok, refused

URL = "/api/projects/"
NEW = {"name": "New", "slug": "new", "labels": [{"name": "yes"}, {"name": "no", "key": "d"}]}


class TestList:
    def test_lists_the_caller_s_projects_with_the_role(
        self, project: Project, other_project: Project, reviewer: User, api_for: ApiFor
    ) -> None:
        [found] = ok(api_for(reviewer).get(URL))["results"]
        assert (found["slug"], found["name"], found["role"]) == ("test", "Test project", "reviewer")
        assert (found["overlap"], found["max_looks"]) == (2, 2)

    def test_costs_the_same_for_many(
        self,
        manager: User,
        api_for: ApiFor,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for number in range(20):
            project = Project.objects.create(name=f"P{number}", slug=f"p{number}")
            project.memberships.create(user=manager, role=Role.MANAGER)
        with django_assert_max_num_queries(3):
            assert len(ok(api_for(manager).get(URL))["results"]) == 20

    def test_needs_a_sign_in(self, db: None) -> None:
        response = APIClient().get(URL)
        assert "credentials" in refused(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize(
        ("scopes", "method", "status"),
        [
            (["read"], "get", 200),
            (["read"], "post", 403),
            (["write"], "get", 403),
            (["write"], "post", 400),
            (["tag"], "get", 403),
        ],
    )
    def test_a_key_needs_the_scope(
        self, manager: User, scopes: list[str], method: str, status: int
    ) -> None:
        _, secret = create_key(user=manager, name="key", scopes=scopes)
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert getattr(client, method)(URL, {}).status_code == status


class TestCreate:
    def test_makes_a_project_that_the_caller_manages(self, manager: User, api_for: ApiFor) -> None:
        response = api_for(manager).post(URL, NEW | {"guideline": "# Yes", "overlap": 3})
        made = ok(response, 201)
        assert response["Location"] == "http://testserver/api/projects/new/"
        assert (made["slug"], made["role"], made["max_looks"]) == ("new", "manager", 3)
        labels = [(label["name"], label["key"], label["keywords"]) for label in made["labels"]]
        assert labels == [("yes", "1", []), ("no", "d", [])]
        assert (made["guideline"]["version"], made["guideline"]["text"]) == (1, "# Yes")
        assert Project.objects.get(slug="new").memberships.get().user == manager

    @pytest.mark.parametrize(
        ("fields", "status", "said"),
        [
            ({"name": ""}, 400, "name"),
            ({"slug": "not a slug"}, 400, "slug"),
            ({"labels": "yes, no"}, 400, "labels"),
            ({"labels": [{"key": "x"}]}, 400, "labels"),
            ({"overlap": 0}, 400, "overlap"),
            ({"overlap_share": -0.1}, 400, "overlap_share"),
            ({"overlap": 3, "max_looks": 2}, 400, "max_looks"),
            ({"labels": [{"name": "one"}]}, 422, "labels: a project needs at least two."),
            (
                {"labels": [{"name": "a"}, {"name": "b", "key": "z"}]},
                422,
                "key: 'z' does something",
            ),
            ({"slug": "test"}, 422, "slug: 'test' is taken by another project."),
        ],
    )
    def test_refuses_what_makes_no_project(
        self,
        project: Project,
        manager: User,
        api_for: ApiFor,
        fields: dict[str, Any],
        status: int,
        said: str,
    ) -> None:
        assert said in refused(api_for(manager).post(URL, NEW | fields), status)
        assert Project.objects.count() == 1

    def test_is_open_to_whoever_signs_in(self, project: Project, api_for: ApiFor) -> None:
        user = join(project, "anybody", Role.ANNOTATOR)
        assert ok(api_for(user).post(URL, NEW), 201)["role"] == "manager"
