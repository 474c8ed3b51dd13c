"""Turning a file of any known format into rows, one at a time, whatever its size."""

from labeling.readers.content import Content, How, open_content
from labeling.readers.mapping import FIELD_NAMES, Field, RowMaker, guess
from labeling.readers.recognise import FORMAT_NAMES, Format
from labeling.readers.rows import Decision, Problem, Record, Row, Vote
from labeling.readers.votes import VoteMaker, maker_of

__all__ = [
    "FIELD_NAMES",
    "FORMAT_NAMES",
    "Content",
    "Decision",
    "Field",
    "Format",
    "How",
    "Problem",
    "Record",
    "Row",
    "RowMaker",
    "Vote",
    "VoteMaker",
    "guess",
    "maker_of",
    "open_content",
]
