"""The pull of suggestions: on the Quality page, in the settings, and what follows from it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.anchoring import measured
from labeling.models import Annotation, Event, Item, Project, Task
from labeling.tasks import watch_anchoring
from tests.labeling.pages.browse import at, text_of, told
from tests.labeling.pulled import pull

MakeItem = Callable[..., Item]
ClientFor = Callable[[User], Client]
REASON = (
    "Annotators agree with the suggestion 40 points [23, 54] more often where they see it; "
    "the limit is 10."
)


def stands(project: Project) -> bool:
    """Tell whether suggestions are on, as stored."""
    project.refresh_from_db()
    return project.suggestions_on


def test_it_shows_shares_and_difference_with_their_intervals(
    annotator: User, manager: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    pull(make_item, annotator, shown=(54, 60), hidden=(25, 50))
    page = text_of(client_for(manager).get(at("quality")))
    section = page[page.index('id="anchoring"') :]
    assert '<a href="/p/test/items/?suggestion=shown">0.90</a> <span>[0.80, 0.95]</span>' in section
    assert (
        '<a href="/p/test/items/?suggestion=hidden">0.50</a> <span>[0.37, 0.63]</span>' in section
    )
    assert "0.40 <span>[0.23, 0.54]</span>" in section


@pytest.mark.parametrize(("how", "count"), [("shown", 3), ("hidden", 2)])
def test_each_figure_leads_to_its_items(
    how: str,
    count: int,
    annotator: User,
    reviewer: User,
    make_item: MakeItem,
    client_for: ClientFor,
) -> None:
    pull(make_item, annotator, shown=(1, 3), hidden=(1, 2))
    make_item()
    page = text_of(client_for(reviewer).get(at("items") + f"?suggestion={how}"))
    assert f"{count} items match" in page


def test_annotators_are_told_nothing_of_it(
    annotator: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    pull(make_item, annotator, shown=(1, 3), hidden=(1, 2))
    assert "anchoring" not in text_of(client_for(annotator).get(at("quality")))


def test_with_too_few_it_says_how_many_are_missing(
    annotator: User, manager: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    pull(make_item, annotator, shown=(50, 50), hidden=(0, 49))
    page = text_of(client_for(manager).get(at("quality")))
    assert "50 with the suggestion shown and 49 with it hidden; it takes 50 of each." in page
    watch_anchoring()
    assert stands(annotator.memberships.get().project)


def test_beyond_the_limit_suggestions_go_off_and_the_manager_is_told(
    project: Project, annotator: User, manager: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    pull(make_item, annotator, shown=(54, 60), hidden=(25, 50))
    watch_anchoring()
    assert not stands(project)
    event = Event.objects.get(verb="turned suggestions off")
    assert (event.actor, event.before, event.after, event.reason) == (None, "on", "off", REASON)
    watch_anchoring()
    assert Event.objects.filter(verb="turned suggestions off").count() == 1
    client = client_for(manager)
    for page in ("quality", "settings"):
        assert "Annotators are shown no suggestions" in text_of(client.get(at(page)))
        assert REASON in text_of(client.get(at(page)))


@pytest.mark.parametrize(("limit", "on"), [(0.23, False), (0.25, True)])
def test_the_lower_bound_decides(
    limit: float, on: bool, project: Project, annotator: User, make_item: MakeItem
) -> None:
    """The difference is 0.40 [0.23, 0.54]."""
    Project.objects.update(anchoring_limit=limit)
    pull(make_item, annotator, shown=(54, 60), hidden=(25, 50))
    watch_anchoring()
    assert stands(project) == on


def test_what_does_not_count(project: Project, annotator: User, make_item: MakeItem) -> None:
    """Blind tasks, tasks whose label is gone, imported answers and answers that were taken back."""
    pull(make_item, annotator, shown=(1, 5), hidden=(0, 0))
    first, second, third, fourth, _ = Annotation.objects.select_related("assignment__task")
    Task.objects.filter(pk=first.assignment.task_id).update(blind=True, suggestion=None)
    Task.objects.filter(pk=second.assignment.task_id).update(suggestion=None)
    Annotation.objects.filter(pk=third.pk).update(imported=True)
    Annotation.objects.create(
        project=project,
        item_id=fourth.item_id,
        assignment=fourth.assignment,
        annotator=annotator,
        supersedes=fourth,
        idempotency_key="undo",
    )
    assert measured(project).count() == 1


def test_a_manager_turns_them_on_again_with_a_reason_and_it_counts_anew(
    project: Project, annotator: User, manager: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    pull(make_item, annotator, shown=(54, 60), hidden=(25, 50))
    watch_anchoring()
    client = client_for(manager)
    url = at("settings-suggestions-switch")
    refused = client.post(url, {"on": "True", "reason": " "})
    assert refused.status_code == 422
    assert not stands(project)
    done = client.post(url, {"on": "True", "reason": "The guideline says now to judge first"})
    assert done["Location"] == "/p/test/settings/#suggestions"
    assert told(done) == ["Suggestions are on."]
    event = Event.objects.get(verb="turned suggestions on")
    assert (event.actor, event.reason) == (manager, "The guideline says now to judge first")
    watch_anchoring()
    assert stands(project)
    assert "Nobody has answered a task with a suggestion yet" in text_of(client.get(at("quality")))


def test_two_managers_that_turn_them_on_at_once(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    client = client_for(manager)
    second = client.post(at("settings-suggestions-switch"), {"on": "True", "reason": "late"})
    assert second.status_code == 422
    assert "Suggestions are on already; reload the page." in text_of(second)


def test_share_and_limit_are_set(project: Project, manager: User, client_for: ClientFor) -> None:
    client, url = client_for(manager), at("settings-suggestions")
    sent = {"hidden_share": "0.25", "anchoring_limit": "0.05"}
    assert client.post(url, sent).status_code == 302
    project.refresh_from_db()
    assert (project.hidden_share, project.anchoring_limit) == (0.25, 0.05)
    event = Event.objects.get(verb="changed anchoring")
    assert (event.before, event.after) == ("hidden 0.1, limit 0.1", "hidden 0.25, limit 0.05")
    assert client.post(url, sent | {"hidden_share": "1"}).status_code == 422
