"""Which rows of a snapshot somebody wants to see."""

from collections.abc import Mapping
from typing import Any

from django import forms

from classifier.models import DatasetSnapshot, RowUse
from labeling.errors import Invalid
from labeling.forms.messages import error_of
from labeling.models.resolution import ResolutionMethod

ANY = ("", "any")


class RowFilter(forms.Form):
    """The filters of the rows; all of them optional."""

    label = forms.Field(required=False)
    split = forms.ChoiceField(required=False, choices=[ANY, *RowUse.choices], label="Used for")
    method = forms.ChoiceField(
        required=False, choices=[ANY, *ResolutionMethod.choices], label="Label reached by"
    )

    def __init__(self, query: Mapping[str, Any], snapshot: DatasetSnapshot) -> None:
        super().__init__(query, auto_id="rows_%s")
        names = [ANY, *((name, name) for name in snapshot.labels)]
        self.fields["label"] = forms.ChoiceField(required=False, choices=names)

    @property
    def chosen(self) -> dict[str, str]:
        """Return the filters that were given and are known."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def require(self) -> dict[str, str]:
        """Return the filters that were given.

        Raises:
            Invalid: one of them is unknown.
        """
        if not self.is_valid():
            name = next(iter(self.errors))
            raise Invalid(f"{name}: {error_of(self, name)}")
        return self.chosen
