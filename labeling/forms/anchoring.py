"""The fields for suggestions and what is put up with of their pull."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from labeling.anchoring import MOST_HIDDEN, REASON_LIMIT
from labeling.models import Project


class AnchoringForm(forms.Form):
    """How often suggestions are hidden, and when they go off."""

    hidden_share = forms.FloatField(
        label="Hide the suggestion on which share of the tasks",
        validators=[MinValueValidator(0.0), MaxValueValidator(MOST_HIDDEN)],
        help_text="Drawn by chance when a suggestion comes in; 0.1 is one in ten.",
    )
    anchoring_limit = forms.FloatField(
        label="Difference in agreement that is put up with",
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Suggestions go off by themselves once the whole interval lies above it.",
    )

    @classmethod
    def of(cls, project: Project) -> "AnchoringForm":
        """Return the form as the project stands."""
        initial = {name: getattr(project, name) for name in cls.base_fields}
        return cls(initial=initial, auto_id="suggestions_%s")


class SwitchForm(forms.Form):
    """Turning suggestions on or off."""

    on = forms.BooleanField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(max_length=REASON_LIMIT)
