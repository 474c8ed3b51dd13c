"""Answers to compare with each other, in few calls."""

from collections.abc import Callable, Sequence

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Item
from tests.labeling.gold import only
from tests.labeling.steps import answer, task_of

MakeItem = Callable[..., Item]


def vote(make_item: MakeItem, pair: tuple[User, User], votes: Sequence[str]) -> list[Item]:
    """Let two people answer items, each vote as `ab`: the first letters of their labels.

    Checks of them are turned off, which would come by chance.
    """
    names = {"a": "alpha", "b": "beta", "c": "gamma"}
    made = []
    for both in votes:
        item = make_item()
        only(item.project)
        for user, letter in zip(pair, both, strict=True):
            answer(item.project, user, names[letter])
        made.append(item)
    return made


def decide_as(item: Item, reviewer: User, label: str) -> None:
    """Let a reviewer decide the item's case."""
    decide(project=item.project, user=reviewer, task_id=task_of(item).pk, label_name=label)
