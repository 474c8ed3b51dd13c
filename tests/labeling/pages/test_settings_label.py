"""One label in the settings: changed, moved, removed."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Event, Item, Label, Project
from tests.labeling.pages.browse import at, text_of, told
from tests.labeling.steps import answer

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
FIELDS = {
    "name": "beta",
    "key": "p",
    "description": "New words",
    "examples": " So \n\nAnd so\n",
    "counterexamples": "Not so",
    "keywords": "graph\nknowledge graph",
}


@pytest.fixture
def client(project: Project, manager: User, client_for: ClientFor) -> Client:
    """The manager's browser."""
    return client_for(manager)


@pytest.fixture
def beta(project: Project) -> Label:
    """The second label."""
    return project.labels.get(name="beta")


def names(project: Project) -> list[str]:
    """Return the project's labels in their order."""
    return list(project.labels.values_list("name", flat=True))


class TestEdit:
    """All that a label says."""

    def test_it_shows_what_is_in_force(self, client: Client, beta: Label) -> None:
        Label.objects.filter(pk=beta.pk).update(keywords="one\ntwo")
        page = text_of(client.get(at("settings-label-edit", beta.pk)))
        assert 'value="beta"' in page
        assert "one two</textarea>" in page

    def test_it_is_saved(self, client: Client, beta: Label) -> None:
        response = client.post(at("settings-label-edit", beta.pk), FIELDS)
        beta.refresh_from_db()
        assert response["Location"] == "/p/test/settings/#labels"
        assert told(response) == ["Label beta saved."]
        assert (beta.key, beta.description) == ("p", "New words")
        assert beta.example_list == ["So", "And so"]
        assert beta.counterexample_list == ["Not so"]
        assert beta.keyword_list == ["graph", "knowledge graph"]
        assert Event.objects.filter(verb="changed", subject_type="label").count() == 1

    def test_an_unused_one_can_be_renamed(self, client: Client, beta: Label) -> None:
        client.post(at("settings-label-edit", beta.pk), FIELDS | {"name": "renamed"})
        beta.refresh_from_db()
        assert beta.name == "renamed"

    def test_a_used_one_keeps_its_name(
        self, client: Client, project: Project, annotator: User, beta: Label, make_item: MakeItem
    ) -> None:
        make_item()
        answer(project, annotator, "beta")
        url = at("settings-label-edit", beta.pk)
        response = client.post(url, FIELDS | {"name": "renamed"})
        assert response.status_code == 422
        assert "&#x27;beta&#x27; is in use" in text_of(response)
        assert client.post(url, FIELDS).status_code == 302

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": "alpha"}, "There is a label of this name already."),
            ({"key": "1"}, "This key chooses alpha already."),
            ({"key": "f"}, "does something else on the label or review page."),
            ({"keywords": "good\n+-+"}, "&#x27;+-+&#x27; has no letter or digit."),
            ({"keywords": "k" * 61}, "Line 1 has 61 characters; the limit is 60."),
            ({"examples": "so\n" * 21}, "21 lines; the limit is 20. Leave some out."),
            ({"counterexamples": f"so\n{'x' * 301}"}, "Line 2 has 301 characters; the limit"),
        ],
    )
    def test_a_fault_stands_beside_its_field(
        self, change: dict[str, str], message: str, client: Client, beta: Label
    ) -> None:
        response = client.post(at("settings-label-edit", beta.pk), FIELDS | change)
        assert response.status_code == 422
        assert message in text_of(response)
        beta.refresh_from_db()
        assert (beta.key, beta.description) == ("2", "")

    def test_an_unknown_label_is_not_found(self, client: Client) -> None:
        assert client.get(at("settings-label-edit", 999_999)).status_code == 404

    def test_it_costs_few_queries(
        self,
        client: Client,
        beta: Label,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        with django_assert_max_num_queries(8):
            client.get(at("settings-label-edit", beta.pk))


class TestMove:
    """The order of the labels."""

    @pytest.mark.parametrize(
        ("name", "way", "order"),
        [
            ("beta", "up", ["beta", "alpha", "gamma"]),
            ("beta", "down", ["alpha", "gamma", "beta"]),
            ("alpha", "up", ["alpha", "beta", "gamma"]),
            ("gamma", "down", ["alpha", "beta", "gamma"]),
        ],
    )
    def test_it_goes_one_place(
        self, name: str, way: str, order: list[str], client: Client, project: Project
    ) -> None:
        label = project.labels.get(name=name)
        response = client.post(at("settings-label-move", label.pk), {"way": way})
        assert response["Location"] == "/p/test/settings/#labels"
        assert names(project) == order
        assert list(project.labels.values_list("position", flat=True)) == [0, 1, 2]

    def test_an_unknown_label_is_not_found(self, client: Client) -> None:
        assert client.post(at("settings-label-move", 999_999)).status_code == 404


class TestRemove:
    """A label that nothing refers to goes."""

    def test_it_goes(self, client: Client, project: Project, beta: Label) -> None:
        response = client.post(at("settings-label-remove", beta.pk))
        assert told(response) == ["Label beta removed."]
        assert names(project) == ["alpha", "gamma"]
        assert list(project.labels.values_list("position", flat=True)) == [0, 1]

    def test_a_used_one_stays(
        self, client: Client, project: Project, annotator: User, beta: Label, make_item: MakeItem
    ) -> None:
        make_item()
        answer(project, annotator, "beta")
        response = client.post(at("settings-label-remove", beta.pk))
        assert told(response) == ["beta is in use: answers or predictions refer to it."]
        assert names(project) == ["alpha", "beta", "gamma"]

    def test_two_stay(self, client: Client, project: Project, beta: Label) -> None:
        client.post(at("settings-label-remove", beta.pk))
        last = project.labels.get(name="gamma")
        response = client.post(at("settings-label-remove", last.pk))
        assert told(response)[-1] == "A project needs at least two labels."
        assert names(project) == ["alpha", "gamma"]

    def test_an_unknown_label_is_not_found(self, client: Client) -> None:
        assert client.post(at("settings-label-remove", 999_999)).status_code == 404
