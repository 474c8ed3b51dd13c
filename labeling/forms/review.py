"""What the review page sends."""

from django import forms

from labeling.reopen import REASON_LIMIT


class DecisionForm(forms.Form):
    """What a reviewer says of a case beside the decision."""

    comment = forms.CharField(max_length=4000, required=False)


class ReopenForm(forms.Form):
    """Which decision is to stand no longer, and why."""

    decision_id = forms.IntegerField()
    reason = forms.CharField(max_length=REASON_LIMIT)
