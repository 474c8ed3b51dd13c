"""The champions that this process has loaded, kept in step with the database."""

from dataclasses import dataclass, replace
from time import monotonic

import structlog
from django.db import Error as DatabaseError
from django.db.models import QuerySet

from classifier.deploy import threshold_of
from classifier.models import ModelVersion, Stage
from classifier.scoring import Scorer, open_scorer
from classifier.serving.problems import unavailable

RETRY_SECONDS = 30.0
WARM_UP = (("A title to warm up with", ""), ("", "Two lines\nof text."))
NO_MODEL = "project {slug} has no model in service: approve one on its Models page"
REFUSED = "project {slug} has a champion that could not be loaded: the serving log says why"
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Champion:
    """A model that is ready to answer for a project, and from which confidence on it accepts."""

    scorer: Scorer
    threshold: float

    @property
    def version(self) -> ModelVersion:
        """The model that answers."""
        return self.scorer.version


@dataclass(frozen=True)
class Refusal:
    """Which champion could not be loaded, and when to try again."""

    version_id: int
    retry_at: float


class Champions:
    """One champion a project. `refresh` runs in one thread; any thread may ask for a champion.

    A new champion is loaded and warmed up before it replaces the old one, in one assignment:
    whoever holds the old one finishes with it. One that cannot be loaded leaves the old one.
    """

    def __init__(self) -> None:
        """Hold nothing until the first refresh."""
        self._serving: dict[int, Champion] = {}
        self._refused: dict[int, Refusal] = {}

    def __len__(self) -> int:
        """How many projects are served."""
        return len(self._serving)

    def of(self, project_id: int, slug: str) -> Champion:
        """Return the champion that answers for a project.

        Raises:
            Problem: 503 where there is none, with what to do about it.
        """
        champion = self._serving.get(project_id)
        if champion is not None:
            return champion
        if project_id in self._refused:
            raise unavailable("model_refused", REFUSED.format(slug=slug))
        raise unavailable("no_model", NO_MODEL.format(slug=slug))

    def refresh(self) -> None:
        """Bring what is served into step with the database."""
        wanted = {version.project_id: version for version in _champions()}
        for project_id in {*self._serving, *self._refused} - wanted.keys():
            self._serving.pop(project_id, None)
            self._refused.pop(project_id, None)
        for project_id, version in wanted.items():
            self._follow(project_id, version)

    def _follow(self, project_id: int, version: ModelVersion) -> None:
        threshold = threshold_of(version.project)
        current = self._serving.get(project_id)
        if current is None or current.version.pk != version.pk:
            current = self._load(project_id, version) or current
        if current is not None:
            self._serving[project_id] = replace(current, threshold=threshold)

    def _load(self, project_id: int, version: ModelVersion) -> Champion | None:
        refused = self._refused.get(project_id)
        if refused and refused.version_id == version.pk and monotonic() < refused.retry_at:
            return None
        try:
            scorer = open_scorer(version)
            scorer.score(WARM_UP)
        except DatabaseError:
            raise
        except Exception:
            # One project's broken artifact must not keep the others from their new models.
            log.exception("champion refused", project=version.project.slug, model=version.number)
            self._refused[project_id] = Refusal(version.pk, monotonic() + RETRY_SECONDS)
            return None
        self._refused.pop(project_id, None)
        log.info("champion in service", project=version.project.slug, model=version.number)
        return Champion(scorer, threshold_of(version.project))


def _champions() -> QuerySet[ModelVersion]:
    champions = ModelVersion.objects.filter(stage=Stage.CHAMPION)
    return champions.select_related("project__deployment").defer("manifest", "approval_comment")
