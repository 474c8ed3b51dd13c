"""How far texts resemble one another, by the words that they share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from math import log, sqrt

LETTERS_AT_LEAST = 4


def telling_words(title: Sequence[str], body: Sequence[str], most: int) -> list[str]:
    """Return the words that say most of what a text is about.

    Longer words are rarer in any language (Zipf, The Psycho-Biology of Language, 1935), so the
    longest of the title come first; the body fills up what the title lacks.

    Args:
        title: its words in lower case.
        body: the words of the text below it.
        most: how many are wanted.

    Returns:
        Up to `most` distinct words of four letters or more.
    """
    found = dict.fromkeys(chain(_longest(title), _longest(body)))
    return list(found)[:most]


def rank(text: Sequence[str], others: Sequence[Sequence[str]]) -> list[tuple[int, float]]:
    """Return the others by their resemblance to a text, the closest first.

    The resemblance is the cosine between the sets of words, each weighed by its inverse document
    frequency ln((1 + n) / (1 + df)) + 1 among all these texts (Salton and Buckley, Term-weighting
    approaches in automatic text retrieval, 1988).

    Args:
        text: its words.
        others: the words of each of the other texts.

    Returns:
        Index and resemblance (above 0, up to 1) of those that share a word; ties in their order.
    """
    sets = [set(text), *map(set, others)]
    spread = Counter(chain.from_iterable(sets))
    weight = {word: (log((1 + len(sets)) / (1 + df)) + 1) ** 2 for word, df in spread.items()}
    scored = [(index, _cosine(sets[0], other, weight)) for index, other in enumerate(sets[1:])]
    return sorted((pair for pair in scored if pair[1] > 0), key=lambda pair: -pair[1])


def _cosine(one: set[str], other: set[str], weight: dict[str, float]) -> float:
    shared = _sum(one & other, weight)
    return shared / sqrt(_sum(one, weight) * _sum(other, weight)) if shared else 0.0


def _sum(words: Iterable[str], weight: dict[str, float]) -> float:
    # Sorted, so that the same words give the same sum to the last bit.
    return sum(weight[word] for word in sorted(words))


def _longest(words: Sequence[str]) -> list[str]:
    long = (word for word in dict.fromkeys(words) if len(word) >= LETTERS_AT_LEAST)
    return sorted(long, key=lambda word: -len(word))
