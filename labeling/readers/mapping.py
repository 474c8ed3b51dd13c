"""Which column of a file fills which field of an item."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

import orjson

from labeling.errors import Invalid
from labeling.readers.evidence import BadEvidence, read_decisions, read_time, read_votes
from labeling.readers.rows import Problem, Record, Row, Vote

TITLE_FROM_TEXT = 200


class Field(StrEnum):
    """What a column can be."""

    TITLE = "title"
    BODY = "body"
    EXTERNAL_ID = "external_id"
    URL = "url"
    LABEL = "label"
    SPLIT = "split"
    ANNOTATOR = "annotator"
    CREATED_AT = "created_at"
    VOTES = "votes"
    DECISIONS = "decisions"
    METHOD = "method"
    ALL_METADATA = "all_metadata"
    METADATA = "metadata"
    LEAVE_OUT = "leave_out"


# Fields as people read them, in the order of a choice.
FIELD_NAMES = {
    Field.METADATA: "keep as metadata",
    Field.TITLE: "title",
    Field.BODY: "body",
    Field.EXTERNAL_ID: "external id",
    Field.URL: "address",
    Field.LABEL: "label",
    Field.SPLIT: "split",
    Field.ANNOTATOR: "who gave the label",
    Field.CREATED_AT: "when it came in",
    Field.VOTES: "votes (JSON)",
    Field.DECISIONS: "decisions (JSON)",
    Field.METHOD: "how the label was reached",
    Field.ALL_METADATA: "metadata as a whole (JSON)",
    Field.LEAVE_OUT: "leave out",
}
# What a column may be called, the likeliest first.
ALIASES = {
    Field.TITLE: ("title", "headline"),
    Field.BODY: ("body", "description", "text", "content"),
    Field.EXTERNAL_ID: ("external_id", "id"),
    Field.URL: ("url", "link"),
    Field.LABEL: ("label",),
    Field.SPLIT: ("split",),
    Field.VOTES: ("votes",),
    Field.DECISIONS: ("decisions",),
    Field.ALL_METADATA: ("metadata",),
}
# The same for votes on items: who gave which label to what.
VOTE_ALIASES = {
    Field.EXTERNAL_ID: ("external_id", "id", "item", "item_id", "task", "task_id"),
    Field.ANNOTATOR: ("annotator", "annotator_id", "worker", "worker_id", "rater", "user"),
    Field.LABEL: ("label", "answer", "vote"),
}
# What an export says of an item that is not part of it.
ABOUT_THE_EXPORT = ("source", "confidence", "status", "resolved")
MANY = {Field.METADATA, Field.LEAVE_OUT}
TEXTS = {
    Field.TITLE, Field.BODY, Field.EXTERNAL_ID, Field.URL, Field.LABEL, Field.SPLIT,
    Field.ANNOTATOR, Field.METHOD,
}  # fmt: skip


def guess(columns: Iterable[str]) -> dict[str, str]:
    """Return a field for each column, by its name; metadata where the name says nothing."""
    found = dict.fromkeys(columns, Field.METADATA.value)
    by_name = {_plain(column): column for column in reversed(found)}
    named = _named(by_name, ALIASES)
    if not {Field.TITLE, Field.BODY} & named.keys():
        votes = _named(by_name, VOTE_ALIASES)
        if len(votes) == len(VOTE_ALIASES):
            named = votes | _named(by_name, {Field.CREATED_AT: ("created_at", "time")})
    found |= {column: target.value for target, column in named.items()}
    if found.keys() >= {"external_id", "label", "method", "created_at"}:
        # A file of this program's own export.
        found |= {"method": Field.METHOD.value, "created_at": Field.CREATED_AT.value}
        found |= {name: Field.LEAVE_OUT.value for name in ABOUT_THE_EXPORT if name in found}
    return found


def _named(
    by_name: Mapping[str, str], aliases: Mapping[Field, tuple[str, ...]]
) -> dict[Field, str]:
    """Return the column of each field that one is named for."""
    firsts = {
        target: next((by_name[name] for name in names if name in by_name), None)
        for target, names in aliases.items()
    }
    return {target: column for target, column in firsts.items() if column is not None}


class RowMaker:
    """Makes rows of records by a choice of fields.

    A column that only a later object has is taken by its name. Without a title column the title
    is the beginning of the text, and the text stays whole where it is longer.

    Raises:
        Invalid: a field is unknown or filled twice, or nothing gives a title.
    """

    def __init__(self, columns: Iterable[str], chosen: Mapping[str, str] | None = None) -> None:
        known = list(columns)
        self.chosen = fields_of(known, chosen or {})
        self._set_up(known)

    def _set_up(self, known: list[str]) -> None:
        self.titled = Field.TITLE in self.chosen.values()
        if not self.titled and Field.BODY not in self.chosen.values():
            names = ", ".join(known)[:300]
            raise Invalid(
                "title: no column has this name, nor 'text', and votes on items need the columns "
                f"external_id, annotator and label; the file has {names}."
            )
        self._texts = {c: str(f) for c, f in self.chosen.items() if f in TEXTS}
        self._special = {c: f for c, f in self.chosen.items() if f in _SPECIAL}
        self._left_out = {c for c, f in self.chosen.items() if f != Field.METADATA}
        self._told = Field.METHOD in self.chosen.values()
        self._evidence = bool({Field.VOTES, Field.DECISIONS} & set(self.chosen.values()))

    def __call__(self, record: Record) -> Row | Problem:
        """Return the row that a record makes, or what is wrong with it."""
        number, values = record
        if not values.keys() <= self.chosen.keys():
            self._learn(values)
        row = Row(number, "")
        for column, target in self._texts.items():
            value = values.get(column)
            if type(value) is str:
                value = value.strip()
            elif value is None:
                continue
            elif isinstance(value, int | float):
                value = str(value).lower() if isinstance(value, bool) else str(value)
            else:
                return Problem(number, target, "it is not text.", "Send text.")
            setattr(row, target, value) if target in _OF_ROW else self._note(row, target, value)
        left_out = self._left_out
        if len(values) > len(left_out):
            row.metadata = {c: v for c, v in values.items() if c not in left_out}
        return self._with_evidence(row, values)

    def _learn(self, values: Mapping[str, object]) -> None:
        known = [*self.chosen, *(column for column in values if column not in self.chosen)]
        self.chosen = fields_of(known, self.chosen)
        self._set_up(known)

    def _note(self, row: Row, target: str, value: str) -> None:
        if target == Field.METHOD and self._evidence:
            row.agreed = value

    def _with_evidence(self, row: Row, values: Mapping[str, object]) -> Row | Problem:
        for column, target in self._special.items():
            try:
                _SPECIAL[target](row, values.get(column))
            except BadEvidence as error:
                return Problem(row.number, target.value, f"{error}.", "Mend or leave it out.")
        if self._evidence:
            _count_evidence(row, told=self._told)
        elif Field.ANNOTATOR in self.chosen.values():
            _take_as_vote(row, values, self._texts)
        if not self.titled:
            row.title, row.body = beginning_of(row.body)
        return row


def beginning_of(text: str) -> tuple[str, str]:
    """Return a title from the beginning of a text, and the text where the title is not all of it.

    The title ends at a word's end within 200 characters.
    """
    line = " ".join(text[: 4 * TITLE_FROM_TEXT].split())
    if len(line) <= TITLE_FROM_TEXT and len(text) <= 4 * TITLE_FROM_TEXT:
        return (line, "" if line == text else text)
    cut = line[:TITLE_FROM_TEXT]
    return cut[: cut.rfind(" ")] if " " in cut else cut, text


def _count_evidence(row: Row, *, told: bool) -> None:
    """Let votes and decisions count instead of the label, which only tells what they came to."""
    if told:
        row.agreed = row.label if row.agreed == "agreement" else ""
    row.label = ""


def _take_as_vote(row: Row, values: Mapping[str, object], texts: Mapping[str, str]) -> None:
    column = next(column for column, target in texts.items() if target == Field.ANNOTATOR)
    name = str(values.get(column) or "").strip()
    if name and row.label:
        row.votes, row.label = [Vote(name, row.label)], ""


def _set_votes(row: Row, value: object) -> None:
    row.votes = read_votes(value)


def _set_decisions(row: Row, value: object) -> None:
    row.decisions = read_decisions(value)


def _set_created_at(row: Row, value: object) -> None:
    row.created_at = read_time(value)


def _add_metadata(row: Row, value: object) -> None:
    if isinstance(value, str) and value.strip():
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            raise BadEvidence("it is not valid JSON") from None
    if isinstance(value, dict):
        row.metadata = {**row.metadata, **value}
    elif value not in (None, ""):
        raise BadEvidence("it is not an object")


_SPECIAL: dict[Field, Callable[[Row, object], None]] = {
    Field.VOTES: _set_votes,
    Field.DECISIONS: _set_decisions,
    Field.CREATED_AT: _set_created_at,
    Field.ALL_METADATA: _add_metadata,
}
_OF_ROW = {"title", "body", "external_id", "url", "label", "split"}


def fields_of(columns: list[str], chosen: Mapping[str, str]) -> dict[str, Field]:
    """Return the field of each column: as chosen, else by its name.

    Raises:
        Invalid: a column or a field is unknown, or a field is filled twice.
    """
    taken = set(chosen.values()) - {str(field) for field in MANY}
    guessed = {c: f if f not in taken else str(Field.METADATA) for c, f in guess(columns).items()}
    wanted = guessed | dict(chosen)
    found: dict[str, Field] = {}
    for column, name in wanted.items():
        if column not in columns:
            raise Invalid(f"mapping: the file has no column '{column[:80]}'.")
        if name not in set(Field):
            raise Invalid(f"mapping: '{name[:40]}' is not one of {', '.join(Field)}.")
        target = Field(name)
        if target not in MANY and target in found.values():
            raise Invalid(f"mapping: two columns stand for {FIELD_NAMES[target]}; choose one.")
        found[column] = target
    return found


def _plain(column: str) -> str:
    return column.strip().lower().replace(" ", "_").replace("-", "_")
