"""The limits of the gate, by page and by REST."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from classifier.gate import gate_of
from classifier.metrics.gate_policy import GatePolicy
from labeling.models import Event, Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained

PAGE = "/p/test/models/gate/"
API = "/api/projects/test/gate/"


def sent(**changes: object) -> dict[str, Any]:
    """Return the form as it stands by default, with changes."""
    policy = GatePolicy().to_dict()
    rules = {f"rule_{kind}": rule for kind, rule in policy.pop("rules").items()}
    return policy | rules | changes


def test_the_page_shows_the_gate_in_force(as_manager: Client, project: Project) -> None:
    page = as_manager.get(PAGE).content.decode()
    assert 'name="minimum_weighted_f1" value="0.7"' in page
    assert "nobody has changed any" in page


def test_a_manager_changes_the_gate_and_the_record_says_how(
    as_manager: Client, project: Project
) -> None:
    changes = sent(margin="0.02", rule_latency="off", reason="A slower model is fine.")
    assert as_manager.post(f"{PAGE}change/", changes).status_code == 302
    policy = gate_of(project)
    assert (policy.margin, policy.rules["latency"]) == (0.02, "off")
    event = Event.objects.get(verb="changed gate")
    assert event.before == "margin 0.01, rule of latency must_not_fail"
    assert event.after == "margin 0.02, rule of latency off"
    assert event.reason == (
        "margin from 0.01 to 0.02; rule of latency from must_not_fail to off. "
        "A slower model is fine."
    )
    assert "A slower model is fine." in as_manager.get(PAGE).content.decode()


def test_saving_what_is_in_force_is_no_change(as_manager: Client, project: Project) -> None:
    as_manager.post(f"{PAGE}change/", sent())
    assert not Event.objects.filter(verb="changed gate").exists()


def test_a_limit_out_of_range_is_refused_beside_its_field(
    as_manager: Client, project: Project
) -> None:
    response = as_manager.post(f"{PAGE}change/", sent(margin="2"))
    assert response.status_code == 422
    page = response.content.decode()
    assert "Nothing was changed" in page
    assert 'name="margin" value="2"' in page
    assert gate_of(project) == GatePolicy()


def test_a_reviewer_reads_the_gate_and_changes_nothing(caller: Caller, project: Project) -> None:
    client, api = caller("reviewer")
    page = client.get(PAGE).content.decode()
    assert "must not fail" in page
    assert "<form" not in page.split("<h1>Gate</h1>")[1].split("</main>")[0]
    assert client.post(f"{PAGE}change/", sent(margin="0.5")).status_code == 403
    assert api.patch(API, {"margin": 0.5}, format="json").status_code == 403
    assert gate_of(project) == GatePolicy()


def test_rest_changes_one_limit_and_leaves_the_rest(api: APIClient, project: Project) -> None:
    body = {"minimum_rows": 80, "rules": {"behaviour": "must_pass"}, "reason": "More to judge by."}
    changed = api.patch(API, body, format="json").json()
    assert (changed["minimum_rows"], changed["margin"]) == (80, 0.01)
    assert changed["rules"]["behaviour"] == "must_pass"
    assert changed["rules"]["better"] == "must_pass"
    assert api.get(API).json() == changed
    assert Event.objects.get(verb="changed gate").reason.endswith("More to judge by.")


@pytest.mark.parametrize(
    "body", [{"margin": 2}, {"margin": "x"}, {"rules": {"f1": "maybe"}}, {"minimum_rows": 1.5}]
)
def test_rest_refuses_nonsense(api: APIClient, project: Project, body: dict[str, object]) -> None:
    assert api.patch(API, body, format="json").status_code == 400
    assert gate_of(project) == GatePolicy()


def test_the_next_model_meets_the_new_gate(
    label_items: LabelItems, trained: Trained, api: APIClient
) -> None:
    label_items(20)
    first = trained("keywords").model_versions.get().evaluation
    api.patch(API, {"minimum_rows": 5, "minimum_weighted_f1": 0.1}, format="json")
    second = trained("keywords").model_versions.get().evaluation
    assert (first.passed, first.limits["minimum_rows"]) == (False, 50)
    assert (second.passed, second.limits["minimum_rows"]) == (True, 5)


def test_latency_is_measured(label_items: LabelItems, trained: Trained) -> None:
    label_items(20)
    evaluation = trained("keywords").model_versions.get().evaluation
    latency = next(check for check in evaluation.checks if check["kind"] == "latency")
    assert latency["figure"] == evaluation.latency_ms
    assert latency["figure"] > 0
