"""The fields of a project's policy."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from labeling.models import Consensus, Project


class ConsensusForm(forms.Form):
    """When the votes on an item settle its label."""

    consensus = forms.ChoiceField(
        label="A label stands on",
        choices=Consensus.choices,
        widget=forms.RadioSelect,
        help_text="How many looks there are, and after how many a reviewer decides, stands under "
        "Project.",
    )
    sure_enough = forms.FloatField(
        label="How probable it has to be where votes are weighed",
        validators=[MinValueValidator(0.51), MaxValueValidator(0.999)],
        help_text="0.51 to 0.999. What is less probable gets a further look, then a reviewer.",
    )

    @classmethod
    def of(cls, project: Project) -> "ConsensusForm":
        """Return the form as the project stands."""
        initial = {name: getattr(project, name) for name in cls.base_fields}
        return cls(initial=initial, auto_id="consensus_%s")
