"""The champions that this process has loaded, kept in step with the database."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from classifier import report_links
from classifier.deploy import Thresholds, thresholds_of
from classifier.models import ModelVersion, Stage
from classifier.promise import thresholds_for
from classifier.scoring import Scorer
from classifier.serving.problems import unavailable
from classifier.serving.shelf import Shelf
from classifier.serving.store import Tag

NO_MODEL = "project {slug} has no model in service: approve one on its Models page"
REFUSED = "project {slug} has a champion that could not be loaded: the serving log says why"


@dataclass(frozen=True)
class Champion:
    """A model that is ready to answer for a project, and from which confidence on it accepts."""

    scorer: Scorer
    thresholds: Thresholds

    @property
    def version(self) -> ModelVersion:
        """The model that answers."""
        return self.scorer.version


class Champions:
    """One champion a project. `refresh` runs in one thread; any thread may ask for a champion.

    A new champion is loaded and warmed up before it replaces the old one, in one assignment:
    whoever holds the old one finishes with it. One that cannot be loaded leaves the old one. The
    old one stays on the shelf, so that going back to it takes no loading.
    """

    def __init__(self, shelf: Shelf) -> None:
        """Hold nothing until the first refresh."""
        self._shelf = shelf
        self._serving: dict[int, Champion] = {}
        self._refused: set[int] = set()
        self._linked: Set[int] = frozenset()

    def __len__(self) -> int:
        """How many projects are served."""
        return len(self._serving)

    def held(self, project_id: int) -> Champion | None:
        """Return the champion that answers for a project, if there is one."""
        return self._serving.get(project_id)

    def numbers(self) -> Mapping[str, int]:
        """Return the number of the model that answers, by the slug of its project."""
        served = [champion.version for champion in list(self._serving.values())]
        return {version.project.slug: version.number for version in served}

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

    def report_url(self, tag: Tag) -> str | None:
        """Return the link for saying that a tag is wrong; None where its project has none."""
        if tag.project_id not in self._linked:
            return None
        return report_links.url_of(tag.id, tag.created_at)

    def refresh(self) -> None:
        """Bring what is served into step with the database."""
        wanted = {version.project_id: version for version in _champions()}
        # After the models: one that is new here never answers without its project's links.
        self._linked = report_links.projects()
        for project_id in {*self._serving, *self._refused} - wanted.keys():
            self._serving.pop(project_id, None)
            self._refused.discard(project_id)
            self._shelf.forget(project_id)
        for project_id, version in wanted.items():
            self._follow(project_id, version)

    def _follow(self, project_id: int, version: ModelVersion) -> None:
        current = self._serving.get(project_id)
        if current is None or current.version.pk != version.pk:
            current = self._load(project_id, version) or current
        if current is None:
            return
        same = current.version.pk == version.pk
        thresholds = thresholds_of(version.project) if same else thresholds_for(current.version)
        self._serving[project_id] = replace(current, thresholds=thresholds)

    def _load(self, project_id: int, version: ModelVersion) -> Champion | None:
        scorer = self._shelf.open(version, "champion")
        if scorer is None:
            self._refused.add(project_id)
            return None
        self._refused.discard(project_id)
        return Champion(scorer, thresholds_of(version.project))


def _champions() -> QuerySet[ModelVersion]:
    champions = ModelVersion.objects.filter(stage=Stage.CHAMPION)
    return champions.select_related("project__deployment").defer("manifest", "approval_comment")
