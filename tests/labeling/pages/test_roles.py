"""Who may see which page, and how."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from labeling.models import Item, Membership, Project, Role
from tests.labeling.pages.browse import at, strict

ClientFor = Callable[[User], Client]

PAGES = {
    "loop": Role.ANNOTATOR,
    "label": Role.ANNOTATOR,
    "quality": Role.ANNOTATOR,
    "review": Role.REVIEWER,
    "items": Role.REVIEWER,
    "items-import": Role.MANAGER,
    "settings": Role.MANAGER,
}
POSTS = [
    ("label-submit", 1),
    ("label-skip", 1),
    ("label-extend", 1),
    ("label-undo",),
    ("review-decide", 1),
    ("review-send-back", 1),
    ("settings-general",),
    ("settings-label",),
    ("settings-guideline",),
    ("settings-member",),
    ("settings-member-remove", 1),
]


@pytest.fixture
def client_in(project: Project, client_for: ClientFor) -> Callable[[Role], Client]:
    """A browser of a member with a role."""

    def make(role: Role) -> Client:
        user = User.objects.create_user(f"some-{role}")
        Membership.objects.create(project=project, user=user, role=role)
        return client_for(user)

    return make


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("name", "needed"), PAGES.items())
def test_a_page_opens_from_its_role_on(
    name: str, needed: Role, role: Role, client_in: Callable[[Role], Client]
) -> None:
    response = client_in(role).get(at(name))
    assert response.status_code == (200 if role.rank >= needed.rank else 403)


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_told_nothing(
    name: str, project: Project, outsider: User, client_for: ClientFor
) -> None:
    assert client_for(outsider).get(at(name)).status_code == 404


@pytest.mark.parametrize("path", [*(("test", name) for name in PAGES), (None, "projects")])
def test_without_sign_in_a_page_leads_to_it(
    path: tuple[str | None, str], project: Project, client: Client
) -> None:
    slug, name = path
    url = reverse(name, args=[slug] if slug else [])
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={url}"


@pytest.mark.parametrize("route", POSTS)
def test_what_changes_something_takes_post_alone(
    route: tuple[str, int], manager: User, project: Project, client_for: ClientFor
) -> None:
    assert client_for(manager).get(at(*route)).status_code == 405


@pytest.mark.parametrize("route", [*POSTS, ("items-import",)])
def test_a_post_without_token_is_refused(
    route: tuple[str, int], manager: User, project: Project, client_for: ClientFor
) -> None:
    assert strict(client_for(manager)).post(at(*route)).status_code == 403


@pytest.mark.parametrize("name", ["loop", "label", "review", "items", "quality"])
def test_reading_pages_refuse_post(
    name: str, manager: User, project: Project, client_for: ClientFor
) -> None:
    assert client_for(manager).post(at(name)).status_code == 405


@pytest.mark.parametrize("route", [("item",), ("import",), ("review-case",)])
def test_an_unknown_id_is_not_found(
    route: tuple[str], manager: User, project: Project, client_for: ClientFor
) -> None:
    assert client_for(manager).get(at(*route, 999_999)).status_code == 404


def test_another_projects_item_is_not_found(
    project: Project,
    other_project: Project,
    manager: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
) -> None:
    foreign = make_item(project=other_project, task=False)
    assert client_for(manager).get(at("item", foreign.pk)).status_code == 404


@pytest.mark.parametrize("name", [*PAGES, "projects", "project-new"])
def test_every_page_forbids_foreign_and_inline_script(
    name: str, project: Project, manager: User, client_for: ClientFor
) -> None:
    url = at(name) if name in PAGES else reverse(name)
    response = client_for(manager).get(url)
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    page = response.content.decode()
    assert "<style" not in page
    assert ' style="' not in page
    assert "<script>" not in page
