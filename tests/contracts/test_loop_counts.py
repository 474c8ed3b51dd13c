"""What the loop page counts is what the page that it leads to shows, however much there is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from classifier.models import Evaluation, ModelVersion, Stage
from labeling.models import Item, Project
from tests.contracts.crowd import grow
from tests.contracts.world import build_world


@pytest.fixture
def client(project: Project, manager: User, annotator: User) -> Client:
    """The manager of a crowded project."""
    grow(project, build_world(project), range(4))
    browser = Client()
    browser.force_login(manager)
    return browser


def step(client: Client, number: int) -> tuple[Any, str]:
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


def test_labels_wait_on_as_many_items_as_the_list_tells(
    manager: User, make_item: Callable[..., Item]
) -> None:
    for number in range(5):
        make_item(task=number < 3)
    client = Client()
    client.force_login(manager)
    assert step(client, 2)[0] == 3
    assert client.get("/p/test/items/", {"status": "waiting"}).context["count"] == 3


def test_evaluation_leads_to_the_models_that_wait_for_approval(client: Client) -> None:
    put_in_service(101)
    for number, passed in ((100, True), (102, True), (103, False)):
        Evaluation.objects.filter(model_version__number=number).update(passed=passed)
    count, address = step(client, 5)
    rows = client.get(address).context["rows"]
    stages = {row.model.number: (row.model.stage, row.gate) for row in rows}
    # Model 100 came before the champion, and the gate of 103 is shut.
    assert count == 1
    assert stages[102] == ("candidate", "passed")
    assert stages[103] != stages[102]


def test_rollout_leads_to_the_model_that_answers(client: Client) -> None:
    put_in_service(101)
    count, address = step(client, 6)
    assert count == "model 101"
    assert client.get(address).context["champion"].number == 101


def test_inference_leads_to_as_many_tags(client: Client) -> None:
    count, address = step(client, 7)
    assert count == client.get(address).context["total"] > 0


def put_in_service(number: int) -> None:
    """Let a model be the champion, and all others candidates."""
    ModelVersion.objects.update(stage=Stage.CANDIDATE)
    ModelVersion.objects.filter(number=number).update(stage=Stage.CHAMPION)
    Evaluation.objects.update(passed=False)
