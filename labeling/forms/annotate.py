"""What the label page sends."""

from django import forms

from labeling.forms.project import NAME_LIMIT
from labeling.queue import TAB_LIMIT

NOTE_LIMIT = 4000


class TabForm(forms.Form):
    """Which tab sends, whom it believes to be signed in, and what it wants back."""

    tab = forms.SlugField(max_length=TAB_LIMIT, required=False)
    person = forms.IntegerField(required=False)


class LookForm(TabForm):
    """The secret of a lease."""

    token = forms.CharField(max_length=32)


class AnswerForm(LookForm):
    """An answer; a count of seconds that is none is left out."""

    label = forms.CharField(max_length=NAME_LIMIT, strip=False)
    idempotency_key = forms.CharField(max_length=64)
    note = forms.CharField(max_length=NOTE_LIMIT, required=False)
    flagged = forms.BooleanField(required=False)
    seconds = forms.FloatField(min_value=0, required=False)
