"""The page of API keys."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.keys import create_key, find_key
from accounts.models import ApiKey, User

ClientFor = Callable[[User], Client]
FIELDS = {"name": "feed", "scopes": ["read", "tag"], "days": "90"}


@pytest.fixture
def user(db: None) -> User:
    """The owner of the keys."""
    return User.objects.create_user("ada")


@pytest.fixture
def client(user: User, client_for: ClientFor) -> Client:
    """The owner's browser."""
    return client_for(user)


def test_the_secret_is_shown_once(client: Client, user: User) -> None:
    response = client.post("/keys/", FIELDS)
    found = re.search(r'value="(tl_[\w-]{43})"', response.content.decode())
    assert found is not None
    key = find_key(found[1])
    assert key is not None
    assert (key.user, key.name, key.scopes) == (user, "feed", ["read", "tag"])
    assert "no-store" in response["Cache-Control"]
    assert found[1] not in client.get("/keys/").content.decode()


def test_it_expires_when_chosen(client: Client) -> None:
    client.post("/keys/", FIELDS)
    key = ApiKey.objects.get()
    assert key.expires_at is not None
    left = key.expires_at - timezone.now()
    assert timedelta(days=89, hours=23) < left <= timedelta(days=90)


def test_it_may_live_for_ever(client: Client) -> None:
    client.post("/keys/", FIELDS | {"days": "never"})
    assert ApiKey.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"scopes": []}, "Choose at least one."),
        ({"scopes": ["admin"]}, "Select a valid choice."),
        ({"days": "36500"}, "Select a valid choice."),
    ],
)
def test_a_fault_stands_beside_its_field(
    change: dict[str, object], message: str, client: Client
) -> None:
    response = client.post("/keys/", FIELDS | change)
    assert response.status_code == 422
    assert message in response.content.decode()
    assert not ApiKey.objects.exists()


def test_keys_are_listed_with_their_state(client: Client, user: User) -> None:
    past = timezone.now() - timedelta(days=1)
    create_key(user=user, name="good", scopes=["read"])
    create_key(user=user, name="old", scopes=["read"], expires_at=past)
    gone, _ = create_key(user=user, name="<i>gone</i>", scopes=["read"])
    client.post(f"/keys/{gone.pk}/revoke/")
    page = client.get("/keys/").content.decode()
    states = re.findall(r"</svg>\s*(usable|expired|revoked)</span>", page)
    assert states == ["revoked", "expired", "usable"]
    assert "&lt;i&gt;gone&lt;/i&gt;" in page
    assert page.count("/revoke/") == 1


def test_a_revoked_key_opens_nothing(client: Client, user: User) -> None:
    key, secret = create_key(user=user, name="feed", scopes=["read"])
    assert client.post(f"/keys/{key.pk}/revoke/")["Location"] == "/keys/"
    assert find_key(secret) is None


def test_nobody_revokes_anothers_key(client: Client) -> None:
    other = User.objects.create_user("bob")
    key, secret = create_key(user=other, name="feed", scopes=["read"])
    assert client.post(f"/keys/{key.pk}/revoke/").status_code == 404
    assert find_key(secret) == key


def test_others_keys_are_not_listed(client: Client) -> None:
    create_key(user=User.objects.create_user("bob"), name="bobs-key", scopes=["read"])
    assert "bobs-key" not in client.get("/keys/").content.decode()


def test_without_sign_in_the_page_leads_to_it(db: None) -> None:
    assert Client().get("/keys/")["Location"] == "/sign-in/?next=/keys/"


def test_a_post_without_token_is_refused(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post("/keys/", FIELDS).status_code == 403
    assert not ApiKey.objects.exists()


def test_revoking_takes_post_alone(client: Client, user: User) -> None:
    key, _ = create_key(user=user, name="feed", scopes=["read"])
    assert client.get(f"/keys/{key.pk}/revoke/").status_code == 405
