"""What comes out of a file: raw records at first, then rows that may become items, and problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

LINE_LIMIT = 1_000_000
COLUMN_LIMIT = 1_000

Record = tuple[int, dict[str, object]]
"""A row as it stands in the file: its number, and its values by column."""


@dataclass(slots=True)
class Vote:
    """An annotator's answer that was given elsewhere."""

    annotator: str
    label: str
    seconds: float | None = None
    note: str = ""
    flagged: bool = False
    created_at: datetime | None = None


@dataclass(slots=True)
class Decision:
    """A decision that was made elsewhere; without label the item is out of scope."""

    label: str | None
    decided_by: str = ""
    method: str = ""
    comment: str = ""
    created_at: datetime | None = None


@dataclass(slots=True)
class Row:
    """One row of a file; `number` counts the header of a table as row 1.

    `label` is a decision of whoever imports. Where votes or decisions come along, they count
    instead, and `agreed` says which label the votes had settled on: "" for none, None where the
    file does not tell.
    """

    number: int
    title: str
    body: str = ""
    external_id: str = ""
    url: str = ""
    label: str = ""
    split: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)
    created_at: datetime | None = None
    votes: Sequence[Vote] = ()
    decisions: Sequence[Decision] = ()
    agreed: str | None = None


@dataclass(slots=True)
class Problem:
    """A row that cannot be taken: where, why and how to mend it."""

    row: int
    field: str
    reason: str
    fix: str = ""
