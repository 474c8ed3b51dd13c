"""A model's card: what it is, how good it is and who let it serve, ready to be printed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from classifier.card import card_of, weights_of
from classifier.models import ModelVersion, Stage
from classifier.verdict import gate_word, verdict_of
from classifier.views.models import STAGE_STATES
from classifier.views.report import found_of
from labeling.access import Access, project_page
from labeling.models import Role

CARDS = ModelVersion.objects.select_related(
    "evaluation__champion", "snapshot__created_by", "run__created_by", "approved_by"
)


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Show the card of a model."""
    model = get_object_or_404(CARDS, project=access.project, number=number)
    context: dict[str, Any] = {
        "model": model,
        "evaluation": model.evaluation,
        "stage_state": STAGE_STATES[Stage(model.stage)],
        "verdict": verdict_of(model.evaluation),
        "gate": gate_word(model.evaluation),
        "found_slices": found_of(model.evaluation),
        "card": card_of(model),
        "weights": weights_of(model),
    }
    return render(request, "classifier/card.html", context)


urlpatterns = [path("models/<int:number>/card/", page, name="model-card")]
