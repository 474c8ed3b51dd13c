"""The figures of a trial: how much each model answered, how sure it was, and how fast."""

from dataclasses import dataclass
from statistics import fmean

from django.db.models import OuterRef, QuerySet

from classifier.models import ModelVersion, Pair, Trial
from labeling.counting import CountOf
from labeling.models import Project

SAMPLE = 500


@dataclass(frozen=True)
class Side:
    """One of the two models: how sure and how fast it was on the latest texts.

    `answered` counts the texts that it answered; on all others it was silent. The latency, of 95
    of 100 answers, is that of the model alone, on the texts that it worked on together, where it
    was silent, and that of the whole call where it answered.
    """

    model: ModelVersion
    answered: int
    failed: int
    confidence: float | None
    latency_ms: float | None


@dataclass(frozen=True)
class Figures:
    """Both sides, and on how many texts they were compared."""

    champion: Side
    challenger: Side
    texts: int
    differing: int
    asked: int

    @property
    def both(self) -> list[Side]:
        """The champion, then the challenger."""
        return [self.champion, self.challenger]

    @property
    def waiting(self) -> int:
        """How many disagreements nobody was asked about."""
        return self.differing - self.asked

    @property
    def agreement(self) -> float | None:
        """On which share of the texts both said the same."""
        return 1 - self.differing / self.texts if self.texts else None


def with_counts(project: Project) -> QuerySet[Trial]:
    """Return the trials of a project with what `figures_of` needs, in one query."""
    pairs = Pair.objects.filter(trial=OuterRef("pk"))
    trials = project.trials.select_related("challenger__evaluation", "champion__evaluation")
    heavy = ("manifest", "evaluation__confusion", "evaluation__per_class", "evaluation__slices")
    deferred = [f"{side}__{name}" for side in ("challenger", "champion") for name in heavy]
    return trials.defer(*deferred).annotate(
        texts=CountOf(pairs),
        differing=CountOf(pairs.filter(differs=True)),
        asked=CountOf(pairs.filter(differs=True, asked_at__isnull=False)),
        led=CountOf(pairs.filter(model_version=OuterRef("champion"))),
        failed=CountOf(pairs.filter(label=None, model_version=OuterRef("challenger"))),
        champion_failed=CountOf(pairs.filter(label=None, model_version=OuterRef("champion"))),
    )


def figures_of(trial: Trial) -> Figures:
    """Return the figures of a trial that `with_counts` has read."""
    counts = {name: getattr(trial, name) for name in ("texts", "differing", "asked")}
    led: int = trial.led  # type: ignore[attr-defined]
    latest = list(
        Pair.objects.filter(trial=trial)
        .order_by("-pk")
        .values_list(
            "model_version_id",
            "confidence",
            "latency_ms",
            "prediction__confidence",
            "prediction__latency_ms",
        )[:SAMPLE]
    )
    champion_failed: int = trial.champion_failed  # type: ignore[attr-defined]
    failed: int = trial.failed  # type: ignore[attr-defined]
    return Figures(
        champion=_side(trial.champion, counts["texts"] - led, champion_failed, latest),
        challenger=_side(trial.challenger, led, failed, latest),
        **counts,
    )


Row = tuple[int, float | None, float | None, float, float | None]


def _side(model: ModelVersion, answered: int, failed: int, latest: list[Row]) -> Side:
    own = [row[1:3] if row[0] == model.pk else row[3:5] for row in latest]
    confidences = [confidence for confidence, _ in own if confidence is not None]
    times = sorted(took for _, took in own if took is not None)
    return Side(
        model=model,
        answered=answered,
        failed=failed,
        confidence=fmean(confidences) if confidences else None,
        latency_ms=times[int(0.95 * len(times))] if times else None,
    )
