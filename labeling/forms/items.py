"""The filters of the list of items."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import BigIntegerField, CharField, F, QuerySet, Value
from django.db.models.functions import Cast

from labeling.models import ASKED, ImportJob, ItemStatus, Label, Membership, Project, Split

DAYS = [MinValueValidator(date(1970, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
VERSIONS = 2**31 - 1
NOT_RECORDED = ("0", "not recorded")
ANY = ("", "any")
LABELED = (("labeled", "with a label"), ("unlabeled", "without a label"))
# "labeled" says more than the status of that name: a labeled item may wait for another look.
STATUSES = (*LABELED, *(choice for choice in ItemStatus.choices if choice[0] != "labeled"))
SUGGESTION = (("shown", "answered with it shown"), ("hidden", "answered with it hidden"))
AGREEMENT = (("compared", "two or more"), ("agree", "all agree"), ("disagree", "not all agree"))


class ItemFilter(forms.Form):
    """Which items a list shows; a value that is none filters nothing."""

    q = forms.CharField(max_length=200, required=False, label="Text")
    label = forms.ChoiceField(required=False)
    status = forms.ChoiceField(choices=[ANY, *STATUSES], required=False)
    annotator = forms.ChoiceField(required=False, label="Answered by")
    gave = forms.ChoiceField(required=False, label="Answered as")
    also = forms.ChoiceField(required=False, label="And by")
    agreement = forms.ChoiceField(choices=[ANY, *AGREEMENT], required=False, label="Answers")
    below = forms.FloatField(min_value=0, max_value=1, required=False, label="Confidence below")
    above = forms.FloatField(min_value=0, max_value=1, required=False, label="Confidence from")
    source = forms.ChoiceField(required=False, label="Came by")
    origin = forms.CharField(max_length=200, required=False, label="Name of the source")
    date_from = forms.DateField(required=False, validators=DAYS, label="Added from")
    date_to = forms.DateField(required=False, validators=DAYS, label="Added to")
    week = forms.DateField(required=False, validators=DAYS, label="Last answered in the week of")
    reason = forms.ChoiceField(choices=[ANY, *ASKED], required=False, label="Asked as")
    flagged = forms.ChoiceField(choices=[ANY, ("yes", "flagged")], required=False, label="Flag")
    suggestion = forms.ChoiceField(choices=[ANY, *SUGGESTION], required=False)
    guideline = forms.IntegerField(
        min_value=1, max_value=VERSIONS, required=False, label="Answered under guideline"
    )
    split = forms.ChoiceField(choices=[ANY, *Split.choices], required=False)

    def __init__(self, data: Mapping[str, Any], project: Project) -> None:
        super().__init__(data)
        offered: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for kind, value, title in _choices(project):
            offered[kind].append((value, title))
        offered["source"].append(NOT_RECORDED)
        offered |= {"gave": offered["label"], "also": offered["annotator"]}
        for name in ("label", "annotator", "gave", "also", "source"):
            shown = self.fields[name].label
            choices = [ANY, *offered[name]]
            self.fields[name] = forms.ChoiceField(choices=choices, required=False, label=shown)

    @property
    def chosen(self) -> dict[str, str]:
        """Return the values that filter, as text."""
        self.is_valid()
        values = self.cleaned_data.items()
        return {name: str(value) for name, value in values if value not in {"", None}}

    @property
    def chips(self) -> list[tuple[str, str, str]]:
        """Return name, title and value, in words, of each value that filters."""
        return [(name, *self._words(name, value)) for name, value in self.chosen.items()]

    def _words(self, name: str, value: str) -> tuple[str, str]:
        field = self.fields[name]
        choices = dict(getattr(field, "choices", ()))
        return str(field.label or name.capitalize()), str(choices.get(value, value))


def _choices(project: Project) -> list[tuple[str, str, str]]:
    """Return what a project offers to choose from, as field, value and title, in one query."""
    labels = Label.objects.filter(project=project)
    members = Membership.objects.filter(project=project)
    imports = ImportJob.objects.filter(project=project)
    parts = (
        _part("label", labels, F("name"), F("name"), F("position")),
        _part("annotator", members, F("user__username"), F("user__username"), Value(0)),
        _part("source", imports, Cast("pk", CharField()), F("source"), -F("pk")),
    )
    rows = parts[0].union(*parts[1:], all=True)
    return [row[1:] for row in sorted((row["place"], *_cells(row)) for row in rows)]


def _cells(row: Mapping[str, str]) -> tuple[str, str, str]:
    return row["kind"], row["value"], row["title"]


def _part(kind: str, rows: QuerySet[Any], value: Any, title: Any, place: Any) -> QuerySet[Any]:
    return rows.order_by().values(
        kind=Value(kind, CharField()),
        value=Cast(value, CharField()),
        title=Cast(title, CharField()),
        place=Cast(place, BigIntegerField()),
    )
