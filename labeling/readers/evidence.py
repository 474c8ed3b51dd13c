"""Votes and decisions as they stand in a file: a list of objects, or such a list as JSON text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import orjson

from labeling.readers.rows import Decision, Vote

MOST = 100
MAX_SECONDS = 3600.0
NOTE_LIMIT = 10_000


class BadEvidence(Exception):
    """What is wrong with votes or decisions, in words."""


def read_votes(value: object) -> list[Vote]:
    """Return the votes; of several by one person the last counts.

    Raises:
        BadEvidence: it is no list of objects that name an annotator and a label.
    """
    votes = [_vote(found) for found in _objects(value)]
    return list({vote.annotator: vote for vote in votes}.values())


def read_decisions(value: object) -> list[Decision]:
    """Return the decisions in the order of the list, which is the order of time.

    Raises:
        BadEvidence: it is no list of objects that name a label, or null as label.
    """
    return [_decision(found) for found in _objects(value)]


def read_time(value: object) -> datetime | None:
    """Return a moment: ISO 8601, in UTC where it does not say; None for nothing.

    Raises:
        BadEvidence: it is no date and time.
    """
    if value is None or value == "":
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadEvidence(f"'{str(value)[:40]}' is no date and time") from None


def _objects(value: object) -> list[Mapping[str, Any]]:
    if isinstance(value, str | bytes):
        value = _parsed(value)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(found, dict) for found in value):
        raise BadEvidence("it is not a list of objects")
    if len(value) > MOST:
        raise BadEvidence(f"it has {len(value):,} entries; the limit is {MOST}")
    return value


def _parsed(value: str | bytes) -> object:
    if not value.strip():
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise BadEvidence("it is not valid JSON") from None


def _vote(found: Mapping[str, Any]) -> Vote:
    return Vote(
        annotator=_name(found, "annotator"),
        label=_name(found, "label"),
        seconds=_seconds(found.get("seconds")),
        note=_text(found, "note"),
        flagged=found.get("flagged") is True,
        created_at=read_time(found.get("created_at")),
    )


def _decision(found: Mapping[str, Any]) -> Decision:
    if "label" not in found:
        raise BadEvidence("a decision names no label; null puts the item out of scope")
    return Decision(
        label=None if found["label"] is None else _name(found, "label"),
        decided_by=_text(found, "decided_by").strip(),
        method=_text(found, "method"),
        comment=_text(found, "comment"),
        created_at=read_time(found.get("created_at")),
    )


def _name(found: Mapping[str, Any], key: str) -> str:
    text = _text(found, key).strip()
    if not text:
        raise BadEvidence(f"an entry names no {key}")
    return text


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadEvidence(f"the {key} of an entry is not text")
    if len(value) > NOTE_LIMIT:
        raise BadEvidence(f"the {key} of an entry is longer than {NOTE_LIMIT:,} characters")
    return value


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return min(max(0.0, float(value)), MAX_SECONDS)
