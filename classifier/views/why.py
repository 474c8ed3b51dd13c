"""One answer of a model: its probabilities, and the words that drove it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from classifier import artifacts
from classifier.explain import Drivers, drivers
from classifier.models import ModelVersion, SnapshotRow
from classifier.recipes.artifact import ArtifactError
from classifier.recipes.text import join_text
from classifier.suspects import asked_of
from classifier.views.report import name_of, names_of
from labeling.access import Access, project_page
from labeling.models import Role

WIDTH = 100
# Whoever asks once asks again: of the same model, or of two side by side.
_load = lru_cache(maxsize=2)(artifacts.load_folder)


@dataclass(frozen=True)
class Reasons:
    """What a model says of a text, and why; or why it cannot be said."""

    shares: list[tuple[str, float]]
    words: Drivers
    trouble: str


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int, row_id: int) -> HttpResponse:
    """Show what drove a model's answer to a row of its snapshot."""
    model = get_object_or_404(access.project.model_versions, number=number)
    rows = SnapshotRow.objects.filter(snapshot=model.snapshot_id)
    row = get_object_or_404(rows.annotate(asked=asked_of("item")), pk=row_id)
    names = names_of(access.project.labels.all())
    reasons = _reasons(model, join_text(row.title, row.body))
    context = _words(model, reasons) | {
        "row": row,
        "truth": name_of(names, row.label),
        "shares": [(name_of(names, label), share) for label, share in reasons.shares],
    }
    return render(request, "classifier/why.html", context)


@require_safe
@project_page(Role.REVIEWER)
def words(request: HttpRequest, access: Access, prediction_id: UUID) -> HttpResponse:
    """Show what drove a prediction, as a part of another page."""
    found = access.project.predictions.select_related("model_version")
    prediction = get_object_or_404(found, pk=prediction_id)
    model = prediction.model_version
    reasons = _reasons(model, join_text(prediction.title, prediction.body))
    return render(request, "classifier/prediction_words.html", _words(model, reasons))


def _words(model: ModelVersion, reasons: Reasons) -> dict[str, Any]:
    """Return what the table of words shows, each word with the length of its bar."""
    largest = max((abs(weight) for _, weight in reasons.words), default=1.0)
    return {
        "model": model,
        "words": [
            (word, weight, round(WIDTH * abs(weight) / largest)) for word, weight in reasons.words
        ],
        "trouble": reasons.trouble,
    }


def _reasons(model: ModelVersion, text: str) -> Reasons:
    try:
        loaded = _load(model.artifact, model.artifact_hash)
    except ArtifactError as error:
        return Reasons([], [], f"Model {model.number} cannot be loaded: {error}")
    shares = zip(loaded.labels, loaded.predict_proba([text])[0].tolist(), strict=True)
    return Reasons(sorted(shares, key=lambda each: -each[1]), drivers(loaded.recipe, text), "")


urlpatterns = [
    path("models/<int:number>/rows/<int:row_id>/", page, name="model-row"),
    path("predictions/<uuid:prediction_id>/words/", words, name="prediction-words"),
]
