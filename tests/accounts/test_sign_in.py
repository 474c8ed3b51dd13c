"""Signing in and out."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Project
from tests.conftest import PASSWORD

ClientFor = Callable[[User], Client]


@pytest.fixture
def user(db: None) -> User:
    """Somebody who can sign in."""
    return User.objects.create_user("ada", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, **more: str) -> tuple[int, str]:
    """Send the form, and return the status and where it leads."""
    response = client.post("/sign-in/", {"username": "ada", "password": password} | more)
    return response.status_code, response.get("Location", "")


def test_it_leads_to_the_start_page(user: User, client: Client) -> None:
    assert sign_in(client) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_it_leads_to_the_page_that_was_asked_for(user: User, client: Client) -> None:
    assert sign_in(client, next="/p/test/label/") == (302, "/p/test/label/")


def test_it_leads_to_no_other_site(user: User, client: Client) -> None:
    assert sign_in(client, next="https://example.org/") == (302, "/")


def test_a_wrong_password_keeps_the_name(user: User, client: Client) -> None:
    response = client.post("/sign-in/", {"username": "ada", "password": "wrong"})
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="ada"' in page
    assert "correct username and password" in page


def test_an_inactive_person_stays_out(user: User, client: Client) -> None:
    User.objects.update(is_active=False)
    assert sign_in(client)[0] == 200


def test_who_is_signed_in_is_led_on(user: User, client_for: ClientFor) -> None:
    assert client_for(user).get("/sign-in/")["Location"] == "/"


def test_a_post_without_token_is_refused(user: User) -> None:
    assert sign_in(Client(enforce_csrf_checks=True))[0] == 403


def test_many_wrong_passwords_lock_the_name(user: User, client: Client, settings: Any) -> None:
    settings.AXES_ENABLED = True
    statuses = [sign_in(client, "wrong")[0] for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    response = client.post("/sign-in/", {"username": "ada", "password": PASSWORD})
    assert response.status_code == 429
    assert "Too many attempts" in response.content.decode()


def test_a_script_without_session_is_told_instead_of_given_the_page(
    project: Project, client: Client
) -> None:
    response = client.get("/p/test/label/", headers={"HX-Request": "true"}, follow=True)
    assert response.status_code == 401
    assert response.content.decode() == "You are signed out."


def test_signing_out_ends_the_session(user: User, client_for: ClientFor) -> None:
    client = client_for(user)
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


def test_signing_out_by_link_is_refused(user: User, client_for: ClientFor) -> None:
    client = client_for(user)
    assert client.get("/sign-out/").status_code == 405
    assert "_auth_user_id" in client.session
