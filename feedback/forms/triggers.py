"""The form of when to retrain."""

from django import forms

from feedback.models import TriggerPolicy


class TriggerForm(forms.Form):
    """A project's rules."""

    new_labels = forms.IntegerField(
        min_value=0, max_value=1_000_000, label="New labels since the last snapshot",
        help_text="0: they are no reason.",
    )  # fmt: skip
    every_days = forms.IntegerField(
        min_value=0, max_value=3_650, label="Days since the last run", help_text="0: never."
    )
    on_drift = forms.BooleanField(required=False, label="Drift, where the newest check says so")
    slice_floor = forms.FloatField(
        min_value=0, max_value=1, label="Floor of F1 on each slice",
        help_text="Proposed where the champion is surely below it; 0: never.",
    )  # fmt: skip
    on_promise = forms.BooleanField(
        required=False,
        label="A promise that holds for less",
        help_text="Surely fewer answers are accepted than by the holdout, or audits refuted it.",
    )
    press = forms.BooleanField(
        required=False,
        label="Start runs without asking",
        help_text="Once a day at most. Which model serves is still for a manager to approve.",
    )

    @classmethod
    def of(cls, policy: TriggerPolicy) -> "TriggerForm":
        """Return the form as the rules are now."""
        return cls(initial={name: getattr(policy, name) for name in cls.base_fields})
