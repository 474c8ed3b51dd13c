"""Marking the labels' keywords in a text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from labeling.models import Label

WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Keyword:
    """A word or phrase of a label: its pattern, and how far in its first word begins."""

    pattern: re.Pattern[str]
    lead: int
    length: int
    colour: int
    label: str


@dataclass(frozen=True)
class Highlighter:
    """The keywords of a project's labels, by their first word."""

    by_word: dict[str, tuple[Keyword, ...]]

    def mark(self, text: str) -> SafeString:
        """Return the text as HTML, escaped, with its keywords in `<mark>`.

        Whole words only, in any case; where keywords overlap, the leftmost, then the longest.
        """
        parts, done = [], 0
        for start, end, keyword in self._found(text):
            parts.append(format_html("{}", text[done:start]))
            parts.append(_marked(text[start:end], keyword))
            done = end
        parts.append(format_html("{}", text[done:]))
        return mark_safe("".join(parts))  # noqa: S308 - each part is escaped above

    def _found(self, text: str) -> Iterator[tuple[int, int, Keyword]]:
        done = 0
        # One look into the index for each word of the text, however many keywords there are.
        for word in WORD.finditer(text) if self.by_word else ():
            for keyword in self.by_word.get(word[0].casefold(), ()):
                start = word.start() - keyword.lead
                match = keyword.pattern.match(text, start) if start >= done else None
                if match is not None:
                    yield start, match.end(), keyword
                    done = match.end()
                    break


def highlighter(labels: Iterable[Label]) -> Highlighter:
    """Return what marks the keywords of these labels; the first label that has one marks it."""
    return _build(tuple((label.colour, label.name, label.keywords) for label in labels))


@lru_cache(maxsize=64)
def _build(labels: tuple[tuple[int, str, str], ...]) -> Highlighter:
    index: dict[str, list[Keyword]] = {}
    for colour, name, text in labels:
        for phrase in filter(None, (line.strip() for line in text.splitlines())):
            first = WORD.search(phrase)
            if first is not None:
                keyword = Keyword(_pattern(phrase), first.start(), len(phrase), colour, name)
                index.setdefault(first[0].casefold(), []).append(keyword)
    # The sort is stable: of equally long ones the first label's stays in front.
    longest_first = {
        word: tuple(sorted(found, key=lambda keyword: -keyword.length))
        for word, found in index.items()
    }
    return Highlighter(longest_first)


def _pattern(phrase: str) -> re.Pattern[str]:
    inside = r"\s+".join(re.escape(part) for part in phrase.split())
    return re.compile(rf"(?<!\w){inside}(?!\w)", re.IGNORECASE)


def _marked(text: str, keyword: Keyword) -> SafeString:
    return format_html(
        '<mark data-colour="{}" title="{}">{}</mark>', keyword.colour, keyword.label, text
    )
