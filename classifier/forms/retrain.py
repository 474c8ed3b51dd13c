"""The form of a training run: recipes, and the parameters of each as it declares them."""

from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields
from typing import Any

from django import forms

from classifier.models import TrainingRun
from classifier.recipes import RECIPES, Recipe
from classifier.retrain import DEFAULT_RECIPES, LARGEST_SEED, LONGEST_SEARCH


@dataclass(frozen=True)
class Group:
    """A recipe with the fields of its parameters, and the packages that it lacks here."""

    name: str
    title: str
    missing: tuple[str, ...]
    fields: list[forms.BoundField]
    invalid: bool


class RunForm(forms.Form):
    """What to train, with which parameters and from which seed."""

    recipes = forms.MultipleChoiceField(
        choices=[(name, recipe.title) for name, recipe in RECIPES.items()],
        initial=DEFAULT_RECIPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one recipe."},
    )
    seed = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_SEED,
        initial=0,
        help_text="The same snapshot, recipe and seed give the same model on a CPU.",
    )
    search_seconds = forms.IntegerField(
        label="Seconds to search better parameters",
        min_value=0,
        max_value=LONGEST_SEARCH,
        initial=0,
        help_text="For each recipe that has some to search, by cross-validation. 0: not at all.",
    )

    def __init__(self, *args: Any, like: TrainingRun | None = None, **kwargs: Any) -> None:
        """Take the form as it was sent; a new one begins with the choices of the run `like`."""
        used: Mapping[str, Mapping[str, object]] = like.recipes if like else {}
        if like is not None:
            how = {"seed": like.seed, "search_seconds": like.search_seconds}
            kwargs["initial"] = {"recipes": list(used)} | how
        super().__init__(*args, **kwargs)
        for name, recipe in RECIPES.items():
            for parameter in own_parameters(recipe):
                value = used.get(name, {}).get(parameter.name, parameter.default)
                self.fields[f"{name}-{parameter.name}"] = field_of(parameter, value)

    def clean(self) -> None:
        """Let what stands in the fields of recipes that are not chosen be no mistake."""
        chosen = self.cleaned_data.get("recipes", [])
        for name in RECIPES.keys() - set(chosen):
            for key in self._keys(name, RECIPES[name]):
                self.errors.pop(key, None)

    def groups(self) -> Iterator[Group]:
        """Yield each recipe with its fields."""
        for name, recipe in RECIPES.items():
            bound = [self[key] for key in self._keys(name, recipe)]
            invalid = any(each.errors for each in bound) if self.is_bound else False
            yield Group(name, recipe.title, recipe.missing(), bound, invalid)

    @property
    def chosen(self) -> dict[str, dict[str, object]]:
        """Return the parameters of each chosen recipe. Call it on a valid form."""
        return {
            name: {
                parameter.name: self.cleaned_data[f"{name}-{parameter.name}"]
                for parameter in own_parameters(RECIPES[name])
            }
            for name in self.cleaned_data["recipes"]
        }

    @staticmethod
    def _keys(name: str, recipe: type[Recipe[Any]]) -> list[str]:
        return [f"{name}-{parameter.name}" for parameter in own_parameters(recipe)]


def own_parameters(recipe: type[Recipe[Any]]) -> "list[Field[Any]]":
    """Return the parameters that a recipe is asked for by itself; the seed is that of the run."""
    return [each for each in fields(recipe.parameters_type) if each.name != "seed"]


def field_of(parameter: "Field[Any]", value: object) -> forms.Field:
    """Return the form field of a recipe's parameter, with a value to begin with."""
    about = parameter.metadata
    words: dict[str, Any] = {
        "label": about["label"],
        "help_text": about["explanation"],
        "initial": value,
    }
    if "choices" in about:
        return forms.ChoiceField(choices=[(each, each) for each in about["choices"]], **words)
    if "allowed" in about:
        return forms.ChoiceField(choices=[(each, each) for each in about["allowed"]()], **words)
    if "longest" in about:
        return forms.CharField(max_length=about["longest"], **words)
    if isinstance(parameter.default, bool):
        return forms.BooleanField(required=False, **words)
    number = forms.IntegerField if isinstance(parameter.default, int) else forms.FloatField
    words["help_text"] += f" {about['low']:g} to {about['high']:g}."
    return number(min_value=about["low"], max_value=about["high"], **words)
