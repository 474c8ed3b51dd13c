"""The fields of a project's queue, and of a pause."""

from typing import Any

from django import forms

from labeling.models import SKIP_REASONS, AfterSkip, Order, Project
from labeling.pausing import REASON_LIMIT


class QueueForm(forms.Form):
    """In which order items come, and whom a skipped one goes to."""

    order = forms.ChoiceField(
        label="Order of the items",
        choices=Order.choices,
        help_text="Of equally urgent items. What a model is unsure of is known once it has tagged.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for reason, words in SKIP_REASONS.items():
            self.fields[f"skip_{reason}"] = forms.ChoiceField(
                label=f"Skipped as {words}: goes to", choices=AfterSkip.choices
            )

    @classmethod
    def of(cls, project: Project) -> "QueueForm":
        """Return the form as the project stands."""
        rules = {f"skip_{reason}": to for reason, to in project.skip_rules.items()}
        return cls(initial={"order": project.order} | rules, auto_id="queue_%s")

    def rules(self) -> dict[str, str]:
        """Return whom an item goes to, by the reason to skip it."""
        return {reason: self.cleaned_data[f"skip_{reason}"] for reason in SKIP_REASONS}


class PauseForm(forms.Form):
    """Why a member is paused."""

    reason = forms.CharField(max_length=REASON_LIMIT)
