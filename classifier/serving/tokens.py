"""The web application's word to the serving process that it has checked a caller."""

from dataclasses import dataclass

from django.core import signing

SALT = "classifier.serving.internal"
MAX_AGE = 30


@dataclass(frozen=True)
class Grant:
    """For whom, in which project and within which request a tag is asked."""

    user_id: int
    project_id: int
    request_id: str


def make_token(grant: Grant) -> str:
    """Return a signed token that is good for half a minute."""
    content = [grant.user_id, grant.project_id, grant.request_id]
    return signing.dumps(content, salt=SALT)


def read_token(token: str) -> Grant | None:
    """Return what the token grants; None where it was forged, changed or is too old."""
    try:
        user_id, project_id, request_id = signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return Grant(user_id, project_id, request_id)
