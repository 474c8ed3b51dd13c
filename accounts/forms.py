"""The fields of the page of API keys."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

from accounts.models import Scope

SCOPES = (
    (Scope.READ, "read: items, labels, models, predictions"),
    (Scope.WRITE, "write: add items, report tags, and what else your roles allow"),
    (Scope.TAG, "tag: ask the model for tags"),
)
NEVER = "never"
LIVES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), (NEVER, "never"))


class KeyForm(forms.Form):
    """A new key: what it is for, what it may do and for how long."""

    name = forms.CharField(max_length=100, help_text="What will use it, so that you know it again.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one."},
    )
    days = forms.ChoiceField(label="Expires after", choices=LIVES, initial="90")

    def expires_at(self) -> datetime | None:
        """Return when the key is to end, None for never."""
        days = self.cleaned_data["days"]
        return None if days == NEVER else timezone.now() + timedelta(days=int(days))
