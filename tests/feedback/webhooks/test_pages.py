"""The pages of webhooks, below the settings."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from feedback.models import Delivery, Webhook
from feedback.webhooks.deliver import deliver_due
from feedback.webhooks.endpoints import WithSecret
from feedback.webhooks.signing import secret_of
from labeling.models import Project
from tests.feedback.webhooks.receiver import Receiver


@pytest.fixture
def browser(project: Project, manager: User, client_for: Callable[[User], Client]) -> Client:
    """The manager's browser."""
    return client_for(manager)


def test_adding_shows_the_secret_once(browser: Client, receiver: Receiver) -> None:
    here = reverse("settings-webhooks", args=["test"])
    assert "Nobody is told yet" in browser.get(here).content.decode()
    page = browser.post(here, {"url": receiver.url, "kinds": ["alert"]})
    secret = secret_of(Webhook.objects.get().nonce)
    assert page.status_code == 200
    assert secret in page.content.decode()
    assert secret not in browser.get(here).content.decode()
    assert "no-store" in page["Cache-Control"]


def test_what_was_typed_stays(browser: Client) -> None:
    here = reverse("settings-webhooks", args=["test"])
    page = browser.post(here, {"url": "http://127.0.0.1/x", "kinds": ["alert"]})
    assert page.status_code == 422
    assert "no public address" in page.content.decode()
    assert "http://127.0.0.1/x" in page.content.decode()


def test_it_is_tested_and_sent_again(browser: Client, hook: WithSecret, receiver: Receiver) -> None:
    one = reverse("settings-webhook", args=["test", hook.webhook.pk])
    receiver.answer = b"<b>hello</b>"
    assert browser.post(f"{one}test/").status_code == 302
    deliver_due(hook.webhook.pk)
    delivery = Delivery.objects.get()
    assert str(delivery.key) in browser.get(one).content.decode()
    shown = browser.get(f"{one}deliveries/{delivery.pk}/").content.decode()
    assert "&lt;b&gt;hello&lt;/b&gt;" in shown
    assert browser.post(f"{one}deliveries/{delivery.pk}/replay/").status_code == 302
    deliver_due(hook.webhook.pk)
    assert len(receiver.calls) == 2


def test_it_is_paused_resumed_changed_and_removed(browser: Client, hook: WithSecret) -> None:
    one = reverse("settings-webhook", args=["test", hook.webhook.pk])
    browser.post(f"{one}pause/", {"reason": "moving house"})
    assert "moving house" in browser.get(one).content.decode()
    browser.post(f"{one}resume/")
    assert Webhook.objects.get().paused_at is None
    browser.post(f"{one}change/", {"url": hook.webhook.url, "kinds": ["alert"]})
    assert Webhook.objects.get().kinds == ["alert"]
    assert browser.post(f"{one}change/", {"url": ""}).status_code == 422
    assert browser.post(f"{one}delete/").status_code == 302
    assert not Webhook.objects.exists()
