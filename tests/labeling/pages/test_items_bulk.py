"""Acting on selected items by the page, and taking a deletion back."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import take

MakeItem = Callable[..., Item]


@pytest.fixture
def client(manager: User, client_for: Callable[[User], Client]) -> Client:
    """The manager's browser."""
    return client_for(manager)


def test_it_asks_first_then_deletes_and_offers_undo(
    project: Project, client: Client, make_item: MakeItem
) -> None:
    items = [make_item(), make_item()]
    form = {"action": "delete", "item": [item.pk for item in items], "query": "q="}
    assert "<b>2 items</b>" in text_of(client.post(at("items-bulk"), form))
    assert project.items.count() == 2
    response = client.post(at("items-bulk"), form | {"sure": "1"}, follow=True)
    undo = at("deletion-restore", project.deletions.get().pk)
    assert f'data-lift="2 items deleted." data-state="ok" data-undo="{undo}"' in text_of(response)
    assert project.items.count() == 0
    assert client.post(undo, headers=PART)["HX-Refresh"] == "true"
    assert project.items.count() == 2
    assert "restored" in text_of(client.get(at("deletions")))


def test_all_that_match_are_those_of_the_filter(
    project: Project, client: Client, make_item: MakeItem
) -> None:
    make_item("Heron")
    make_item("Stork")
    form = {"action": "delete", "all": "1", "query": "q=heron", "sure": "1"}
    client.post(at("items-bulk"), form)
    assert project.items.get().title == "Stork"


def test_members_are_chosen_and_only_they_get_them(
    project: Project,
    annotator: User,
    second_annotator: User,
    client: Client,
    make_item: MakeItem,
) -> None:
    item, other = make_item(), make_item()
    assert 'name="action" value="assign"' in text_of(client.get(at("items")))
    form = {"action": "assign", "item": str(item.pk), "query": ""}
    page = text_of(client.post(at("items-bulk"), form))
    assert f'name="member" value="{second_annotator.pk}"' in page
    assert "Let anyone have them again" in page
    chosen = form | {"sure": "1", "member": str(second_annotator.pk)}
    assert told(client.post(at("items-bulk"), chosen)) == ["1 waiting item kept for second."]
    shown = text_of(client.get(at("item", item.pk)))
    assert "<dt>Kept for</dt><dd>second</dd>" in shown
    assert "Kept for" not in text_of(client.get(at("item", other.pk)))
    assert take(project, annotator).task.item == other
    assert take(project, second_annotator).task.item == item
    again = form | {"sure": "1", "anyone": "1"}
    assert (
        told(client.post(at("items-bulk"), again))[-1]
        == "1 waiting item may be had by everybody again."
    )
    assert item.tasks.get().reserved == []


def test_people_of_other_projects_cannot_be_chosen(
    project: Project, outsider: User, client: Client, make_item: MakeItem
) -> None:
    form = {"action": "assign", "item": make_item().pk, "sure": "1", "member": outsider.pk}
    [message] = told(client.post(at("items-bulk"), form))
    assert message == "members: choose people who are members of this project."


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "delete"}, "items: none is selected"),
        ({"action": "priority", "item": "1"}, "priority: Say which"),
        ({"action": "burn"}, "action: "),
        ({"action": "assign", "item": "1", "sure": "1"}, "members: choose at least one"),
        ({"action": "assign", "item": "1", "sure": "1", "anyone": "1"}, "items: none"),
    ],
)
def test_refusals_come_back_as_messages(
    project: Project, client: Client, form: dict[str, str], said: str
) -> None:
    [message] = told(client.post(at("items-bulk"), form))
    assert message.startswith(said)
