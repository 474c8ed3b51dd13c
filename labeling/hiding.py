"""Hiding suggestions by chance, so that their pull on annotators can be measured."""

import hashlib

from labeling.models import DRAWS, Assignment, LookState, Task, TaskReason
from labeling.statistics.text import uniform_draw


def draw_hiding(task: Task) -> None:
    """Draw whether a task's suggestion is kept from those who answer, and note with which chance.

    The draw is a hash of the item's text: it can be repeated, and nothing else depends on it. What
    was reported as wrong is not drawn, as the report names it.
    """
    if task.suggestion is None or task.reason == TaskReason.REPORT:
        return
    task.hidden_share = task.project.hidden_share
    task.suggestion_hidden = _draw(task.item.text_hash) < round(task.hidden_share * DRAWS)


def stop_hiding(task: Task) -> None:
    """Leave a locked task out of the measurement, as a report on it names its suggestion.

    Answers that were given before the report still count in it. The task is left for its holder
    to save.
    """
    task.suggestion_hidden, task.hidden_share = False, None
    leased = Assignment.objects.filter(task=task.pk, state=LookState.LEASED)
    leased.update(suggestion_shown=None)


def _draw(text_hash: str) -> int:
    # Not the text's own draw, which gives out the looks.
    return uniform_draw(hashlib.sha256(f"hidden {text_hash}".encode()).hexdigest())
