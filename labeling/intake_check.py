"""Whether a file may be read, and whether a row of it can become an item."""

import json
import re
from collections.abc import Container, Iterator

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from labeling.errors import Invalid
from labeling.models import Split
from labeling.readers import Problem, Row
from labeling.readers.rows import LINE_LIMIT

TITLE_LIMIT, BODY_LIMIT, ID_LIMIT, URL_LIMIT, LABEL_LIMIT = 1000, 100_000, 200, 2000, 80
NAME_LIMIT = 150
# Shorter ASCII texts have no fault.
PLAIN = 100
valid_url = URLValidator(schemes=["http", "https"])
ESCAPED_BYTES = range(0xDC80, 0xDD00)
SPLITS = frozenset({"", *Split.values})
PLAIN_URL = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/[!-~]*)?")


def reject_oversized(size: int | None, limit: int) -> None:
    """Refuse a file above the limit before a row of it is read."""
    if size is not None and size > limit:
        raise Invalid(
            f"file: it has {size / 2**20:,.1f} MiB; the limit is {limit / 2**20:,.0f} MiB. "
            "Split it and send the parts one after the other."
        )


def check(row: Row, labels: Container[str], *, add_labels: bool) -> Problem | None:
    """Return what is wrong with a row, or None."""
    if _is_plainly_good(row):
        if row.metadata and (fault := _metadata_fault(row)):
            return Problem(row.number, "metadata", *fault)
        if not (row.label or row.votes or row.decisions):
            return None
    for name, reason, fix in _faults(row, labels, add_labels):
        return Problem(row.number, name, reason, fix)
    return None


def check_vote(row: Row, labels: Container[str], *, add_labels: bool) -> Problem | None:
    """Return what is wrong with a row that is one vote on an item, or None."""
    vote = row.votes[0]
    text = row.external_id + vote.annotator
    if vote.label in labels and len(text) <= PLAIN and text.isascii() and "\0" not in text:
        return None
    named = {"external_id": row.external_id, "annotator": vote.annotator, "label": vote.label}
    faults = [fault for name, text in named.items() for fault in _text_faults(name, text)]
    if not add_labels:
        faults += [("label", reason, fix) for _, reason, fix in _label_faults(row, labels)]
    return Problem(row.number, *faults[0]) if faults else None


def _is_plainly_good(row: Row) -> bool:
    """Tell, quickly, that the texts have no fault; False may only mean a closer look."""
    text = f"{row.title}\n{row.body}\n{row.external_id}\n{row.url}"
    return (
        0 < len(row.title) <= TITLE_LIMIT
        and len(row.body) <= BODY_LIMIT
        and len(row.external_id) <= ID_LIMIT
        and "\0" not in text
        and (text.isascii() or not _broken(text))
        and row.split in SPLITS
        and (not row.url or is_url(row.url))
    )


def _faults(row: Row, labels: Container[str], add_labels: bool) -> Iterator[tuple[str, str, str]]:
    for name in ("title", "body", "external_id", "url", "label", "split"):
        yield from _text_faults(name, getattr(row, name))
    if row.metadata and (fault := _metadata_fault(row)):
        yield "metadata", *fault
    if not row.title:
        yield "title", "it is empty.", "Every item needs one."
    if row.split not in SPLITS:
        yield "split", f"'{row.split[:40]}' is not one of {', '.join(Split.values)}.", "Choose one."
    if row.url and not is_url(row.url):
        yield "url", "it is not an http or https address.", "Mend it or leave it out."
    yield from _evidence_faults(row)
    if not add_labels:
        yield from _label_faults(row, labels)


def _text_faults(name: str, value: str) -> Iterator[tuple[str, str, str]]:
    limits = {
        "title": TITLE_LIMIT,
        "body": BODY_LIMIT,
        "external_id": ID_LIMIT,
        "annotator": NAME_LIMIT,
    }
    if "\0" in value:
        yield name, "it holds a NUL character.", "Remove it."
    if broken := _broken(value):
        yield name, broken, "Save the file as UTF-8, or choose its encoding."
    limit = limits.get(name, LABEL_LIMIT if name == "label" else URL_LIMIT)
    if len(value) > limit:
        yield name, f"it has {len(value):,} characters; the limit is {limit:,}.", "Shorten it."


def _evidence_faults(row: Row) -> Iterator[tuple[str, str, str]]:
    for vote in row.votes:
        for text in (vote.annotator, vote.label, vote.note):
            yield from _text_faults("votes", text)
        if len(vote.label) > LABEL_LIMIT:
            yield "votes", f"a label is longer than {LABEL_LIMIT} characters.", "Shorten it."
    for decision in row.decisions:
        for text in (decision.decided_by, decision.label or "", decision.comment):
            yield from _text_faults("decisions", text)
        if len(decision.label or "") > LABEL_LIMIT:
            yield "decisions", f"a label is longer than {LABEL_LIMIT} characters.", "Shorten it."


def _label_faults(row: Row, labels: Container[str]) -> Iterator[tuple[str, str, str]]:
    named = [("label", row.label)] if row.label else []
    named += [("votes", vote.label) for vote in row.votes]
    named += [("decisions", found.label) for found in row.decisions if found.label is not None]
    for name, label in named:
        if label not in labels:
            known = ", ".join(labels) if isinstance(labels, dict) else ""
            fix = "Mend it, or let missing labels be added."
            yield name, f"'{label[:80]}' is not one of {known}.", fix


def _broken(text: str) -> str:
    """Return which character of a text no database takes, in words."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        if code in ESCAPED_BYTES:
            return f"it holds a byte (0x{code - 0xDC00:02X}) that its encoding does not have."
        return "it holds half of a character."
    return ""


def _metadata_fault(row: Row) -> tuple[str, str] | None:
    fix = "Remove it."
    try:
        written = orjson.dumps(row.metadata, default=str)
        if b"null" in written:
            json.dumps(row.metadata, allow_nan=False, default=str)
    except (orjson.JSONEncodeError, ValueError):
        return "it holds a broken character, or something that is no number.", fix
    if b"\\u0000" in written.replace(b"\\\\", b""):
        return "it holds a NUL character.", fix
    if len(written) > LINE_LIMIT:
        return f"it is longer than {LINE_LIMIT:,} characters, which is the limit.", "Shorten it."
    return None


def is_url(value: str) -> bool:
    """Tell whether a text is an http or https address of bearable length."""
    if len(value) > URL_LIMIT:
        return False
    if PLAIN_URL.fullmatch(value):
        return True
    try:
        valid_url(value)
    except ValidationError:
        return False
    return True
