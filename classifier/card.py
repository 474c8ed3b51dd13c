"""What a model card says: data, recipe, figures, limits and decisions (Mitchell et al. 2019)."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from classifier.metrics.slices import MINIMUM_ROWS
from classifier.models import Evaluation, ModelVersion
from classifier.recipes.agreement import Agreement
from labeling.events import history
from labeling.models import Event, ResolutionMethod, Split


@dataclass(frozen=True)
class LabelRows:
    """How many rows of a label were learned from and held out."""

    label: str
    training: int
    holdout: int


@dataclass(frozen=True)
class Card:
    """All that a card holds beside the model and its evaluation."""

    labels: list[LabelRows]
    methods: list[tuple[str, int]]
    limits: list[str]
    history: list[Event]


def card_of(model: ModelVersion) -> Card:
    """Return the card of a model that was read with its evaluation and snapshot, in two queries."""
    counted = model.snapshot.rows.order_by().values_list("label", "split", "method")
    rows = list(counted.annotate(count=Count("pk")))
    sizes: Counter[tuple[str, str]] = Counter()
    methods: Counter[str] = Counter()
    for label, split, method, count in rows:
        sizes[label, split] += count
        methods[method] += count
    known = dict.fromkeys([*model.snapshot.labels, *sorted({label for label, *_ in rows})])
    labels = [
        LabelRows(name, sizes[name, Split.POOL], sizes[name, Split.HOLDOUT]) for name in known
    ]
    return Card(
        labels=labels,
        methods=[(_method(name), count) for name, count in methods.most_common()],
        limits=list(_limits(model, model.evaluation, labels)),
        history=list(history(model)),
    )


def weights_of(model: ModelVersion) -> str:
    """Return how many bits the weights of a model have and why; "" where there was no choice."""
    agreement = Agreement.read(model.manifest.get("int8"))
    return agreement.words if agreement else ""


def _method(name: str) -> str:
    return ResolutionMethod(name).label if name in ResolutionMethod.values else name


def _limits(model: ModelVersion, evaluation: Evaluation, labels: list[LabelRows]) -> Iterator[str]:
    yield (
        f"It answers with one of {len(model.snapshot.labels)} labels, also where none of them "
        "fits, and learned from items of this project alone."
    )
    few = [each.label for each in labels if each.holdout < MINIMUM_ROWS]
    if few:
        yield (
            f"Fewer than {MINIMUM_ROWS} holdout items, so its figures say little: {', '.join(few)}."
        )
    unknown = [each["name"] for each in evaluation.slices if each["weighted_f1"] is None]
    if unknown:
        yield f"Slices without enough data to judge: {', '.join(unknown)}."
    found: list[dict[str, Any]] = evaluation.found_slices.get("found", [])
    if found:
        yield f"A search found {len(found)} parts with more mistakes than elsewhere; see above."
    if model.snapshot.near_duplicates:
        yield (
            f"{model.snapshot.near_duplicates} items were kept out of training, because the "
            "holdout holds nearly the same text."
        )
