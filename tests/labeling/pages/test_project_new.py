"""Making a project."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Membership, Project, Role
from tests.labeling.pages.browse import text_of

ClientFor = Callable[[User], Client]
FIELDS = {
    "name": "Support mail",
    "slug": "",
    "description": "Letters of customers",
    "labels": "invoice | 1 | Asks for money\n\nreminder | r\nother",
    "guideline": "",
    "overlap": "3",
}


@pytest.fixture
def client(db: None, client_for: ClientFor) -> Client:
    """A browser of somebody who has no project."""
    return client_for(User.objects.create_user("founder"))


def test_whoever_makes_it_becomes_its_manager(client: Client) -> None:
    response = client.post("/projects/new/", FIELDS)
    assert response["Location"] == "/p/support-mail/"
    project = Project.objects.get(slug="support-mail")
    assert (project.name, project.overlap, project.max_looks) == ("Support mail", 3, 3)
    assert list(project.labels.values_list("name", "key", "description")) == [
        ("invoice", "1", "Asks for money"),
        ("reminder", "r", ""),
        ("other", "2", ""),
    ]
    member = Membership.objects.get(project=project)
    assert (member.user.username, member.role) == ("founder", Role.MANAGER)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"labels": "one"}, "Name at least two labels, one a line."),
        ({"labels": "one\none"}, "Two labels have the name &#x27;one&#x27;."),
        ({"labels": "one | 1\ntwo | 1"}, "Two labels have the key &#x27;1&#x27;."),
        ({"labels": "one | 12\ntwo"}, "it must be one character."),
        ({"labels": "one | z\ntwo"}, "does something else on the label or review page."),
        ({"labels": "| 1\ntwo"}, "has no name before the first bar."),
        ({"labels": f"{'x' * 81}\ntwo"}, "is too long; the limit is 80 characters"),
        ({"overlap": "0"}, "greater than or equal to 1"),
        ({"name": "日本", "slug": ""}, "Type one: none can be made from this name."),
        ({"slug": "with space"}, "Enter a valid"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(
    change: dict[str, str], message: str, client: Client
) -> None:
    response = client.post("/projects/new/", FIELDS | change)
    page = text_of(response)
    assert response.status_code == 422
    assert message in page
    assert "Letters of customers" in page
    assert not Project.objects.exists()


def test_a_taken_address_is_refused(project: Project, client: Client) -> None:
    response = client.post("/projects/new/", FIELDS | {"slug": "test"})
    assert response.status_code == 422
    assert "&#x27;test&#x27; is taken by another project." in text_of(response)
