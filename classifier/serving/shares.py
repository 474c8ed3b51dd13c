"""The challengers of open trials: which texts they answer, and what they say of the others."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from classifier.deploy import Thresholds, deployment_of
from classifier.models import ModelVersion, Pair, Trial
from classifier.promise import thresholds_for
from classifier.rollout.canary import in_canary, key_of
from classifier.scoring import Score, Scorer
from classifier.serving.asks import Ask
from classifier.serving.database_thread import DatabaseThread
from classifier.serving.models import Champion, Champions
from classifier.serving.shelf import Shelf
from classifier.serving.store import Tag

BACKLOG = 16
FAILURE_LENGTH = 200
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Challenger:
    """A model on trial that is ready to predict.

    Its thresholds are those of a revision of the project's deployment.
    """

    trial_id: int
    champion_id: int
    share: float
    scorer: Scorer
    thresholds: Thresholds
    revision: int

    def answers(self, ask: Ask) -> bool:
        """Tell whether it answers this ask: always the same ones, by the item that they name."""
        wording = ask.wording
        key = key_of(wording.title, wording.body, wording.external_id)
        return self.share > 0 and in_canary(ask.project_id, key, self.share)


class Challengers:
    """One challenger a project at most. `refresh` runs in one thread; any thread may ask for one.

    A new one is loaded and warmed up before it is there for anybody; one that cannot be loaded is
    tried again every half a minute, and answers nothing meanwhile.
    """

    def __init__(self, shelf: Shelf) -> None:
        """Hold nothing until the first refresh."""
        self._shelf = shelf
        self._ready: dict[int, Challenger] = {}

    def __len__(self) -> int:
        """How many projects have a model on trial."""
        return len(self._ready)

    def beside(self, champion: Champion) -> Challenger | None:
        """Return what is on trial against this very champion."""
        found = self._ready.get(champion.version.project_id)
        return found if found and found.champion_id == champion.version.pk else None

    def refresh(self) -> None:
        """Bring the challengers into step with the open trials."""
        trials = {trial.project_id: trial for trial in _open_trials()}
        for project_id in self._ready.keys() - trials.keys():
            del self._ready[project_id]
        for project_id, trial in trials.items():
            known = self._ready.get(project_id)
            if known is not None and known.trial_id == trial.pk:
                self._ready[project_id] = _followed(known, trial)
            else:
                self._load(trial)

    def _load(self, trial: Trial) -> None:
        project_id = trial.project_id
        self._ready.pop(project_id, None)
        scorer = self._shelf.open(trial.challenger, "challenger")
        if scorer is not None:
            self._ready[project_id] = Challenger(
                trial_id=trial.pk,
                champion_id=trial.champion_id,
                share=trial.share,
                scorer=scorer,
                thresholds=thresholds_for(trial.challenger),
                revision=_revision(trial),
            )


class SilentAnswers:
    """What the other model says of texts that were answered: asked and stored after the answer.

    Nobody waits for it, and it holds up no answer. Where more is left to do than `BACKLOG`
    batches, further ones are left out: by load, so not by what a model says of them.
    """

    def __init__(self, champions: Champions, challengers: Challengers) -> None:
        """Start no thread yet: the first batch does."""
        self._champions = champions
        self._challengers = challengers
        self._thread = DatabaseThread("silent")
        self._waiting: set[asyncio.Task[None]] = set()

    def offer(self, predictions: Sequence[Tag]) -> None:
        """Have predictions that have just been stored paired with what the other model says."""
        if not predictions or not len(self._challengers):
            return
        if len(self._waiting) >= BACKLOG:
            log.warning("silent answers left out", texts=len(predictions))
            return
        task = asyncio.create_task(self._pair(predictions))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def drain(self) -> None:
        """Return when everything that was taken is stored."""
        await asyncio.gather(*self._waiting)

    async def close(self) -> None:
        """Finish what was taken and end the thread."""
        await self.drain()
        await self._thread.close()

    async def _pair(self, predictions: Sequence[Tag]) -> None:
        try:
            await self._thread.run(pair_all, self._champions, self._challengers, predictions)
        except Exception:
            # Callers have their answers: what goes wrong here must not reach anybody.
            log.exception("silent answers lost", texts=len(predictions))


def share_out(
    champion: Champion, challengers: Challengers, asks: Sequence[Ask]
) -> list[tuple[Champion, list[Ask]]]:
    """Return who answers which of these asks of one project; the champion comes last."""
    challenger = challengers.beside(champion)
    if challenger is None:
        return [(champion, list(asks))]
    parts: dict[bool, list[Ask]] = defaultdict(list)
    for ask in asks:
        parts[challenger.answers(ask)].append(ask)
    canary = Champion(challenger.scorer, challenger.thresholds)
    return [(canary, parts[True]), (champion, parts[False])]


def pair_all(champions: Champions, challengers: Challengers, predictions: Sequence[Tag]) -> None:
    """Store what the model that was silent says of each of these predictions' texts."""
    pairs: list[Pair] = []
    for project_id, group in _by_project(predictions).items():
        champion = champions.held(project_id)
        challenger = champion and challengers.beside(champion)
        if champion and challenger:
            for scorer, told in (
                (challenger.scorer, champion.version),
                (champion.scorer, challenger.scorer.version),
            ):
                part = [each for each in group if each.model_version_id == told.pk]
                pairs += paired(challenger.trial_id, scorer, part)
    Pair.objects.bulk_create(pairs, ignore_conflicts=True)


def paired(trial_id: int, scorer: Scorer, predictions: Sequence[Tag]) -> list[Pair]:
    """Return, not stored, what a model says of texts that another one answered."""
    if not predictions:
        return []
    begun = time.perf_counter()
    said = _scores(scorer, [(each.title, each.body) for each in predictions])
    took = round((time.perf_counter() - begun) * 1000, 3)
    return [
        _pair(trial_id, scorer.version, prediction, score, took)
        for prediction, score in zip(predictions, said, strict=True)
    ]


def _pair(
    trial_id: int, silent: ModelVersion, prediction: Tag, said: Score | str, took: float
) -> Pair:
    pair = Pair(trial_id=trial_id, prediction_id=prediction.id, model_version=silent)
    if isinstance(said, str):
        pair.failure = said
        return pair
    pair.label, pair.confidence, pair.probabilities = (
        said.label,
        said.confidence,
        said.probabilities,
    )
    pair.latency_ms, pair.differs = took, said.label.pk != prediction.label_id
    return pair


def _scores(scorer: Scorer, texts: Sequence[tuple[str, str]]) -> list[Score | str]:
    """Return a score for each text, or why there is none: one bad text spoils no other."""
    try:
        return list(scorer.score(texts))
    except Exception as error:
        if len(texts) == 1:
            log.exception("a silent model failed", model=scorer.version.number)
            return [repr(error)[:FAILURE_LENGTH]]
        return [said for text in texts for said in _scores(scorer, [text])]


def _by_project(predictions: Sequence[Tag]) -> Mapping[int, list[Tag]]:
    groups: defaultdict[int, list[Tag]] = defaultdict(list)
    for prediction in predictions:
        groups[prediction.project_id].append(prediction)
    return groups


def _followed(known: Challenger, trial: Trial) -> Challenger:
    """Return a challenger in step with its trial, and with what the project promises."""
    revision = _revision(trial)
    if revision == known.revision:
        return replace(known, share=trial.share)
    thresholds = thresholds_for(trial.challenger)
    return replace(known, share=trial.share, thresholds=thresholds, revision=revision)


def _revision(trial: Trial) -> int:
    return deployment_of(trial.challenger.project).revision


def _open_trials() -> list[Trial]:
    trials = Trial.objects.filter(ended_at=None).select_related("challenger__project__deployment")
    return list(trials.defer("challenger__manifest", "challenger__approval_comment"))
