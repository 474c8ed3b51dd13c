"""The limits of the gate, each beside how much its check counts."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.gate import gate_of, set_gate
from classifier.metrics.gate_policy import (
    KIND_WORDS,
    LIMITS,
    RULE_WORDS,
    GatePolicy,
    Kind,
    Rule,
)
from labeling.access import Access, project_page
from labeling.models import Event, Role
from labeling.views.refusals import RefusalsIn

CHANGES_SHOWN = 10
# Which limits stand with which check; the rest counts for all.
OF_KIND = {
    Kind.BETTER: ["margin"],
    Kind.F1: ["minimum_weighted_f1"],
    Kind.LABELS: ["label_margin"],
    Kind.SLICES: ["slice_margin"],
    Kind.CALIBRATION: ["maximum_calibration_error"],
    Kind.BEHAVIOUR: ["minimum_behaviour_share"],
    Kind.LATENCY: ["maximum_latency_ms"],
}
FOR_ALL = ["minimum_rows", "minimum_part_rows"]
RULES = [(rule.value, RULE_WORDS[rule]) for rule in Rule]


class GateForm(forms.Form):
    """The limits of a GatePolicy, and a rule for each kind of check."""

    reason = forms.CharField(
        required=False, max_length=2000, label="Why", help_text="Stays in the record."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each in LIMITS:
            self.fields[each.name] = _number(each)
        for kind in Kind:
            self.fields[f"rule_{kind}"] = forms.ChoiceField(
                choices=RULES, label=f"{KIND_WORDS[kind]}: this check"
            )

    @classmethod
    def of(cls, policy: GatePolicy) -> "GateForm":
        """Return the form as the gate stands."""
        rules = {f"rule_{kind}": rule for kind, rule in policy.rules.items()}
        return cls(initial=policy.to_dict() | rules)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield the fields of each kind of check under its name, then those for all."""
        for kind, names in OF_KIND.items():
            yield KIND_WORDS[kind], [self[name] for name in (f"rule_{kind}", *names)]
        yield "All checks", [self[name] for name in FOR_ALL]

    def facts(self) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
        """Yield the same in words, for those who may only read."""
        words = dict(RULES)
        for name, fields in self.groups():
            values = [(str(field.label), field.value()) for field in fields]
            yield name, [(label, words.get(value, value)) for label, value in values]

    def changes(self) -> dict[str, Any]:
        """Return what was sent as `set_gate` takes it."""
        sent = self.cleaned_data
        rules = {kind.value: sent[f"rule_{kind}"] for kind in Kind}
        return {each.name: sent[each.name] for each in LIMITS} | {"rules": rules}


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the gate and its latest changes."""
    return _page(request, access, GateForm.of(gate_of(access.project)))


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the gate."""
    form = GateForm(request.POST)
    if form.is_valid():
        with RefusalsIn(form):
            set_gate(access=access, changes=form.changes(), reason=form.cleaned_data["reason"])
            messages.success(request, "Models that are evaluated from now on meet this gate.")
            return redirect("gate", access.project.slug)
    return _page(request, access, form, status=422)


def _page(
    request: HttpRequest, access: Access, form: GateForm, *, status: int = 200
) -> HttpResponse:
    changes = Event.objects.filter(project=access.project, verb="changed gate")
    context = {
        "form": form,
        "facts": list(form.facts()),
        "changes": changes.select_related("actor").order_by("-id")[:CHANGES_SHOWN],
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/gate.html", context, status=status)


def _number(limit: Any) -> forms.Field:
    kind = forms.IntegerField if isinstance(limit.default, int) else forms.FloatField
    step = "1" if isinstance(limit.default, int) else "any"
    return kind(
        min_value=limit.metadata["low"],
        max_value=limit.metadata["high"],
        label=limit.metadata["label"],
        help_text=limit.metadata["explanation"],
        widget=forms.NumberInput(attrs={"step": step}),
    )


urlpatterns = [
    path("models/gate/", page, name="gate"),
    path("models/gate/change/", change, name="gate-change"),
]
