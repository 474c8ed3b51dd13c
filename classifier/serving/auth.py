"""Who calls, and which project the caller may have tagged."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from django.conf import settings

from accounts.keys import find_key
from accounts.models import Scope
from classifier.serving.database_thread import DatabaseThread
from classifier.serving.problems import Problem
from classifier.serving.rates import Rates
from classifier.serving.remembered import Remembered
from classifier.serving.tokens import Grant, read_token
from labeling.models import Membership

KEPT_SECONDS = 4.0
REQUEST_ID_LIMIT = 64
PROCESS, NUMBERS = uuid.uuid4().hex, count(1)


@dataclass(frozen=True)
class Caller:
    """The user in whose name a tag is asked; `project_id` is set where only that one may be.

    `key_id` names the API key, where there is one.
    """

    user_id: int
    request_id: str
    project_id: int | None = None
    key_id: int | None = None


@dataclass(frozen=True)
class KeyOwner:
    """Whose key it is, and what it may be used for."""

    key_id: int
    user_id: int
    scopes: frozenset[str]


class Gate:
    """Checks callers; what the database said of one holds for up to four seconds."""

    def __init__(self, thread: DatabaseThread) -> None:
        """Take the thread in which the database is asked."""
        self._thread = thread
        self._rates = Rates(settings.SERVING_RATE)
        self._owners = Remembered(self._find_owner, seconds=KEPT_SECONDS)
        self._projects = Remembered(self._find_project, seconds=KEPT_SECONDS)

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Return who calls.

        Raises:
            Problem: 401 without a usable key or token, 403 where the key lacks the scope `tag`.
        """
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "internal":
            return _granted(read_token(secret.strip()))
        if scheme.lower() != "bearer":
            raise _unauthorised("Send an API key as 'Authorization: Bearer KEY'.")
        owner = await self._owners.get(secret.strip())
        if owner is None:
            raise _unauthorised("This API key does not exist, has expired or was revoked.")
        if Scope.TAG not in owner.scopes:
            raise Problem(403, "scope_missing", "This API key lacks the scope 'tag'.")
        return Caller(owner.user_id, _request_id(headers), key_id=owner.key_id)

    async def project(self, caller: Caller, slug: str) -> int:
        """Return the id of a project that the caller may have tagged.

        Raises:
            Problem: 404 where there is none of that slug, or the caller is no member of it.
        """
        found = await self._projects.get((caller.user_id, slug))
        if found is None or caller.project_id not in {None, found}:
            raise Problem(404, "unknown_project", "There is no such project among yours.")
        return found

    def count(self, caller: Caller, texts: int) -> None:
        """Count texts against the caller's key. The web application counts its callers itself.

        Raises:
            Problem: 429 where the key has had too many.
        """
        if caller.key_id is not None:
            self._rates.take(caller.key_id, texts)

    async def _find_owner(self, secret: str) -> KeyOwner | None:
        return await self._thread.run(_owner_of, secret)

    async def _find_project(self, key: tuple[int, str]) -> int | None:
        return await self._thread.run(_project_of, *key)


def _owner_of(secret: str) -> KeyOwner | None:
    key = find_key(secret)
    return None if key is None else KeyOwner(key.pk, key.user_id, frozenset(key.scopes))


def _project_of(user_id: int, slug: str) -> int | None:
    memberships = Membership.objects.filter(user=user_id, project__slug=slug)
    return memberships.values_list("project_id", flat=True).first()


def _granted(grant: Grant | None) -> Caller:
    if grant is None:
        raise _unauthorised("This internal token is forged or too old.")
    return Caller(grant.user_id, grant.request_id, grant.project_id)


def _unauthorised(detail: str) -> Problem:
    return Problem(401, "unauthorised", detail, {"WWW-Authenticate": "Bearer"})


def _request_id(headers: Mapping[str, str]) -> str:
    given = headers.get("x-request-id", "")
    usable = given.isascii() and given.isprintable() and len(given) <= REQUEST_ID_LIMIT
    return given if given and usable else f"{PROCESS}-{next(NUMBERS)}"
