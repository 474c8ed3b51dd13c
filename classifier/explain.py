"""Which words drove a prediction."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from classifier.recipes import Recipe
from classifier.recipes.linear import LinearRecipe
from labeling.statistics.text import normalise

MOST_DRIVERS = 12
MOST_OCCLUDED = 60
_TOKEN = re.compile(r"\w\w+")
_EDGES = re.compile(r"^\W+|\W+$")
Drivers = list[tuple[str, float]]


def drivers(recipe: Recipe[Any], text: str, *, most: int = MOST_DRIVERS) -> Drivers:
    """Return the words of a text that moved a trained model most, with their weights.

    Positive weights speak for the label that the model gives, negative ones against it; the
    largest come first. Of a `linear` model they are exact: what the word's terms add to the
    label's score, coefficient times TF-IDF. Of any other they are how much the label's probability
    falls without the word (occlusion, Zeiler and Fergus 2014), for the first 60 different words.
    """
    if not text.strip():
        return []
    best = int(recipe.predict_proba([text])[0].argmax())
    if isinstance(recipe, LinearRecipe):
        found = exact(recipe, text, best)
    else:
        found = occluded(recipe, text, best)
    moved = [(word, weight) for word, weight in found if weight]
    return sorted(moved, key=lambda each: (-abs(each[1]), each[0]))[:most]


def exact(recipe: LinearRecipe, text: str, column: int) -> Drivers:
    """Return what each word adds to the score of the label in this column.

    A term that several words share (a pair of words, a run of characters) is parted evenly among
    them, so that the weights add up to the score without its intercept.
    """
    words = normalise(text).split()
    weights: dict[str, float] = defaultdict(float)
    for kind, term, added in recipe.contributions(text):
        owners = _owners_of_words(term, words) if kind == "words" else _owners_of_run(term, words)
        total = sum(owners.values())
        for word, times in owners.items():
            weights[_bare(word)] += float(added[column]) * times / total
    return list(weights.items())


def occluded(recipe: Recipe[Any], text: str, column: int) -> Drivers:
    """Return how much the probability of the label in this column falls without each word."""
    words = text.split()
    distinct = list(dict.fromkeys(map(_bare, words)))[:MOST_OCCLUDED]
    without = [" ".join(word for word in words if _bare(word) != gone) for gone in distinct]
    whole, *rest = recipe.predict_proba([text, *without])
    return [
        (word, float(whole[column] - shares[column]))
        for word, shares in zip(distinct, rest, strict=True)
    ]


def _bare(word: str) -> str:
    """Return a word without the punctuation around it, in the form in which it is compared."""
    plain = normalise(word)
    return _EDGES.sub("", plain) or plain


def _owners_of_words(term: str, words: Sequence[str]) -> Counter[str]:
    parts = set(term.split())
    return Counter(word for word in words for token in _TOKEN.findall(word) if token in parts)


def _owners_of_run(term: str, words: Sequence[str]) -> Counter[str]:
    counts = {word: f" {word} ".count(term) for word in words}
    times = Counter(words)
    return Counter({word: count * times[word] for word, count in counts.items() if count})
