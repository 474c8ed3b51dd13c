"""What changed between two texts, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

AROUND = 2


@dataclass(frozen=True)
class Line:
    """A line of a comparison: `same`, `added`, `removed`, or a `gap` for equal lines left out."""

    kind: str
    text: str


@lru_cache(maxsize=128)
def compare_texts(before: str, after: str) -> tuple[Line, ...]:
    """Return what turns one text into the other, with two equal lines around each change.

    Nothing is escaped: the lines are as they were written.
    """
    old, new = before.splitlines(), after.splitlines()
    lines: list[Line] = []
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        if lines or group[0][1] > 0:
            lines.append(Line("gap", ""))
        for code in group:
            lines.extend(_lines(code, old, new))
    return tuple(lines)


def _lines(code: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[Line]:
    tag, first, last, new_first, new_last = code
    if tag == "equal":
        yield from (Line("same", text) for text in old[first:last])
        return
    yield from (Line("removed", text) for text in old[first:last])
    yield from (Line("added", text) for text in new[new_first:new_last])
