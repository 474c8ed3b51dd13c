"""A call for many tags: each text is read, and answered or refused, in its place."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier.serving.asks import (
    Wording,
    invalid,
    read_key,
    read_object,
    read_project,
    read_wording,
    require_known,
)
from classifier.serving.problems import Problem

MOST = 1000
BODY_LIMIT = 8 * 1024 * 1024
KEY = "idempotency_key"


@dataclass(frozen=True)
class Many:
    """What the body of such a call says; a text that cannot be taken is its refusal."""

    project: str
    texts: Sequence[tuple[Wording, str | None] | Problem]

    @property
    def taken(self) -> list[tuple[Wording, str | None]]:
        """The texts that can be tagged, with their idempotency keys."""
        return [text for text in self.texts if not isinstance(text, Problem)]


def read_many(content: bytes, call_key: str | None) -> Many:
    """Return what the body of a call for many tags says.

    Args:
        content: the body.
        call_key: the idempotency key of the whole call; each text gets one of its own by its place.

    Raises:
        Problem: 400 or 422 for what is wrong with the call itself.
    """
    values = read_object(content)
    require_known(values, ("project", "texts"))
    texts = values.get("texts")
    if not isinstance(texts, list) or not 1 <= len(texts) <= MOST:
        raise invalid("texts", f"it must be a list of 1 to {MOST:,} texts")
    project = read_project(values)
    return Many(project, [_one(text, call_key, place) for place, text in enumerate(texts)])


def _one(values: object, call_key: str | None, place: int) -> tuple[Wording, str | None] | Problem:
    if not isinstance(values, dict):
        return invalid("texts", "each must be a JSON object")
    try:
        return read_wording(values, KEY), _key(values, call_key, place)
    except Problem as problem:
        return problem


def _key(values: Mapping[str, object], call_key: str | None, place: int) -> str | None:
    own = read_key(values.get(KEY), KEY)
    if own is None or call_key is None:
        return own or (None if call_key is None else _placed(call_key, place))
    raise invalid(KEY, "send one for the whole call, as a header, or one for each text; not both")


def _placed(call_key: str, place: int) -> str:
    """Return the key of one text of a call: as long as a key may be, and nobody's own."""
    return hashlib.sha256(f"{call_key}\0{place}".encode()).hexdigest()
