"""What the review page sends."""

from django import forms


class DecisionForm(forms.Form):
    """What a reviewer says of a case beside the decision."""

    comment = forms.CharField(max_length=4000, required=False)
