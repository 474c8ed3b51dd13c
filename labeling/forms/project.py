"""The fields of a project's pages, checked so that each message stands beside its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import slugify

from labeling.guidelines import NOTE_LIMIT
from labeling.labels import EXAMPLES, LabelChange
from labeling.models import Label, Project, Role
from labeling.projects import RESERVED_KEYS, NewLabel

NAME_LIMIT, DESCRIPTION_LIMIT = 80, 300
FEWEST_LABELS = 2


class GeneralForm(forms.Form):
    """What a manager may change of a project; its limits are the model's."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 2}))
    overlap = forms.IntegerField(
        label="Looks at each item",
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many people label each item. It counts for items that come in from now on.",
    )
    overlap_share = forms.FloatField(
        label="On which share of the items",
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="1 is all of them. The others get one look each; which ones is drawn by chance.",
    )
    max_looks = forms.IntegerField(
        label="Looks before a reviewer decides",
        validators=[MinValueValidator(1), MaxValueValidator(15)],
        help_text="Where people disagree, more are asked up to this many.",
    )
    lease_minutes = forms.IntegerField(
        label="Minutes an item is kept for its annotator",
        validators=[MinValueValidator(1), MaxValueValidator(240)],
        help_text="Counted from when the page was last seen open.",
    )

    @classmethod
    def of(cls, project: Project) -> "GeneralForm":
        """Return the form as the project stands."""
        initial = {name: getattr(project, name) for name in cls.base_fields}
        return cls(initial=initial, auto_id="general_%s")


class LabelForm(forms.Form):
    """One more label for a project."""

    name = forms.CharField(max_length=NAME_LIMIT)
    key = forms.CharField(
        max_length=1, required=False, help_text="Left empty, the next free digit."
    )
    description = forms.CharField(max_length=DESCRIPTION_LIMIT, required=False)

    def __init__(self, *args: Any, labels: list[Label], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.labels = labels

    def clean_name(self) -> str:
        """Refuse the name of another label."""
        name: str = self.cleaned_data["name"]
        if name in {label.name for label in self.labels}:
            raise ValidationError("There is a label of this name already.")
        return name

    def clean_key(self) -> str:
        """Refuse the keys that do something else."""
        key: str = self.cleaned_data["key"]
        _check_key(key)
        holder = next((label for label in self.labels if key and label.key == key), None)
        if holder is not None:
            raise ValidationError(f"This key chooses {holder.name} already.")
        return key

    def new_label(self) -> NewLabel:
        """Return the label that the fields describe."""
        return NewLabel(**{name: self.cleaned_data[name] for name in self.fields})


class EditLabelForm(LabelForm):
    """All that a label says."""

    key = forms.CharField(
        max_length=1, required=False, help_text="One character; empty: it has none."
    )
    examples = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=f"Texts that bear it, one a line, {EXAMPLES} at most.",
    )
    counterexamples = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Texts that seem to bear it and do not, one a line.",
    )
    keywords = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Words and phrases, one a line. They are marked in the text of every item.",
    )

    @classmethod
    def of(cls, label: Label, labels: list[Label]) -> "EditLabelForm":
        """Return the form as the label stands; `labels` are those of its project."""
        initial = {name: getattr(label, name) for name in cls.base_fields}
        return cls(initial=initial, labels=[one for one in labels if one.pk != label.pk])

    def change(self) -> LabelChange:
        """Return what the label is to say."""
        return LabelChange(**{name: self.cleaned_data[name] for name in self.fields})


class GuidelineForm(forms.Form):
    """The text of a guideline."""

    text = forms.CharField(
        label="Guideline",
        max_length=100_000,
        help_text="Markdown. Annotators have it beside every item.",
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    note = forms.CharField(
        label="What changed, and why",
        max_length=NOTE_LIMIT,
        required=False,
        help_text="Annotators read it with the change when they next label.",
    )
    based_on = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for the note where there is an earlier version."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("based_on") and not data.get("note"):
            self.add_error("note", "Say what changed and why: annotators read it.")
        return data


class MemberForm(forms.Form):
    """A person and the role that the person is to have."""

    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.ANNOTATOR)


class ProjectForm(forms.Form):
    """A new project."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        label="Address",
        max_length=60,
        required=False,
        help_text="The last part of its web address. Left empty, it is made from the name.",
    )
    description = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    labels = forms.CharField(
        help_text="One a line: name | key | description. Key and description may be left out.",
        widget=forms.Textarea(
            attrs={"rows": 5, "placeholder": "invoice | 1 | Asks for money\nreminder\nother"}
        ),
    )
    guideline = forms.CharField(
        required=False,
        max_length=100_000,
        help_text="Markdown. What each label means, with examples; it can be written later.",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    overlap = forms.IntegerField(
        label="Looks at each item",
        initial=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many people label each item.",
    )

    def clean(self) -> dict[str, Any]:
        """Make the slug from the name where none was given."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "slug" in data and not data["slug"]:
            data["slug"] = slugify(data.get("name", ""))[:60].strip("-")
            if not data["slug"]:
                self.add_error("slug", "Type one: none can be made from this name.")
        return data

    def clean_labels(self) -> list[NewLabel]:
        """Read the labels, one a line."""
        lines = [line for line in self.cleaned_data["labels"].splitlines() if line.strip()]
        labels = [_read_label(line) for line in lines]
        if len(labels) < FEWEST_LABELS:
            raise ValidationError("Name at least two labels, one a line.")
        _refuse_repeated("name", [label.name for label in labels])
        _refuse_repeated("key", [label.key for label in labels if label.key])
        return labels


def _read_label(line: str) -> NewLabel:
    name, key, description = [*(part.strip() for part in line.split("|", 2)), "", ""][:3]
    if not name:
        raise ValidationError(f"'{line.strip()}' has no name before the first bar.")
    if len(name) > NAME_LIMIT or len(description) > DESCRIPTION_LIMIT:
        limits = f"{NAME_LIMIT} characters, {DESCRIPTION_LIMIT} for its description"
        raise ValidationError(f"'{name[:40]}' is too long; the limit is {limits}.")
    if len(key) > 1:
        raise ValidationError(f"The key of '{name}' is '{key[:20]}'; it must be one character.")
    _check_key(key)
    return NewLabel(name=name, key=key, description=description)


def _check_key(key: str) -> None:
    if key and key.lower() in RESERVED_KEYS:
        raise ValidationError(f"The key '{key}' does something else on the label or review page.")


def _refuse_repeated(what: str, values: list[str]) -> None:
    repeated = next((value for value in values if values.count(value) > 1), None)
    if repeated is not None:
        raise ValidationError(f"Two labels have the {what} '{repeated}'.")
