"""Votes in long form: one row an item and annotator, `external_id, annotator, label`."""

from collections.abc import Iterable, Mapping

from labeling.readers.evidence import BadEvidence, read_time
from labeling.readers.mapping import Field, RowMaker, fields_of
from labeling.readers.rows import Problem, Record, Row, Vote

NEEDED = (Field.EXTERNAL_ID, Field.ANNOTATOR, Field.LABEL)
NAMES = {
    Field.EXTERNAL_ID: "Name the item as it was imported.",
    Field.ANNOTATOR: "Name who gave the label.",
    Field.LABEL: "Name the label, or leave the row out.",
}


class VoteMaker:
    """Makes rows of one vote each; what else a file has is passed over."""

    titled = True

    def __init__(self, chosen: Mapping[str, Field]) -> None:
        self.chosen = dict(chosen)
        by_field = {target: column for column, target in chosen.items()}
        self._columns = [(target, by_field[target]) for target in NEEDED]
        self._time = by_field.get(Field.CREATED_AT)

    def __call__(self, record: Record) -> Row | Problem:
        """Return the vote that a record holds, or what is wrong with it."""
        number, values = record
        texts = []
        for target, column in self._columns:
            value = values.get(column)
            text = value.strip() if type(value) is str else _as_text(value)
            if text is None:
                return Problem(number, target, "it is not text.", "Send text.")
            if not text:
                return Problem(number, target, "it is empty.", NAMES[target])
            texts.append(text)
        vote = Vote(texts[1], texts[2])
        if self._time is not None:
            try:
                vote.created_at = read_time(values.get(self._time))
            except BadEvidence as error:
                return Problem(number, Field.CREATED_AT, f"{error}.", "Mend or leave it out.")
        return Row(number, "", external_id=texts[0], votes=[vote])


def maker_of(
    columns: Iterable[str], chosen: Mapping[str, str] | None = None
) -> RowMaker | VoteMaker:
    """Return what makes rows of a file's records: votes, where nothing could give a title.

    Raises:
        Invalid: a field is unknown or filled twice, or they make neither items nor votes.
    """
    known = list(columns)
    found = fields_of(known, chosen or {})
    if not {Field.TITLE, Field.BODY} & set(found.values()) and set(NEEDED) <= set(found.values()):
        return VoteMaker(found)
    return RowMaker(known, chosen)


def _as_text(value: object) -> str | None:
    if value is None:
        return ""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
