"""The page of one's own account: name, e-mail and password."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD, make_user

ANOTHER = "quite another pass phrase"
CHANGE = {"old_password": PASSWORD, "new_password1": ANOTHER, "new_password2": ANOTHER}


@pytest.fixture
def user(db: None) -> User:
    """Whose account it is."""
    return make_user("ada")


@pytest.fixture
def client(user: User, client_for: Callable[[User], Client]) -> Client:
    """The browser of that person."""
    return client_for(user)


def test_name_and_address_are_kept(client: Client, user: User) -> None:
    sent = {"first_name": "Ada", "last_name": "L.", "email": "ada@example.org"}
    page = client.post("/account/", sent, follow=True).content.decode()
    user.refresh_from_db()
    assert (str(user), user.email) == ("Ada L.", "ada@example.org")
    assert "Your account is saved." in page
    assert 'value="ada@example.org"' in page


def test_a_bad_address_is_refused_and_changes_nothing(client: Client, user: User) -> None:
    response = client.post("/account/", {"first_name": "Ada", "email": "ada at home"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Enter a valid email address." in page
    assert "You sign in as <b>ada</b>" in page
    user.refresh_from_db()
    assert (user.first_name, user.email) == ("", "")


def test_nobody_becomes_more_than_they_are(client: Client, user: User) -> None:
    client.post("/account/", {"username": "root", "is_superuser": "on", "is_staff": "on"})
    user.refresh_from_db()
    assert (user.username, user.is_superuser, user.is_staff) == ("ada", False, False)


def test_another_password_signs_other_browsers_out(client: Client, user: User) -> None:
    other = Client()
    other.force_login(user)
    page = client.post("/account/password/", CHANGE, follow=True)
    assert "Other browsers are signed out." in page.content.decode()
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"old_password": "not it"}, "Your old password was entered incorrectly."),
        ({"new_password2": "typed wrongly"}, "The two password fields didn"),
        ({"new_password1": "1234", "new_password2": "1234"}, "This password is too short."),
    ],
)
def test_what_is_wrong_is_told_and_the_password_stays(
    change: dict[str, str], message: str, client: Client, user: User
) -> None:
    response = client.post("/account/password/", CHANGE | change)
    assert response.status_code == 422
    page = response.content.decode()
    assert message in page
    assert ANOTHER not in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_who_tries_passwords_is_locked_out_with_the_sign_ins(
    client: Client, user: User, settings: Any
) -> None:
    settings.AXES_ENABLED = True
    wrong = CHANGE | {"old_password": "not it"}
    tries = range(settings.AXES_FAILURE_LIMIT)
    statuses = [client.post("/account/password/", wrong).status_code for _ in tries]
    assert statuses == [422] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    refused = client.post("/account/password/", CHANGE)
    assert refused.status_code == 429
    assert "Too many attempts" in refused.content.decode()
    sign_in = {"username": user.username, "password": PASSWORD}
    assert Client().post("/sign-in/", sign_in).status_code == 429
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
