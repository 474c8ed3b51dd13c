"""What a manager wants done to many items."""

from typing import Any

from django import forms
from django.http import QueryDict

from labeling.bulk.prioritise import HIGHEST, LOWEST
from labeling.bulk.selection import LARGEST_KEY, Selection
from labeling.forms.items import ItemFilter
from labeling.models import Project

ACTIONS = {
    "priority": "Set the priority",
    "assign": "Assign to members",
    "review": "Send to review",
    "gold": "Mark as gold",
    "delete": "Delete",
}


class BulkForm(forms.Form):
    """An action and the items it is for: `item` many times, or `all` that match `query`.

    Whom `assign` keeps them for is `member` many times, or `anyone`.
    """

    action = forms.ChoiceField(choices=list(ACTIONS.items()))
    priority = forms.IntegerField(min_value=LOWEST, max_value=HIGHEST, required=False)
    query = forms.CharField(max_length=2000, required=False)
    anyone = forms.BooleanField(required=False)
    sure = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.ticked = _numbers(data.getlist("item"))
        self.chosen_members = _numbers(data.getlist("member"))
        self.all_that_match = data.get("all") == "1"

    def clean(self) -> dict[str, Any]:
        """Refuse the action `priority` without one."""
        values = super().clean() or self.cleaned_data
        missing = values.get("action") == "priority" and values.get("priority") is None
        if missing and "priority" not in self.errors:
            self.add_error("priority", "Say which: the highest comes first, 0 is usual.")
        return values

    @property
    def members(self) -> list[int] | None:
        """Whom the items are to be kept for: nobody where anyone may have them, None untold."""
        return [] if self.cleaned_data["anyone"] else self.chosen_members or None

    def selection(self, project: Project) -> Selection:
        """Return what is selected; nothing where nothing is ticked."""
        if self.all_that_match:
            chosen = ItemFilter(QueryDict(self.cleaned_data["query"]), project).chosen
            return Selection(chosen=chosen)
        return Selection(ids=self.ticked or [0])


def _numbers(values: list[str]) -> list[int]:
    return [int(pk) for pk in values if pk.isascii() and pk.isdigit() and int(pk) <= LARGEST_KEY]
