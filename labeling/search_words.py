"""What somebody typed into a search field, as words and phrases that every engine understands."""

import re
import string
from dataclasses import dataclass

PREFIX_FROM = 4
WORDS_AT_MOST = 16
# The same characters part words in the index of PostgreSQL; SQLite's tokenizer has them anyway.
PUNCTUATION = string.punctuation
_SPACES = str.maketrans(PUNCTUATION + "\x00", " " * (len(PUNCTUATION) + 1))
_PARTS = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


@dataclass(frozen=True)
class Term:
    """Words that have to follow each other, or must not be there at all.

    Attributes:
        words: at least one, in lower case and without punctuation.
        without: whether an item with them is left out.
        prefix: whether the last word may go on.
    """

    words: tuple[str, ...]
    without: bool = False
    prefix: bool = False


def parse(text: str) -> list[Term]:
    """Return the terms of a search; any text gives some, or none where it has no word.

    All of them have to match. `"two words"` is a phrase, `-word` leaves items out, and the last
    word, from four letters on, also finds what it begins.
    """
    terms = [_term(*found.groups()) for found in _PARTS.finditer(text)]
    kept = [term for term in terms if term.words][:WORDS_AT_MOST]
    if kept and not text.endswith(('"', " ")) and len(kept[-1].words[-1]) >= PREFIX_FROM:
        last = kept[-1]
        kept[-1] = Term(last.words, last.without, prefix=not last.without)
    return kept


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order, in lower case and without punctuation."""
    parts = text.translate(_SPACES).lower().split()
    return [part for part in parts if any(map(str.isalnum, part))]


def _term(minus: str, phrase: str | None, word: str | None) -> Term:
    words = words_of(phrase or word or "")
    return Term(tuple(words[:WORDS_AT_MOST]), without=minus == "-")
