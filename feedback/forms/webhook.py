"""The form of a webhook."""

from django import forms

from feedback.models import Kind


class WebhookForm(forms.Form):
    """Which address is told of what."""

    url = forms.CharField(
        max_length=500,
        label="Address",
        help_text="It gets a POST with JSON, and has ten seconds to answer with 2xx.",
        widget=forms.URLInput(attrs={"placeholder": "https://example.org/tagloop"}),
    )
    kinds = forms.MultipleChoiceField(
        choices=[(kind.value, f"{kind.value}: {kind.label}") for kind in Kind],
        label="Tell it when",
        widget=forms.CheckboxSelectMultiple,
    )
