"""Signing in to the REST API with `Authorization: Bearer KEY`."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.keys import find_key
from accounts.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """The owner of the key becomes the request's user; the key its `auth`."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the owner and the key, or None where no bearer key was sent."""
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = find_key(secret.strip())
        if key is None:
            raise AuthenticationFailed("This API key does not exist, has expired or was revoked.")
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that a missing sign-in answers 401 and not 403."""
        return "Bearer"
