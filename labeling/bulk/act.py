"""The bulk actions by their names."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from labeling.bulk.assign import assign
from labeling.bulk.delete import delete_items
from labeling.bulk.prioritise import prioritise
from labeling.bulk.review import send_to_review
from labeling.bulk.selection import Selection, selected
from labeling.errors import Invalid
from labeling.gold import mark_gold
from labeling.models import Deletion, Project

ACTIONS = ("priority", "assign", "review", "gold", "delete")


@dataclass(frozen=True)
class Done:
    """What a bulk action did: to how many items, in words, and the deletion if it was one."""

    items: int
    text: str
    deletion: Deletion | None = None


def act(
    *,
    project: Project,
    actor: User,
    action: str,
    selection: Selection,
    priority: int | None = None,
    members: Sequence[int] | None = None,
) -> Done:
    """Do one of `priority`, `assign`, `review`, `gold` and `delete` to what is selected.

    Args:
        project: whose items.
        actor: who wants it.
        action: what to do.
        selection: which items.
        priority: which one, for `priority`.
        members: the user ids of whom `assign` keeps them for; none of them is everybody.

    Raises:
        Invalid: an unknown action, no priority or members, nothing selected, or more than
            100,000 items.
        Conflict: some of the items cannot become gold.
    """
    if action not in ACTIONS:
        raise Invalid(f"action: choose one of {', '.join(ACTIONS)}.")
    if action == "priority" and priority is None:
        raise Invalid("priority: say which; the highest comes first, 0 is usual.")
    if action == "assign" and members is None:
        raise Invalid("members: choose at least one, or say that everybody may have the items.")
    items = selected(project, selection)
    if action == "assign":
        said = assign(project=project, actor=actor, items=items, members=members or [])
        return Done(len(items), said)
    if action == "priority":
        count = prioritise(project=project, actor=actor, items=items, priority=priority or 0)
        return Done(len(items), f"{count:,} waiting {_s('item', count)} got priority {priority}.")
    if action == "review":
        count = send_to_review(project=project, actor=actor, items=items)
        return Done(len(items), f"{count:,} {_s('item', count)} sent to review.")
    if action == "gold":
        count = mark_gold(project=project, actor=actor, items=items)
        return Done(len(items), f"{count:,} {_s('item', count)} moved into the gold holdout.")
    deletion = delete_items(project=project, actor=actor, items=items)
    text = f"{deletion.size:,} {_s('item', deletion.size)} deleted."
    return Done(len(items), text, deletion)


def _s(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
