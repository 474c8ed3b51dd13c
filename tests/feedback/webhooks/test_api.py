"""/api/projects/SLUG/webhooks/."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from accounts.models import User
from feedback.models import Delivery, Webhook
from feedback.webhooks.deliver import deliver_due
from feedback.webhooks.endpoints import WithSecret
from feedback.webhooks.signing import secret_of
from labeling.models import Event, Project
from tests.feedback.webhooks.receiver import Receiver

BASE = "/api/projects/test/webhooks/"


@pytest.fixture
def api(project: Project, manager: User, api_for: Callable[[User], APIClient]) -> APIClient:
    """A REST client of the manager."""
    return api_for(manager)


def test_its_secret_is_told_once(api: APIClient, receiver: Receiver) -> None:
    made = api.post(BASE, {"url": receiver.url, "kinds": ["alert", "item.resolved"]})
    assert made.status_code == 201
    told = made.json()
    assert told["secret"] == secret_of(Webhook.objects.get().nonce)
    assert told["kinds"] == ["item.resolved", "alert"]
    assert told["secret"] not in str(list(Webhook.objects.values()))
    [listed] = api.get(BASE).json()
    assert listed == {name: value for name, value in told.items() if name != "secret"}
    assert api.get(f"{BASE}{told['id']}/").json() == listed
    assert Event.objects.get(subject_type="webhook").verb == "added"


def test_a_private_address_is_refused(api: APIClient, settings: Settings) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    for url in ("http://127.0.0.1:8000/", "http://169.254.169.254/latest", "http://[::1]/"):
        refused = api.post(BASE, {"url": url, "kinds": ["alert"]})
        assert refused.status_code == 422
        assert refused.json()["detail"].startswith("url: ")
        assert "WEBHOOK_ALLOW_PRIVATE" in refused.json()["detail"]
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"kinds": ["alert"]}, 400),
        ({"url": "http://127.0.0.1/", "kinds": ["nothing"]}, 400),
        ({"url": "http://127.0.0.1/", "kinds": []}, 422),
        ({"url": "gopher://127.0.0.1/", "kinds": ["alert"]}, 422),
    ],
)
def test_what_makes_no_sense_is_refused(
    api: APIClient, receiver: Receiver, sent: dict[str, object], status: int
) -> None:
    assert api.post(BASE, sent).status_code == status


def test_an_address_once(api: APIClient, hook: WithSecret, receiver: Receiver) -> None:
    again = api.post(BASE, {"url": receiver.url, "kinds": ["alert"]})
    assert again.status_code == 409
    assert again.json()["detail"] == "url: this project calls that address already."


def test_at_most_twenty(api: APIClient, hook: WithSecret, receiver: Receiver) -> None:
    for number in range(19):
        assert api.post(BASE, {"url": f"{receiver.url}&{number}", "kinds": ["alert"]}).data["id"]
    assert api.post(BASE, {"url": f"{receiver.url}&n", "kinds": ["alert"]}).status_code == 409


def test_change_and_new_secret(api: APIClient, hook: WithSecret) -> None:
    one = f"{BASE}{hook.webhook.pk}/"
    assert api.patch(one, {"kinds": ["alert"]}).json()["kinds"] == ["alert"]
    renewed = api.post(f"{one}secret/").json()
    assert renewed["secret"] != hook.secret
    assert renewed["secret"] == secret_of(Webhook.objects.get().nonce)


def test_pause_and_resume(api: APIClient, hook: WithSecret) -> None:
    one = f"{BASE}{hook.webhook.pk}/"
    assert api.post(f"{one}pause/", {"reason": "moving"}).json()["pause_reason"] == "moving"
    assert api.post(f"{one}pause/").status_code == 409
    assert api.post(f"{one}test/").status_code == 409
    assert api.post(f"{one}resume/").json()["paused_at"] is None
    assert api.post(f"{one}resume/").status_code == 409


def test_a_test_its_log_and_replay(api: APIClient, hook: WithSecret, receiver: Receiver) -> None:
    one = f"{BASE}{hook.webhook.pk}/"
    receiver.statuses = [500, 200]
    made = api.post(f"{one}test/")
    assert made.status_code == 202
    deliver_due(hook.webhook.pk)
    [listed] = api.get(f"{one}deliveries/").json()["results"]
    assert (listed["kind"], listed["state"], listed["attempts"]) == ("test", "waiting", 1)
    replayed = api.post(f"{one}deliveries/{listed['id']}/replay/")
    assert (replayed.status_code, replayed.json()["attempts"]) == (202, 0)
    deliver_due(hook.webhook.pk)
    shown = api.get(f"{one}deliveries/{listed['id']}/").json()
    assert shown["state"] == "delivered"
    assert [entry["status"] for entry in shown["log"]] == [200, 500]
    assert shown["payload"]["id"] == shown["key"]


def test_removal_takes_its_log(api: APIClient, hook: WithSecret) -> None:
    one = f"{BASE}{hook.webhook.pk}/"
    api.post(f"{one}test/")
    assert api.delete(one).status_code == 204
    assert not Delivery.objects.exists()
    assert api.get(one).status_code == 404
    assert Event.objects.filter(subject_type="webhook", verb="removed").exists()


def test_a_delivery_of_another_webhook_is_not_found(
    api: APIClient, hook: WithSecret, receiver: Receiver
) -> None:
    made = api.post(f"{BASE}{hook.webhook.pk}/test/").json()
    other = api.post(BASE, {"url": f"{receiver.url}&2", "kinds": ["alert"]}).json()
    assert api.get(f"{BASE}{other['id']}/deliveries/{made['id']}/").status_code == 404
