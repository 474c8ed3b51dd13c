"""Models that this process has loaded, and keeps at hand."""

from dataclasses import dataclass
from time import monotonic

import structlog
from django.db import Error as DatabaseError

from classifier.models import ModelVersion
from classifier.recipes.artifact import LoadedModel
from classifier.scoring import Scorer, open_scorer

KEPT = 2
RETRY_SECONDS = 30.0
WARM_UP = (
    ("A title to warm up with", ""),
    ("", "Two lines\nof text."),
    ("A title", "And what it is about, in a sentence or two. " * 8),
)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Refusal:
    """Which model could not be loaded, and when to try again."""

    version_id: int
    retry_at: float


class Shelf:
    """The champion of each project and the one before it, and so the challengers.

    A promotion of a challenger and a rollback find theirs here, and wait for no loading. Used by
    one thread.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._kept: dict[tuple[int, str], dict[int, LoadedModel]] = {}
        self._refused: dict[tuple[int, str], Refusal] = {}

    def open(self, version: ModelVersion, part: str) -> Scorer | None:
        """Return a model that has predicted already, or None for one that cannot.

        The log says why it cannot; it is tried again after half a minute.

        Args:
            version: the model, with its project.
            part: what it is wanted for, champion or challenger.

        Raises:
            django.db.Error: the database does not answer.
        """
        refused = self._refused.get((version.project_id, part))
        if refused and refused.version_id == version.pk and monotonic() < refused.retry_at:
            return None
        try:
            scorer = self._opened(version, part)
        except DatabaseError:
            raise
        except Exception:
            # One project's broken artifact must not keep the others from their new models.
            log.exception(f"{part} refused", project=version.project.slug, model=version.number)
            refusal = Refusal(version.pk, monotonic() + RETRY_SECONDS)
            self._refused[version.project_id, part] = refusal
            return None
        self._refused.pop((version.project_id, part), None)
        log.info(f"{part} in service", project=version.project.slug, model=version.number)
        return scorer

    def forget(self, project_id: int) -> None:
        """Keep nothing of a project that is not served any more."""
        for key in [key for key in self._kept if key[0] == project_id]:
            del self._kept[key]

    def _opened(self, version: ModelVersion, part: str) -> Scorer:
        scorer = open_scorer(version, self._at_hand(version))
        scorer.score(WARM_UP)
        kept = self._kept.setdefault((version.project_id, part), {})
        kept.pop(version.pk, None)
        kept[version.pk] = scorer.loaded
        for oldest in list(kept)[:-KEPT]:
            del kept[oldest]
        return scorer

    def _at_hand(self, version: ModelVersion) -> LoadedModel | None:
        shelves = (kept for key, kept in self._kept.items() if key[0] == version.project_id)
        return next((kept[version.pk] for kept in shelves if version.pk in kept), None)
