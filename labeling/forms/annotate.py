"""What the label page sends."""

from django import forms

from labeling.forms.project import NAME_LIMIT


class AnswerForm(forms.Form):
    """What the label page sends with an answer; a count of seconds that is none is left out."""

    label = forms.CharField(max_length=NAME_LIMIT, strip=False)
    token = forms.CharField(max_length=32)
    idempotency_key = forms.CharField(max_length=64)
    note = forms.CharField(max_length=4000, required=False)
    seconds = forms.FloatField(min_value=0, required=False)
