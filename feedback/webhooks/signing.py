"""The secret of a webhook and the signature that its receiver checks."""

import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

SALT = "feedback.webhooks.secret"
HEADER = "Tagloop-Signature"
TOLERANCE_SECONDS = 300


def new_nonce() -> str:
    """Return what a new secret is derived from, together with the secret key."""
    return secrets.token_hex(16)


def secret_of(nonce: str) -> str:
    """Return the secret that belongs to a nonce.

    It is derived instead of stored: whoever reads the database alone can sign nothing.
    """
    return f"whsec_{salted_hmac(SALT, nonce, algorithm='sha256').hexdigest()}"


def fingerprint_of(secret: str) -> str:
    """Return eight characters by which a secret is recognised and cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def sign(body: bytes, *, secret: str, timestamp: int) -> str:
    """Return the value of the signature header: `t=SECONDS,v1=HEX`.

    The HMAC-SHA256 is over the time in seconds since 1970, a full stop and the body.
    """
    return f"t={timestamp},v1={_digest(body, secret, timestamp)}"


def verify(
    header: str, body: bytes, *, secret: str, now: int, tolerance: int = TOLERANCE_SECONDS
) -> bool:
    """Tell whether a header signs this body, and was made within `tolerance` seconds of now."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(now - int(stamp)) > tolerance:
        return False
    expected = _digest(body, secret, int(stamp))
    return hmac.compare_digest(expected.encode(), parts.get("v1", "").encode())


def _digest(body: bytes, secret: str, timestamp: int) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
