"""Text in cells that a spreadsheet would take for a formula.

A spreadsheet runs a cell that begins with one of `= + - @`, a tab or a carriage return. An
apostrophe before it makes it text; one more is put before a text that begins like that by itself,
so that every text comes back as it was.
"""

import re

_RUNS = re.compile(r"'*[=+\-@\t\r]")


def neutralise(text: str) -> str:
    """Return `text` as a cell that no spreadsheet runs."""
    return f"'{text}" if _RUNS.match(text) else text


def restore(cell: str) -> str:
    """Return the text that `neutralise` made a cell of."""
    return cell[1:] if cell[:1] == "'" and _RUNS.match(cell) else cell
