"""GET and POST /api/projects/SLUG/items/"""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import User
from labeling.models import ImportJob, Item, Project, Split
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, disagree, label_of

URL = path("items/")
MakeItem = Callable[..., Item]


class TestList:
    @pytest.fixture
    def items(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> list[Item]:
        """One labeled, one in review, one that waits, and one that nobody was asked about."""
        labeled = make_item("Labeled")
        for user in (annotator, second_annotator):
            answer(project, user, "beta")
        review = make_item("Review")
        disagree(review, annotator, second_annotator)
        return [labeled, review, make_item("Open"), make_item("Alone", task=False)]

    def test_lists_the_newest_first_with_label_and_whom_it_waits_for(
        self, items: list[Item], reviewer: User, api_for: ApiFor
    ) -> None:
        found = ok(api_for(reviewer).get(URL))["results"]
        assert [(row["title"], row["label"], row["method"], row["waits"]) for row in found] == [
            ("Alone", None, None, None),
            ("Open", None, None, "open"),
            ("Review", None, None, "review"),
            ("Labeled", "beta", "agreement", None),
        ]
        assert found[0]["split"] == "pool"
        assert found[0]["external_id"] == "item-4"

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ({"status": "labeled"}, ["Labeled"]),
            ({"status": "unlabeled"}, ["Alone", "Open", "Review"]),
            ({"status": "open"}, ["Open"]),
            ({"status": "review"}, ["Review"]),
            ({"label": "beta"}, ["Labeled"]),
            ({"label": "gamma"}, []),
            ({"external_id": "item-2"}, ["Review"]),
            ({"external_id": "item-2", "status": "open"}, []),
        ],
    )
    def test_filters(
        self,
        items: list[Item],
        reviewer: User,
        api_for: ApiFor,
        query: dict[str, str],
        titles: list[str],
    ) -> None:
        found = ok(api_for(reviewer).get(URL, query))["results"]
        assert [row["title"] for row in found] == titles

    def test_refuses_an_unknown_status(
        self, project: Project, reviewer: User, api_for: ApiFor
    ) -> None:
        assert "status" in refused(api_for(reviewer).get(URL, {"status": "odd"}), 400)

    def test_pages_by_key_at_the_same_cost(
        self,
        project: Project,
        reviewer: User,
        make_item: MakeItem,
        api_for: ApiFor,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(25):
            make_item()
        client, seen, url = api_for(reviewer), [], f"{URL}?page_size=10"
        while url:
            with django_assert_max_num_queries(3):
                page = ok(client.get(url))
            seen += [row["title"] for row in page["results"]]
            make_item()  # what comes in meanwhile moves nothing
            url = page["next"]
        assert seen == [f"Item {number}" for number in range(25, 0, -1)]

    @pytest.mark.parametrize("cursor", ["p=abc", "p=", "o=-1", "r=x", "\0"])
    def test_refuses_a_cursor_that_no_page_gave(
        self, project: Project, reviewer: User, api_for: ApiFor, cursor: str
    ) -> None:
        query = {"cursor": b64encode(cursor.encode()).decode()}
        response = api_for(reviewer).get(URL, query)
        assert response.status_code == (200 if cursor == "\0" else 404)

    def test_knows_the_caller_s_project_only(
        self, items: list[Item], outsider: User, api_for: ApiFor
    ) -> None:
        assert ok(api_for(outsider).get(path("items/", "other")))["results"] == []
        refused(api_for(outsider).get(URL), 404)

    def test_is_for_reviewers(self, project: Project, annotator: User, api_for: ApiFor) -> None:
        assert "reviewer" in refused(api_for(annotator).get(URL), 403)


class TestAdd:
    def test_adds_and_tells_what_became_of_each(
        self, project: Project, manager: User, api_for: ApiFor
    ) -> None:
        rows = [
            {"title": "A", "body": "text", "external_id": "a", "url": "https://example.org/a"},
            {"title": "B", "label": "beta", "split": "holdout", "metadata": {"n": [1, None]}},
            {"title": "a", "body": "TEXT"},
            {"title": ""},
            "nonsense",
            {"title": "C", "titel": "D"},
            {"title": 5},
            {"title": "C", "metadata": []},
            {"title": "C\x00"},
            {"title": "C", "body": None},
        ]
        made = ok(api_for(manager).post(URL, {"items": rows}), 201)
        assert (made["added"], made["duplicates"], made["refused"]) == (3, 1, 6)
        assert [(found["row"], found["field"], found["reason"]) for found in made["problems"]] == [
            (4, "title", "it is empty."),
            (5, "row", "it is not an object."),
            (6, "row", "it has the unknown field 'titel'."),
            (7, "title", "it is not text."),
            (8, "metadata", "it is not an object."),
            (9, "title", "it holds a NUL character."),
        ]
        assert (made["source"], made["created_by"]) == ("REST", "manager")
        first, second, _ = Item.objects.order_by("id")
        assert (first.external_id, first.body, first.url) == ("a", "text", "https://example.org/a")
        assert (label_of(second), second.split, second.metadata) == (
            "beta",
            Split.HOLDOUT,
            {"n": [1, None]},
        )

    def test_the_same_again_adds_nothing(
        self, project: Project, manager: User, api_for: ApiFor
    ) -> None:
        body = {"items": [{"title": f"Item {number}"} for number in range(1000)]}
        for outcome in ((1000, 0), (0, 1000)):
            made = ok(api_for(manager).post(URL, body), 201)
            assert (made["added"], made["duplicates"]) == outcome

    @pytest.mark.parametrize(
        ("body", "status", "said"),
        [
            ({}, 400, "items"),
            ([], 400, "items"),
            ({"items": []}, 400, "items"),
            ({"items": {"title": "A"}}, 400, "items"),
            ({"items": [{"title": "A"}] * 1001}, 422, "these are 1,001; the limit is 1,000"),
        ],
    )
    def test_refuses_what_is_no_list_of_items(
        self, project: Project, manager: User, api_for: ApiFor, body: Any, status: int, said: str
    ) -> None:
        assert said in refused(api_for(manager).post(URL, body), status)
        assert not ImportJob.objects.exists()

    def test_refuses_a_body_above_the_limit(
        self, project: Project, manager: User, api_for: ApiFor, settings: Settings
    ) -> None:
        settings.IMPORT_MAX_BYTES = 2**20
        body = {"items": [{"title": "A", "body": "x" * 2**20}]}
        assert "the limit is 1 MiB" in refused(api_for(manager).post(URL, body), 422)

    def test_takes_json_alone(self, project: Project, manager: User, api_for: ApiFor) -> None:
        refused(api_for(manager).post(URL, {"items": "A"}, format="multipart"), 415)
        response = api_for(manager).post(URL, b"{", content_type="application/json")
        assert "JSON parse error" in refused(response, 400)

    def test_is_for_managers(self, project: Project, reviewer: User, api_for: ApiFor) -> None:
        refused(api_for(reviewer).post(URL, {"items": [{"title": "A"}]}), 403)
        assert not Item.objects.exists()
