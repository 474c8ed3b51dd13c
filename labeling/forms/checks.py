"""The fields of how a project checks its annotators."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from labeling.check_rules import RULES
from labeling.models import Project

SHARES = [MinValueValidator(0.0), MaxValueValidator(0.5)]
LIMITS = [MinValueValidator(0.0), MaxValueValidator(1.0)]
BELOW = "Of the share right on gold items, once its whole 95 % interval lies below. 0: never."


def _limit(label: str) -> forms.FloatField:
    return forms.FloatField(label=label, validators=LIMITS, help_text=BELOW)


class ChecksForm(forms.Form):
    """How often annotators are checked, whether they are told, and what follows."""

    gold_first = forms.IntegerField(
        label="Gold items at first",
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="So many everybody gets before anything else. 0: none.",
    )
    gold_rate = forms.FloatField(
        label="Share of gold items after that",
        validators=SHARES,
        help_text="Among all looks, at most 0.5. 0: none.",
    )
    repeat_rate = forms.FloatField(
        label="Share of repeats",
        validators=SHARES,
        help_text="Items that the same person answered at least 20 answers ago. 0: none.",
    )
    gold_show = forms.BooleanField(
        label="Tell annotators after each gold item whether they were right", required=False
    )
    skill_warn = _limit("Warn the managers below")
    skill_review = _limit("Send all answers to a reviewer below")
    skill_pause = _limit("Pause the person below")

    @classmethod
    def of(cls, project: Project) -> "ChecksForm":
        """Return the form as the project stands."""
        initial: dict[str, Any] = {name: getattr(project, name) for name in RULES}
        return cls(initial=initial, auto_id="checks_%s")
