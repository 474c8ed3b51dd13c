"""Making, finding and revoking API keys."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import ApiKey, Scope, User

LAST_USED_STEP = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    """Return the hexadecimal SHA-256 under which a secret is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    *, user: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which can never be read again.

    Raises:
        ValueError: for a scope that does not exist, or none at all.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise ValueError(f"Choose one or more of the scopes {', '.join(Scope.values)}.")
    secret = f"tl_{secrets.token_urlsafe(32)}"
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=secret[:8],
        digest=digest_of(secret),
        scopes=wanted,
        expires_at=expires_at,
    )
    return key, secret


def find_key(secret: str) -> ApiKey | None:
    """Return the usable key that this secret opens, noting its use at most once a minute."""
    key = ApiKey.objects.usable().select_related("user").filter(digest=digest_of(secret)).first()
    if key is not None:
        _note_use(key)
    return key


def revoke_key(*, key: ApiKey) -> None:
    """Make a key useless from now on."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=timezone.now())


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
