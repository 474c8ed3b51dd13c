"""The list of models and runs, and the button that trains more."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.metrics.gate import CheckState
from classifier.models import ModelVersion, Stage
from classifier.recipes import RECIPES
from classifier.retrain import DEFAULT_RECIPES, retrain
from classifier.verdict import gate_word
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold

PAGE, DIGITS = 50, 9
RUNS_SHOWN = 10
STAGE_STATES = {
    Stage.CANDIDATE: "busy",
    Stage.SHADOW: "info",
    Stage.CANARY: "warn",
    Stage.CHAMPION: "info",
    Stage.RETIRED: "idle",
    Stage.REJECTED: "idle",
}
GATE_STATES = {"passed": "ok", "failed": "bad", "not enough data": "warn"}
WITHOUT_DETAILS = ModelVersion.objects.select_related("evaluation", "snapshot").defer(
    "manifest",
    "evaluation__confusion",
    "evaluation__slices",
    "evaluation__calibration",
    "evaluation__comparison",
    "evaluation__per_class",
)


class RetrainForm(forms.Form):
    """Which recipes to train."""

    recipes = forms.MultipleChoiceField(
        choices=[(name, recipe.title) for name, recipe in RECIPES.items()],
        initial=DEFAULT_RECIPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one recipe."},
    )


@dataclass(frozen=True)
class Row:
    """A model as a line of the list."""

    model: ModelVersion

    @property
    def gate(self) -> str:
        """What the gate said."""
        return gate_word(self.model.evaluation)

    @property
    def unjudged(self) -> int:
        """How many checks had not enough data, of a gate that passed all the same."""
        unknown = [c["state"] == CheckState.NOT_ENOUGH_DATA for c in self.model.evaluation.checks]
        return sum(unknown) if self.model.evaluation.passed else 0

    @property
    def gate_state(self) -> str:
        """Which badge the gate's word wears."""
        return GATE_STATES[self.gate]

    @property
    def stage_state(self) -> str:
        """Which badge the stage wears."""
        return STAGE_STATES[Stage(self.model.stage)]


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the models and the latest runs."""
    models = WITHOUT_DETAILS.filter(project=access.project)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) <= DIGITS:
        models = models.filter(number__lt=int(before))
    found = list(models[: PAGE + 1])
    runs = list(access.project.runs.select_related("created_by").defer("log")[:RUNS_SHOWN])
    context = {
        "rows": [Row(model) for model in found[:PAGE]],
        "older": found[PAGE - 1].number if len(found) > PAGE else None,
        "before": before,
        "runs": runs,
        "active": next((run for run in runs if run.active), None),
        "form": RetrainForm(),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/models.html", context)


@require_POST
@project_page(Role.MANAGER)
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Start a training run and go to its page; while one is active, go to that one."""
    form = RetrainForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["recipes"])))
        return redirect("models", access.project.slug)
    recipes: dict[str, dict[str, object]] = {name: {} for name in form.cleaned_data["recipes"]}
    with RefusalsTold(request):
        run = retrain(project=access.project, user=access.user, recipes=recipes)
        return redirect("run", access.project.slug, run.number)
    return redirect("models", access.project.slug)


urlpatterns = [
    path("models/", index, name="models"),
    path("models/retrain/", start, name="model-retrain"),
]
