"""Webhooks: their list, one with its deliveries, and what a manager does with them."""

import json
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from feedback.forms.webhook import WebhookForm
from feedback.models import Attempt, Webhook
from feedback.webhooks import endpoints
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsIn, RefusalsTold

ATTEMPTS_SHOWN = 100
Verb = Callable[[], str]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the webhooks; add one, whose secret is shown this once."""
    form, made = WebhookForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        with RefusalsIn(form):
            made = endpoints.add_webhook(access=access, **form.cleaned_data)
            form = WebhookForm()
    hooks = list(endpoints.webhooks_of(access))
    context = {"webhooks": hooks, "form": form, "made": made, "most": endpoints.MOST}
    status = 422 if request.method == "POST" and made is None else 200
    return render(request, "feedback/webhooks.html", context, status=status)


@require_safe
@project_page(Role.MANAGER)
def one(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Show a webhook with its deliveries, the newest first."""
    return _one(request, access, webhook_id)


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Change where it points to and what it is told of."""
    form = WebhookForm(request.POST)
    _webhook(access, webhook_id)
    if form.is_valid():
        with RefusalsIn(form):
            endpoints.change_webhook(access=access, webhook_id=webhook_id, **form.cleaned_data)
            messages.success(request, "The webhook is changed.")
            return redirect("settings-webhook", access.project.slug, webhook_id)
    return _one(request, access, webhook_id, form=form)


@never_cache
@require_POST
@project_page(Role.MANAGER)
def secret(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Make another secret and show it this once."""
    made = endpoints.renew_secret(access=access, webhook_id=webhook_id)
    return _one(request, access, webhook_id, made=made)


@require_POST
@project_page(Role.MANAGER)
def pause(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Send nothing until it is resumed."""

    def verb() -> str:
        reason = request.POST.get("reason", "")
        endpoints.pause_webhook(access=access, webhook_id=webhook_id, reason=reason)
        return "Paused: what happens meanwhile is sent when it is resumed."

    return _done(request, access, webhook_id, verb)


@require_POST
@project_page(Role.MANAGER)
def resume(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Go on."""

    def verb() -> str:
        endpoints.resume_webhook(access=access, webhook_id=webhook_id)
        return "Resumed."

    return _done(request, access, webhook_id, verb)


@require_POST
@project_page(Role.MANAGER)
def test(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Send a test."""

    def verb() -> str:
        endpoints.send_test(access=access, webhook_id=webhook_id)
        return "A test is on its way: reload the page to see how it went."

    return _done(request, access, webhook_id, verb)


@require_POST
@project_page(Role.MANAGER)
def delete(request: HttpRequest, access: Access, webhook_id: int) -> HttpResponse:
    """Remove it."""
    endpoints.delete_webhook(access=access, webhook_id=webhook_id)
    messages.success(request, "The webhook is removed.")
    return redirect("settings-webhooks", access.project.slug)


@require_safe
@project_page(Role.MANAGER)
def delivery(
    request: HttpRequest, access: Access, webhook_id: int, delivery_id: int
) -> HttpResponse:
    """Show a delivery with its payload and its attempts."""
    found = endpoints.deliveries_of(access, webhook_id).select_related("webhook", "event")
    shown = get_object_or_404(found, pk=delivery_id)
    attempts = Attempt.objects.filter(delivery=shown)[:ATTEMPTS_SHOWN]
    context = {
        "delivery": shown,
        "webhook": shown.webhook,
        "attempts": list(attempts),
        "payload": json.dumps(shown.payload, indent=2, ensure_ascii=False, sort_keys=True),
    }
    return render(request, "feedback/delivery.html", context)


@require_POST
@project_page(Role.MANAGER)
def replay(request: HttpRequest, access: Access, webhook_id: int, delivery_id: int) -> HttpResponse:
    """Send a delivery again."""

    def verb() -> str:
        endpoints.replay(access=access, webhook_id=webhook_id, delivery_id=delivery_id)
        return "It is sent again: reload the page to see how it went."

    return _done(request, access, webhook_id, verb)


def _webhook(access: Access, webhook_id: int) -> Webhook:
    found: Webhook = get_object_or_404(endpoints.webhooks_of(access), pk=webhook_id)
    return found


def _done(request: HttpRequest, access: Access, webhook_id: int, verb: Verb) -> HttpResponse:
    with RefusalsTold(request):
        messages.success(request, verb())
    return redirect("settings-webhook", access.project.slug, webhook_id)


def _one(
    request: HttpRequest,
    access: Access,
    webhook_id: int,
    *,
    form: WebhookForm | None = None,
    made: endpoints.WithSecret | None = None,
) -> HttpResponse:
    webhook = _webhook(access, webhook_id)
    rows = endpoints.deliveries_of(access, webhook_id).defer("payload")
    told = {"url": webhook.url, "kinds": webhook.kinds}
    context = {
        "webhook": webhook,
        "page": keyset(request.GET, rows),
        "form": form or WebhookForm(initial=told),
        "made": made,
    }
    status = 422 if form is not None else 200
    return render(request, "feedback/webhook.html", context, status=status)


HERE = "settings/webhooks/"
ONE = f"{HERE}<int:webhook_id>/"
DELIVERY = f"{ONE}deliveries/<int:delivery_id>/"

urlpatterns = [
    path(HERE, index, name="settings-webhooks"),
    path(ONE, one, name="settings-webhook"),
    path(f"{ONE}change/", change, name="settings-webhook-change"),
    path(f"{ONE}secret/", secret, name="settings-webhook-secret"),
    path(f"{ONE}pause/", pause, name="settings-webhook-pause"),
    path(f"{ONE}resume/", resume, name="settings-webhook-resume"),
    path(f"{ONE}test/", test, name="settings-webhook-test"),
    path(f"{ONE}delete/", delete, name="settings-webhook-delete"),
    path(DELIVERY, delivery, name="settings-delivery"),
    path(f"{DELIVERY}replay/", replay, name="settings-delivery-replay"),
]
