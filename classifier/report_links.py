"""The link in a tag's answer by which anybody may say that it is wrong; an app above makes it."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Linker:
    """Tells the ids of the projects whose answers have a link, and makes it for a prediction.

    The link depends on the prediction and on when that was made, so a repeated answer is the same.
    """

    projects: Callable[[], Set[int]]
    url_of: Callable[[UUID, datetime], str]


linkers: list[Linker] = []


def register(linker: Linker) -> None:
    """Let an app above give links; the last one that registers does."""
    linkers[:] = [linker]


def projects() -> Set[int]:
    """Return the ids of the projects whose answers have a link now."""
    return linkers[0].projects() if linkers else frozenset()


def url_of(prediction_id: UUID, made_at: datetime) -> str:
    """Return the link to a prediction of one of these projects."""
    return linkers[0].url_of(prediction_id, made_at)
