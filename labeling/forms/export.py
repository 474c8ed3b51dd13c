"""The form of an export."""

from typing import Any

from django import forms

from labeling.export.formats import FORMATS
from labeling.export.rows import Options


class ExportForm(forms.Form):
    """In which format, and with how much beside items and labels."""

    format = forms.ChoiceField(
        choices=[(name, chosen.title) for name, chosen in FORMATS.items()], initial="csv"
    )
    evidence = forms.BooleanField(
        required=False,
        label="With votes, decisions and where each item came from",
        help_text="CSV, JSON lines and Parquet take them back in whole; Label Studio in part.",
    )
    pseudonyms = forms.BooleanField(required=False, label="Numbers in place of people's names")

    def __init__(self, *args: Any, may_see_votes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_see_votes:
            del self.fields["evidence"], self.fields["pseudonyms"]

    @property
    def options(self) -> Options:
        """Return what was chosen beside the format."""
        data = self.cleaned_data
        return Options(data.get("evidence", False), data.get("pseudonyms", False))
