"""Full text search over titles and bodies, on either engine."""

import json
from collections.abc import Collection, Sequence
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
    terms = parse(text)
    wanted = [term for term in terms if not term.without]
    unwanted = [term for term in terms if term.without]
    if wanted:
        return items.filter(text__match=_query(wanted, unwanted)), _key()
    if unwanted:
        found = ItemText.objects.filter(item=OuterRef("pk"), match=_any_of(unwanted))
        return items.filter(~Exists(found)), "pk"
    return items, "pk"


def with_two_of(items: QuerySet[Item], words: Sequence[str]) -> QuerySet[Item]:
    """Return those of `items` that hold two or more of these words, the newest first.

    One word alone may be in half of the project: two together lead to few items. Of fewer than two
    words there are none.
    """
    pairs = [_all_of([Term((one,)), Term((other,))]) for one, other in combinations(words, 2)]
    if not pairs:
        return items.none()
    return items.filter(text__match=_either(pairs)).order_by(f"-{_key()}")


def _key() -> str:
    # SQLite's text index gives its rows in the order of their ids, without a sort.
    return "text__item_id" if connection.vendor == "sqlite" else "pk"


def _query(wanted: Sequence[Term], unwanted: Sequence[Term]) -> str:
    if not unwanted:
        return _all_of(wanted)
    without = "NOT" if connection.vendor == "sqlite" else "& !"
    return f"({_all_of(wanted)}) {without} ({_any_of(unwanted)})"


def _all_of(terms: Sequence[Term]) -> str:
    return (" AND " if connection.vendor == "sqlite" else " & ").join(map(_one, terms))


def _any_of(terms: Sequence[Term]) -> str:
    return _either([_one(term) for term in terms])


def _either(queries: Sequence[str]) -> str:
    return (" OR " if connection.vendor == "sqlite" else " | ").join(f"({q})" for q in queries)


def _one(term: Term) -> str:
    """Return a term as a query: quoted, so that nothing in a word is taken for an operator.

    A word never holds a quote of either kind.
    """
    if connection.vendor == "sqlite":
        return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")
    phrase = " <-> ".join(f"'{word}'" for word in term.words)
    return f"({phrase}{':*' if term.prefix else ''})"
