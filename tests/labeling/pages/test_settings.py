"""The settings page and its forms."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Membership, Project, Role
from tests.labeling.pages.browse import at, text_of, told

ClientFor = Callable[[User], Client]
GENERAL = {
    "name": "Renamed",
    "description": "New words",
    "overlap": "3",
    "overlap_share": "0.5",
    "max_looks": "4",
    "lease_minutes": "20",
}


@pytest.fixture
def client(project: Project, manager: User, client_for: ClientFor) -> Client:
    """The manager's browser."""
    return client_for(manager)


def role_of(user: User) -> str | None:
    """Return the person's role in the project, None for no member."""
    return (
        Membership.objects.filter(user=user, project__slug="test")
        .values_list("role", flat=True)
        .first()
    )


def test_it_shows_what_is_in_force(client: Client, annotator: User) -> None:
    page = text_of(client.get(at("settings")))
    assert 'value="Test project"' in page
    assert "Alpha comes **first**.</textarea>" in page
    assert "<p>Alpha comes <strong>first</strong>.</p>" in page
    assert "Version 1 by manager" in page
    assert '<input type="hidden" name="username" value="annotator">' in page


class TestGeneral:
    """Name and numbers of looks."""

    def test_it_is_saved(self, client: Client, project: Project) -> None:
        response = client.post(at("settings-general"), GENERAL)
        project.refresh_from_db()
        assert response["Location"] == "/p/test/settings/#general"
        assert told(response) == ["Settings saved."]
        assert (project.name, project.overlap, project.max_looks) == ("Renamed", 3, 4)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": ""}, "This field is required."),
            ({"max_looks": "2"}, "It must be at least the overlap."),
            ({"overlap": "11"}, "less than or equal to 10"),
            ({"overlap_share": "2"}, "less than or equal to 1"),
        ],
    )
    def test_a_fault_stands_beside_its_field(
        self, change: dict[str, str], message: str, client: Client, project: Project
    ) -> None:
        response = client.post(at("settings-general"), GENERAL | change)
        page = text_of(response)
        assert response.status_code == 422
        assert message in page
        assert "New words</textarea>" in page
        assert "Test project" in page
        project.refresh_from_db()
        assert project.overlap == 2


class TestLabel:
    """One more label."""

    def test_it_gets_the_next_free_key(self, client: Client, project: Project) -> None:
        response = client.post(at("settings-label"), {"name": "delta", "description": "Fourth"})
        assert told(response) == ["Label delta added, on the key 4."]
        label = project.labels.get(name="delta")
        assert (label.key, label.position, label.description) == ("4", 3, "Fourth")

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            ({"name": "alpha"}, "There is a label of this name already."),
            ({"name": "delta", "key": "1"}, "This key chooses alpha already."),
            ({"name": "delta", "key": "s"}, "does something else on the label or review page."),
            ({}, "This field is required."),
        ],
    )
    def test_a_taken_name_or_key_is_refused(
        self, sent: dict[str, str], message: str, client: Client, project: Project
    ) -> None:
        response = client.post(at("settings-label"), sent | {"description": "Kept"})
        assert response.status_code == 422
        assert message in text_of(response)
        assert 'value="Kept"' in text_of(response)
        assert project.labels.count() == 3


class TestGuideline:
    """A new version of the guideline."""

    def test_it_comes_into_force(self, client: Client, project: Project) -> None:
        response = client.post(at("settings-guideline"), {"text": "New *text*"})
        assert told(response) == ["Version 2 of the guideline is in force."]
        assert list(project.guidelines.values_list("version", "text")) == [
            (2, "New *text*"),
            (1, "Alpha comes **first**."),
        ]

    def test_an_empty_one_is_refused(self, client: Client, project: Project) -> None:
        assert client.post(at("settings-guideline"), {"text": " "}).status_code == 422
        assert project.guidelines.count() == 1


class TestMember:
    """People come, change roles and go."""

    def test_a_person_is_added(self, client: Client, outsider: User) -> None:
        response = client.post(
            at("settings-member"), {"username": "other-manager", "role": "reviewer"}
        )
        assert response["Location"] == "/p/test/settings/#members"
        assert told(response) == ["other-manager is reviewer now."]
        assert role_of(outsider) == Role.REVIEWER

    def test_a_role_is_changed(self, client: Client, annotator: User) -> None:
        client.post(at("settings-member"), {"username": "annotator", "role": "manager"})
        assert role_of(annotator) == Role.MANAGER

    @pytest.mark.parametrize(
        ("sent", "message"),
        [
            ({"username": "nobody", "role": "annotator"}, "There is no user"),
            ({"username": "annotator", "role": "king"}, "Select a valid choice."),
            ({"username": "manager", "role": "annotator"}, "A project needs a manager"),
        ],
    )
    def test_a_refusal_keeps_what_was_typed(
        self, sent: dict[str, str], message: str, client: Client, annotator: User, manager: User
    ) -> None:
        response = client.post(at("settings-member"), sent)
        page = text_of(response)
        assert response.status_code == 422
        assert message in page
        assert f'value="{sent["username"]}"' in page
        assert (role_of(annotator), role_of(manager)) == (Role.ANNOTATOR, Role.MANAGER)

    def test_a_manager_who_gives_up_the_role_is_led_out(
        self, client: Client, annotator: User
    ) -> None:
        client.post(at("settings-member"), {"username": "annotator", "role": "manager"})
        response = client.post(at("settings-member"), {"username": "manager", "role": "annotator"})
        assert response["Location"] == "/p/test/"

    def test_a_person_is_removed(self, client: Client, annotator: User) -> None:
        membership = Membership.objects.get(user=annotator)
        response = client.post(at("settings-member-remove", membership.pk))
        assert told(response) == ["annotator is no longer a member."]
        assert role_of(annotator) is None

    def test_the_last_manager_stays(self, client: Client, manager: User) -> None:
        membership = Membership.objects.get(user=manager)
        response = client.post(at("settings-member-remove", membership.pk))
        assert told(response) == ["A project needs a manager: give somebody else that role first."]
        assert role_of(manager) == Role.MANAGER

    def test_another_projects_member_is_not_found(self, client: Client, outsider: User) -> None:
        membership = Membership.objects.get(user=outsider)
        assert client.post(at("settings-member-remove", membership.pk)).status_code == 404
        assert Membership.objects.filter(pk=membership.pk).exists()


def test_the_page_costs_few_queries(
    client: Client,
    annotator: User,
    reviewer: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(9):
        client.get(at("settings"))
