"""Full text search over titles and bodies, on either engine."""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from labeling.models import Item, ItemText
from labeling.search_words import PUNCTUATION, Term, parse

INDEX = """
INSERT INTO labeling_itemtext (rowid, title, body)
SELECT id, title, body FROM labeling_item WHERE id IN (SELECT value FROM json_each(%s))
"""
INDEX_POSTGRESQL = """
INSERT INTO labeling_itemtext (rowid, labeling_itemtext)
SELECT id, to_tsvector('simple', translate(title || ' ' || body, %s, %s))
FROM labeling_item WHERE id = ANY(%s)
"""


@dataclass(frozen=True)
class Language:
    """How an engine writes a full text query.

    Attributes:
        term: writes a term, quoted, so that nothing in a word is taken for an operator; a word
            never holds a quote of either kind.
        both, either, without: join two queries.
        key: the field that orders what is found cheapest.
    """

    term: Callable[[Term], str]
    both: str
    either: str
    without: str
    key: str

    def all_of(self, terms: Sequence[Term]) -> str:
        """Return a query that all terms match."""
        return self.both.join(map(self.term, terms))

    def any_of(self, queries: Sequence[str]) -> str:
        """Return a query that is matched where one of some is."""
        return self.either.join(f"({query})" for query in queries)


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _tsquery(term: Term) -> str:
    phrase = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({phrase}{':*' if term.prefix else ''})"


# SQLite's text index gives its rows in the order of their ids, without a sort.
FTS5 = Language(_fts5, " AND ", " OR ", " NOT ", key="text__item_id")
TSQUERY = Language(_tsquery, " & ", " | ", " & !", key="pk")


def index_items(ids: Collection[int]) -> None:
    """Let a search find new items, whose texts never change after."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(INDEX, [json.dumps(list(ids))])
        else:
            spaces = " " * len(PUNCTUATION)
            cursor.execute(INDEX_POSTGRESQL, [PUNCTUATION, spaces, list(ids)])


def search(items: QuerySet[Item], text: str) -> tuple[QuerySet[Item], str]:
    """Return those of `items` that match a search, and the field that orders them cheapest.

    One with exactly this `external_id` is found alone. Any text is safe; one without a word
    finds everything, and one that only leaves words out everything but these.
    """
    exact = items.filter(external_id=text).values_list("pk", flat=True).first() if text else None
    if exact is not None:
        return items.filter(pk=exact), "pk"
    language, terms = _language(), parse(text)
    wanted = language.all_of([term for term in terms if not term.without])
    unwanted = language.any_of([language.term(term) for term in terms if term.without])
    if wanted:
        query = f"({wanted}){language.without}({unwanted})" if unwanted else wanted
        return items.filter(text__match=query), language.key
    if unwanted:
        found = ItemText.objects.filter(item=OuterRef("pk"), match=unwanted)
        return items.filter(~Exists(found)), "pk"
    return items, "pk"


def with_two_of(items: QuerySet[Item], words: Sequence[str]) -> QuerySet[Item]:
    """Return those of `items` that hold two or more of these words, the newest first.

    One word alone may be in half of the project: two together lead to few items. Of fewer than two
    words there are none.
    """
    language = _language()
    pairs = [
        language.all_of([Term((one,)), Term((other,))]) for one, other in combinations(words, 2)
    ]
    if not pairs:
        return items.none()
    return items.filter(text__match=language.any_of(pairs)).order_by(f"-{language.key}")


def _language() -> Language:
    return FTS5 if connection.vendor == "sqlite" else TSQUERY
