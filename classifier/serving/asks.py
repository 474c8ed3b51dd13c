"""One ask for a tag: what it may say, and how large it may be."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import orjson

from classifier.serving.problems import Problem

BODY_LIMIT = 256 * 1024
TEXT_LIMIT = 20_000
KEY_LIMIT = 64
DEPTH_LIMIT = 16
LENGTHS = {"title": 1000, "body": TEXT_LIMIT, "external_id": 200}
PROJECT_LENGTH = 60
DEADLINE = "x-deadline-ms"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text to tag, checked."""

    title: str
    body: str
    external_id: str

    @property
    def text(self) -> tuple[str, str, str]:
        """What a prediction stores of it."""
        return (self.title, self.body, self.external_id)


@dataclass(frozen=True, eq=False, slots=True)
class Ask:
    """One tag that somebody waits for. Two asks are never equal, whatever they say."""

    project_id: int
    project: str
    user_id: int
    wording: Wording
    request_id: str
    idempotency_key: str | None
    arrived: float = field(default_factory=time.perf_counter)

    @property
    def identity(self) -> tuple[int, int, str | None]:
        """What an idempotency key is unique within."""
        return (self.project_id, self.user_id, self.idempotency_key)


def read_object(content: bytes) -> dict[str, object]:
    """Return the JSON object that a body holds.

    Raises:
        Problem: 400 for what is no JSON object in UTF-8, or nested too deeply.
    """
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "bad_json", f"The body is no valid JSON in UTF-8: {error}.") from error
    if not isinstance(values, dict):
        raise Problem(400, "bad_json", "The body must be a JSON object.")
    if _deeper(values, DEPTH_LIMIT):
        raise Problem(400, "bad_json", f"The JSON is nested more than {DEPTH_LIMIT} levels deep.")
    return values


def read_project(values: Mapping[str, object]) -> str:
    """Return the slug of the project that a body names.

    Raises:
        Problem: 422 where it names none.
    """
    slug = _text(values, "project", PROJECT_LENGTH)
    if not slug:
        raise invalid("project", "it is missing; send the project's slug")
    return slug


def read_wording(values: Mapping[str, object], *beside: str) -> Wording:
    """Return the text that an object holds; `beside` are the fields that others read of it.

    Raises:
        Problem: 422 for an unknown field, a wrong type, an empty or too long text.
    """
    require_known(values, (*beside, *LENGTHS))
    return _whole(Wording(**{name: _text(values, name, LENGTHS[name]) for name in LENGTHS}))


def require_known(values: Mapping[str, object], known: Collection[str]) -> None:
    """Refuse an object with a field that means nothing here.

    Raises:
        Problem: 422, naming the fields that there are.
    """
    for name in values:
        if name not in known:
            raise invalid(name[:40], f"no such field; known are {', '.join(known)}")


def read_key(key: object, name: str = "Idempotency-Key") -> str | None:
    """Return the idempotency key, if one was sent.

    Raises:
        Problem: 422 for a key that is empty, too long or not printable ASCII.
    """
    if key is None:
        return None
    usable = isinstance(key, str) and 1 <= len(key) <= KEY_LIMIT
    if not (isinstance(key, str) and usable and key.isascii() and key.isprintable()):
        raise invalid(name, f"it must have 1 to {KEY_LIMIT} printable characters")
    return key


def read_deadline(headers: Mapping[str, str], longest: float) -> float:
    """Return within how many seconds the caller wants its answer: `longest` at most.

    Raises:
        Problem: 422 where the header is no number of milliseconds above 0.
    """
    said = headers.get(DEADLINE)
    if said is None:
        return longest
    if not (said.isascii() and said.isdigit() and int(said[:10]) > 0):
        raise invalid("X-Deadline-Ms", "it must be a whole number of milliseconds above 0")
    return min(int(said[:10]) / 1000, longest)


def invalid(name: str, reason: str) -> Problem:
    """Return the refusal of what a field says."""
    return Problem(422, "invalid", f"{name}: {reason}.")


def _text(values: Mapping[str, object], name: str, limit: int) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise invalid(name, "it must be a string")
    if len(value) > limit:
        raise invalid(name, f"it has {len(value):,} characters; the limit is {limit:,}")
    if "\x00" in value:
        raise invalid(name, "it holds a NUL character; remove it")
    return value


def _whole(wording: Wording) -> Wording:
    if not (wording.title.strip() or wording.body.strip()):
        raise invalid("title", "title and body are both empty; one of them is needed")
    length = len(wording.title) + len(wording.body)
    if length > TEXT_LIMIT:
        raise invalid("body", f"the text has {length:,} characters; the limit is {TEXT_LIMIT:,}")
    return wording


def _deeper(values: object, levels: int) -> bool:
    """Tell whether something nests deeper than so many levels; no further than that is looked."""
    if isinstance(values, dict):
        inner = values.values()
    elif isinstance(values, list):
        inner = values  # type: ignore[assignment]
    else:
        return False
    return levels == 0 or any(_deeper(each, levels - 1) for each in inner)
