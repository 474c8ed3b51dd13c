"""The routing of predictions: its limits, what waits because of them, and what audits found."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from feedback.asking import backlog_of
from feedback.models import LARGEST_CAP, RoutingPolicy
from feedback.policy import policy_of, set_policy
from feedback.promise_watch import audited_of
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsIn


def share(label: str, text: str) -> forms.FloatField:
    """Return the field of a number from 0 to 1."""
    step = forms.NumberInput(attrs={"step": "any"})
    return forms.FloatField(min_value=0, max_value=1, label=label, help_text=text, widget=step)


def cap(label: str, text: str) -> forms.IntegerField:
    """Return the field of a number a day."""
    return forms.IntegerField(min_value=0, max_value=LARGEST_CAP, label=label, help_text=text)


class PolicyForm(forms.Form):
    """The limits of a RoutingPolicy."""

    looks = forms.IntegerField(
        min_value=1, max_value=10, label="People who look at what the model was not sure of"
    )
    to_reviewers = forms.BooleanField(
        required=False, label="Send it to reviewers at once", help_text="Else annotators label it."
    )
    near_tie = share("Margin of a near tie", "The two best labels are tied below this margin.")
    novelty_limit = share(
        "Share of new words", "People see a text of which the model never saw this share of words."
    )
    review_cap = cap(
        "Looks a day", "The most valuable come first, and one in ten by lot; the rest waits."
    )
    audit_share = share("Share audited", "So many of the accepted are drawn for a blind look.")
    audit_cap = cap(
        "Audits a day", "What is expected at most: more traffic lowers the share, not the draw."
    )
    recheck_share = share(
        "Share of decisions looked at twice", "A second reviewer decides again, blind to the first."
    )
    report_cap = cap(
        "Cases a day by reports of one reporter", "What one reports beyond that waits."
    )

    @classmethod
    def of(cls, policy: RoutingPolicy) -> "PolicyForm":
        """Return the form as the policy stands."""
        return cls(initial={name: getattr(policy, name) for name in cls.base_fields})


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the limits, what waits, and how the promise stands."""
    return _page(request, access, PolicyForm.of(policy_of(access.project)))


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the limits."""
    form = PolicyForm(request.POST)
    if form.is_valid():
        with RefusalsIn(form):
            set_policy(access=access, **form.cleaned_data)
            messages.success(request, "What comes in from now on is routed by these limits.")
            return redirect("routing", access.project.slug)
    return _page(request, access, form, status=422)


def _page(
    request: HttpRequest, access: Access, form: PolicyForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "facts": [(field.label, _words(field.value())) for field in form],
        "backlog": backlog_of(access.project),
        "audited": audited_of(access.project),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "feedback/routing.html", context, status=status)


def _words(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


urlpatterns = [
    path("monitor/routing/", page, name="routing"),
    path("monitor/routing/change/", change, name="routing-change"),
]
