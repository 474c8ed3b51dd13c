"""Full text search over titles and bodies, on either engine."""

from collections.abc import Sequence
from itertools import combinations

from django.db import connection, models
from django.db.models import Exists, Func, OuterRef, QuerySet, Value
from django.db.models.expressions import RawSQL

from labeling.models import Item, ItemText
from labeling.search_words import PUNCTUATION, Term, parse

INDEX = """
INSERT INTO labeling_itemtext (rowid, title, body)
SELECT id, title, body FROM labeling_item WHERE id BETWEEN %s AND %s
"""
# Word for word the expression of the index item_text: else PostgreSQL would not use it.
VECTOR = (
    "to_tsvector('simple', translate(labeling_item.title || ' ' || labeling_item.body, "
    f"'{PUNCTUATION.replace(chr(39), chr(39) * 2)}', '{' ' * len(PUNCTUATION)}'))"
).replace("%", "%%")


class Words(Func):
    """The same expression over title and body of a table by any name, as in a subquery."""

    template = VECTOR.replace("labeling_item.title || ' ' || labeling_item.body", "%(expressions)s")
    template = template.replace("%%", "%%%%")
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


class Holds(Func):
    """Whether such words match a query."""

    template = "(%(expressions)s))"
    arg_joiner = " @@ to_tsquery('simple', "
    output_field = models.BooleanField()


def index_items(*, first: int, last: int) -> None:
    """Let a search find new items, the ones with ids from `first` to `last`.

    PostgreSQL's index follows its table by itself, so that nothing is to be done there.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(INDEX, [first, last])


def search(items: QuerySet[Item], text: str) -> tuple[QuerySet[Item], str]:
    """Return those of `items` that match a search, and the field that orders them cheapest.

    One with exactly this `external_id` is found alone. Any text is safe; one without a word
    finds everything, and one that only leaves words out everything but these.
    """
    exact = items.filter(external_id=text).values_list("pk", flat=True).first() if text else None
    if exact is not None:
        return items.filter(pk=exact), "pk"
    terms = parse(text)
    if not terms:
        return items, "pk"
    if connection.vendor == "sqlite":
        return _search_sqlite(items, terms)
    return _search_postgres(items, terms), "pk"


def with_two_of(items: QuerySet[Item], words: Sequence[str]) -> QuerySet[Item]:
    """Return those of `items` that hold two or more of these words, the newest first.

    One word alone may be in half of the project: two together lead to few items. Of fewer than two
    words there are none.
    """
    pairs = list(combinations(words, 2))
    if not pairs:
        return items.none()
    if connection.vendor == "sqlite":
        query = " OR ".join(f'("{one}" AND "{other}")' for one, other in pairs)
        # The text index gives its rows in the order of their ids, without a sort.
        return items.filter(text__match=query).order_by("-text__item_id")
    query = " | ".join(f"('{one}' & '{other}')" for one, other in pairs)
    return items.filter(Holds(Words("title", "body"), Value(query))).order_by("-pk")


def _search_sqlite(items: QuerySet[Item], terms: Sequence[Term]) -> tuple[QuerySet[Item], str]:
    wanted = " ".join(_fts5(term) for term in terms if not term.without)
    unwanted = " OR ".join(_fts5(term) for term in terms if term.without)
    if not wanted:
        found = ItemText.objects.filter(item=OuterRef("pk"), match=unwanted)
        return items.filter(~Exists(found)), "pk"
    query = f"({wanted}) NOT ({unwanted})" if unwanted else wanted
    # Driven from the text index, which gives its rows in the order of their ids.
    return items.filter(text__match=query), "text__item_id"


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _search_postgres(items: QuerySet[Item], terms: Sequence[Term]) -> QuerySet[Item]:
    query = " && ".join(_tsquery(term) for term in terms)
    words = [_tsquery_words(term) for term in terms]
    return items.filter(RawSQL(f"{VECTOR} @@ ({query})", words, models.BooleanField()))  # noqa: S611


def _tsquery(term: Term) -> str:
    query = "to_tsquery('simple', %s)"
    return f"(!!{query})" if term.without else query


def _tsquery_words(term: Term) -> str:
    # Quoted, so that nothing in a word is taken for an operator; the parser never sees a quote.
    quoted = [f"'{word}'" for word in term.words]
    return " <-> ".join(quoted) + (":*" if term.prefix else "")
