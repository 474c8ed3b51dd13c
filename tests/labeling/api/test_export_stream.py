"""GET /api/projects/SLUG/export/"""

from collections.abc import Callable

from accounts.models import User
from labeling.models import Event, Item, Project
from tests.labeling.api.calls import ApiFor, path, refused
from tests.labeling.exporting import content_of, lines_of, table_of

URL = path("export/")
Make = Callable[..., Item]


def test_streams_the_items(make_item: Make, manager: User, api_for: ApiFor) -> None:
    make_item("One")
    response = api_for(manager).get(URL, {"as": "jsonl", "evidence": "true"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-ndjson"
    assert response["Content-Disposition"].startswith('attachment; filename="test-')
    assert [row["title"] for row in lines_of(content_of(response))] == ["One"]


def test_takes_the_filters_of_the_list(make_item: Make, reviewer: User, api_for: ApiFor) -> None:
    make_item("One")
    make_item("Two", split="holdout")
    response = api_for(reviewer).get(URL, {"as": "csv", "split": "holdout"})
    assert [row["title"] for row in table_of(content_of(response))] == ["Two"]


def test_is_recorded(make_item: Make, reviewer: User, api_for: ApiFor) -> None:
    content_of(api_for(reviewer).get(URL, {"as": "csv", "split": "pool"}))
    event = Event.objects.get(verb="exported")
    assert (event.actor, event.after, event.reason) == (reviewer, "csv", "split=pool")


def test_votes_are_for_managers(project: Project, reviewer: User, api_for: ApiFor) -> None:
    response = api_for(reviewer).get(URL, {"as": "jsonl", "evidence": "true"})
    assert "only managers export votes" in refused(response, 403)


def test_an_unknown_format_is_told(project: Project, reviewer: User, api_for: ApiFor) -> None:
    assert "format" in refused(api_for(reviewer).get(URL, {"as": "docx"}), 400)


def test_a_format_without_room_for_votes_is_told(
    project: Project, manager: User, api_for: ApiFor
) -> None:
    response = api_for(manager).get(URL, {"as": "doccano", "evidence": "true"})
    assert "has no place for votes" in refused(response, 422)


def test_annotators_get_nothing(project: Project, annotator: User, api_for: ApiFor) -> None:
    assert refused(api_for(annotator).get(URL, {"as": "csv"}), 403)
