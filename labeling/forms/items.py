"""The filters of the list of items."""

from collections.abc import Mapping
from typing import Any

from django import forms

from labeling.models import Label, Split

STATUSES = (
    ("", "any"),
    ("unlabeled", "unlabeled"),
    ("review", "in review"),
    ("labeled", "labeled"),
)


class ItemFilter(forms.Form):
    """Which items a list shows; a value that is none filters nothing."""

    q = forms.CharField(max_length=200, required=False)
    label = forms.ChoiceField(required=False)
    status = forms.ChoiceField(choices=STATUSES, required=False)
    split = forms.ChoiceField(choices=[("", "any"), *Split.choices], required=False)

    def __init__(self, data: Mapping[str, Any], labels: list[Label]) -> None:
        super().__init__(data)
        choices = [("", "any"), *((label.name, label.name) for label in labels)]
        self.fields["label"] = forms.ChoiceField(choices=choices, required=False)

    @property
    def chosen(self) -> dict[str, str]:
        """Return the values that filter."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
