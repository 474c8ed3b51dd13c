"""Items beside a case that resemble it and have a label."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Adjudication, Item, Project, Task
from labeling.resolve import derive
from tests.labeling.pages.browse import at
from tests.labeling.steps import disagree

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
TITLE = "Detecting tumours in scans with convolutional networks"


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


@pytest.fixture
def case(pair: tuple[User, User], make_item: MakeItem) -> Task:
    """A case about tumours."""
    return disagree(make_item(TITLE, "From voxels to contours"), *pair)


@pytest.fixture
def labeled(project: Project, make_item: MakeItem) -> Callable[..., Item]:
    """Items with the label beta."""

    def make(title: str, body: str = "") -> Item:
        item = make_item(title, body, task=False)
        label = project.labels.get(name="beta")
        Adjudication.objects.create(project=project, item=item, label=label, method="imported")
        derive(item)
        return item

    return make


def similar(client: Client, case: Task) -> list[tuple[str, str]]:
    """Return title and label of what the page of a case names as similar."""
    shown = client.get(at("review-case", case.pk)).context["case"].beside.similar
    return [(near.title, near.label.name) for near in shown]


def test_the_closest_come_first(client: Client, case: Task, labeled: Callable[..., Item]) -> None:
    labeled("Detecting fraud with convolutional networks", "Payments and chargebacks")
    labeled("Tumours in scans", "Detecting them with networks")
    labeled("Deploying models with containers")
    assert similar(client, case) == [
        ("Tumours in scans", "beta"),
        ("Detecting fraud with convolutional networks", "beta"),
    ]


def test_each_leads_to_its_item(client: Client, case: Task, labeled: Callable[..., Item]) -> None:
    near = labeled("Detecting tumours <b>early</b>")
    page = client.get(at("review")).content.decode()
    assert f'<a href="{at("item", near.pk)}">Detecting tumours &lt;b&gt;early&lt;/b&gt;</a>' in page


def test_items_without_a_label_and_deleted_ones_are_none(
    client: Client,
    case: Task,
    project: Project,
    make_item: MakeItem,
    labeled: Callable[..., Item],
) -> None:
    make_item("Detecting tumours without label", task=False)
    gone = labeled("Detecting tumours deleted")
    gone.deletion = project.deletions.create()
    gone.save()
    assert similar(client, case) == []


def test_other_projects_have_none(
    client: Client, case: Task, other_project: Project, labeled: Callable[..., Item]
) -> None:
    near = labeled("Detecting tumours elsewhere")
    Item.objects.filter(pk=near.pk).update(project=other_project)
    assert similar(client, case) == []


@pytest.mark.parametrize("title", ["?!", "a b c", "Tumours", "'; DROP TABLE --", '"(" & | !'])
def test_any_title_will_do(
    title: str,
    client: Client,
    pair: tuple[User, User],
    make_item: MakeItem,
    labeled: Callable[..., Item],
) -> None:
    labeled("Tumours and nothing else")
    assert similar(client, disagree(make_item(title), *pair)) == []


def test_they_cost_no_query_however_many(
    client: Client,
    case: Task,
    labeled: Callable[..., Item],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(8):
        labeled(f"Detecting tumours {number}")
    with django_assert_max_num_queries(8):
        assert len(similar(client, case)) == 5
