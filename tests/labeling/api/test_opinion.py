"""POST /api/projects/SLUG/review/TASK/opinion/"""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.models import Event, Item, Project, Split, Task, TaskReason
from labeling.queue import want_look
from tests.labeling.api.calls import ApiFor, ok, path, refused

MakeItem = Callable[..., Item]
SAID = {"label": "beta", "confidence": 0.9, "source": "linear 3"}


def report(item: Item) -> Task:
    """Bring an item before a reviewer, of which a model says beta."""
    task, _ = want_look(
        project=item.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=0,
        priority=0,
        suggestion=item.project.labels.get(name="beta"),
        confidence=0.9,
        source="linear 3",
        review=True,
    )
    return task


@pytest.fixture
def case(make_item: MakeItem) -> Task:
    """A reported item."""
    return report(make_item(task=False))


def url(case: Task, slug: str = "test") -> str:
    """Return where to ask about a case."""
    return path(f"review/{case.pk}/opinion/", slug)


def test_tells_what_a_model_says_and_records_who_asked(
    case: Task, reviewer: User, api_for: ApiFor
) -> None:
    client = api_for(reviewer)
    assert ok(client.post(url(case))) == ok(client.post(url(case))) == SAID
    event = Event.objects.get(verb="asked for a model's opinion")
    assert (event.actor, event.subject_id) == (reviewer, str(case.pk))


def test_the_list_has_it_for_who_asked(
    case: Task, reviewer: User, manager: User, api_for: ApiFor
) -> None:
    def listed(user: User) -> object:
        [found] = ok(api_for(user).get(path("review/")))["results"]
        return found["suggestion"]

    assert listed(reviewer) is None
    api_for(reviewer).post(url(case))
    assert listed(reviewer) == SAID
    assert listed(manager) is None


def test_a_blind_case_is_decided_without(
    make_item: MakeItem, reviewer: User, api_for: ApiFor
) -> None:
    case = report(make_item(task=False, split=Split.HOLDOUT))
    assert "decided without a model" in refused(api_for(reviewer).post(url(case)), 409)
    assert b"linear 3" not in api_for(reviewer).get(path("review/")).content


def test_says_where_no_model_knows_the_item(
    project: Project, make_item: MakeItem, reviewer: User, api_for: ApiFor
) -> None:
    case, _ = want_look(
        project=project,
        item=make_item(task=False),
        reason=TaskReason.REPORT,
        looks=0,
        priority=0,
        review=True,
    )
    assert "No model has said" in refused(api_for(reviewer).post(url(case)), 409)


def test_finds_cases_of_the_project_alone(
    case: Task, annotator: User, outsider: User, api_for: ApiFor
) -> None:
    refused(api_for(annotator).post(url(case)), 403)
    refused(api_for(outsider).post(url(case)), 404)
    refused(api_for(outsider).post(url(case, "other")), 404)
