"""The page of a signed link, and the manager's page that gives such links out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classifier.models import Prediction
from classifier.predictions import of_project
from feedback.links import PREFIX, prediction_of, url_for
from feedback.policy import origins_of, policy_of, set_policy
from feedback.reports import report_by_link
from feedback.throttle import address_of as caller_of
from feedback.throttle import seconds_to_wait
from labeling.access import Access, project_page
from labeling.errors import Invalid
from labeling.models import Role
from labeling.views.refusals import RefusalsIn

SHOWN = 20
COMMENT_LIMIT = 500
SLOWER = "You are too fast: try again in {} seconds."


class WordForm(forms.Form):
    """What somebody says of a tag."""

    right = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
    label = forms.CharField(required=False, max_length=80, strip=False)
    comment = forms.CharField(required=False, max_length=COMMENT_LIMIT)


class LinksForm(forms.Form):
    """Whether links work, and who may show their page in a frame."""

    links_on = forms.BooleanField(required=False, label="Links work without signing in")
    origins = forms.CharField(
        required=False,
        label="Sites that may show the page in a frame",
        help_text="One a line, as https://example.org. Without any it opens as a page alone.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@never_cache
# No cookie gives this page any right: only the token does, and no other site can know it.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask whether a tag is right, and take the answer."""
    wait = seconds_to_wait(request)
    if wait:
        response = _shown({"trouble": SLOWER.format(wait)}, status=429)
        response["Retry-After"] = str(wait)
        return response
    try:
        prediction = prediction_of(signed)
    except Http404 as unknown:
        return _shown({"trouble": str(unknown)}, status=404)
    response = _answered(request, prediction) if request.method == "POST" else _asked(prediction)
    return _framed(response, origins_of(policy_of(prediction.project)))


@require_safe
@project_page(Role.MANAGER)
def links(request: HttpRequest, access: Access) -> HttpResponse:
    """Show links to the newest predictions, and whether links work."""
    policy = policy_of(access.project)
    initial = {"links_on": policy.links_on, "origins": policy.origins}
    return _links(request, access, LinksForm(initial=initial))


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access) -> HttpResponse:
    """Change whether links work and where."""
    form = LinksForm(request.POST)
    if form.is_valid():
        with RefusalsIn(form):
            set_policy(access=access, **form.cleaned_data)
            messages.success(request, "Saved. It holds for links that were given out, too.")
            return redirect("report-links", access.project.slug)
    return _links(request, access, form, status=422)


def _links(
    request: HttpRequest, access: Access, form: LinksForm, *, status: int = 200
) -> HttpResponse:
    newest = list(of_project(access.project).defer("body", "probabilities")[:SHOWN])
    context = {
        "form": form,
        "links": [(one, url_for(request, one.pk)) for one in newest],
    }
    return render(request, "feedback/links.html", context, status=status)


def _asked(prediction: Prediction, trouble: str = "", status: int = 200) -> HttpResponse:
    others = [one for one in prediction.project.labels.all() if one.pk != prediction.label_id]
    context = {"prediction": prediction, "others": others, "trouble": trouble}
    return _shown(context, status=status)


def _answered(request: HttpRequest, prediction: Prediction) -> HttpResponse:
    form = WordForm(request.POST)
    if not form.is_valid():
        return _asked(prediction, "Say yes or no; a comment has at most 500 characters.", 422)
    said = form.cleaned_data
    agrees = said["right"] == "yes"
    try:
        report_by_link(
            prediction_id=prediction.pk,
            address=caller_of(request),
            agrees=agrees,
            label_name=None if agrees else said["label"] or None,
            comment=said["comment"],
        )
    except Invalid as refusal:
        return _asked(prediction, refusal.message, 422)
    return _shown({"prediction": prediction, "thanks": True, "agrees": agrees})


def _shown(context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    # Rendered without the request: the page knows of no session.
    return HttpResponse(render_to_string("feedback/link.html", context), status=status)


def _framed(response: HttpResponse, origins: list[str]) -> HttpResponse:
    """Let some sites, and nobody else, show the page in a frame."""
    if origins:
        response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]
        response.xframe_options_exempt = True
    return response


public = [path(f"{PREFIX}<str:signed>/", link, name="report-link")]
urlpatterns = [
    path("monitor/links/", links, name="report-links"),
    path("monitor/links/change/", change, name="report-links-change"),
]
