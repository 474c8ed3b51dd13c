"""What a manager wants done to many items."""

from typing import Any

from django import forms
from django.http import QueryDict

from labeling.bulk.prioritise import HIGHEST, LOWEST
from labeling.bulk.selection import Selection
from labeling.forms.items import ItemFilter
from labeling.models import Project

ACTIONS = {
    "priority": "Set the priority",
    "review": "Send to review",
    "gold": "Mark as gold",
    "delete": "Delete",
}


class BulkForm(forms.Form):
    """An action and the items it is for: `item` many times, or `all` that match `query`."""

    action = forms.ChoiceField(choices=list(ACTIONS.items()))
    priority = forms.IntegerField(min_value=LOWEST, max_value=HIGHEST, required=False)
    query = forms.CharField(max_length=2000, required=False)
    sure = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.ticked = [int(pk) for pk in data.getlist("item") if pk.isascii() and pk.isdigit()]
        self.all_that_match = data.get("all") == "1"

    def clean(self) -> dict[str, Any]:
        """Refuse the action `priority` without one."""
        values = super().clean() or self.cleaned_data
        missing = values.get("action") == "priority" and values.get("priority") is None
        if missing and "priority" not in self.errors:
            self.add_error("priority", "Say which: the highest comes first, 0 is usual.")
        return values

    def selection(self, project: Project) -> Selection:
        """Return what is selected; nothing where nothing is ticked."""
        if self.all_that_match:
            chosen = ItemFilter(QueryDict(self.cleaned_data["query"]), project).chosen
            return Selection(chosen=chosen)
        return Selection(ids=self.ticked or [0])
