"""What the loop page counts is what the page that it leads to shows, however much there is."""

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Project
from tests.contracts.crowd import grow
from tests.contracts.world import build_world


@pytest.fixture
def client(project: Project, manager: User, annotator: User) -> Client:
    """The manager of a crowded project."""
    grow(project, build_world(project), range(4))
    browser = Client()
    browser.force_login(manager)
    return browser


def step(client: Client, number: int) -> tuple[int, str]:
    """Return what the loop page counts at a step, and the address that it leads to."""
    card = client.get("/p/test/").context["cards"][number - 1]
    return card.figure.count, card.url


def test_data_leads_to_as_many_items(client: Client) -> None:
    count, address = step(client, 1)
    page = client.get(address).context
    assert (page["count"], page["more"], len(page["page"].rows)) == (count, False, count)


def test_review_leads_to_as_many_cases(client: Client) -> None:
    count, address = step(client, 3)
    waiting = client.get(address).context["waiting"]
    assert waiting.total + waiting.others == count
    assert len(waiting.cases) == waiting.total == sum(each for _, _, each in waiting.by_reason[:2])
    for reason, _, listed in waiting.by_reason:
        narrowed = client.get(address, {"reason": reason}).context["waiting"]
        assert len(narrowed.cases) == listed
