"""Which model serves: approval, rejection and the way back, by page and by REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Deployment, ModelVersion
from labeling.models import Event, Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained

PAGE = "/p/test/models"
API = "/api/projects/test/models"


def said(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def stages() -> dict[int, str]:
    return dict(ModelVersion.objects.values_list("number", "stage"))


def events(number: int) -> list[tuple[str, str, str, str]]:
    model = ModelVersion.objects.get(number=number)
    found = Event.objects.filter(subject_type="modelversion", subject_id=str(model.pk))
    return list(
        found.exclude(verb="trained")
        .order_by("id")
        .values_list("verb", "before", "after", "reason")
    )


def test_a_candidate_becomes_the_champion(
    candidate: ModelVersion, as_manager: Client, manager: User, project: Project
) -> None:
    response = as_manager.post(f"{PAGE}/1/approve/", {"comment": " first one "})

    candidate.refresh_from_db()
    assert said(response) == ["Model 1 is the champion now."]
    assert response.headers["Location"] == "/p/test/models/1/"
    assert (candidate.stage, candidate.approved_by) == ("champion", manager)
    assert (candidate.approval_comment, candidate.overrode_gate) == ("first one", False)
    assert candidate.approved_at is not None
    assert Deployment.objects.get(project=project).revision == 1
    assert events(1) == [("approved", "candidate", "champion", "first one")]


def test_a_passed_gate_needs_no_comment(candidate: ModelVersion, api: APIClient) -> None:
    response = api.post(f"{API}/1/approve/")

    assert (response.status_code, response.json()["stage"]) == (200, "champion")
    assert response.json()["approved_by"] == "manager"


def test_a_gate_that_did_not_pass_needs_a_reason(
    weak_candidate: ModelVersion, api: APIClient, as_manager: Client
) -> None:
    refused = api.post(f"{API}/1/approve/", {"comment": "  "})
    page = as_manager.post(f"{PAGE}/1/approve/", {"comment": ""})

    reason = (
        "comment: The gate has not let model 1 pass: Better than the most frequent label has not "
        "enough data, Weighted F1 has not enough data. "
        "Say why it should be the champion all the same."
    )
    assert (refused.status_code, refused.json()["detail"]) == (422, reason)
    assert said(page) == [reason]
    assert stages() == {1: "candidate"}
    assert not Deployment.objects.exists()


def test_a_reason_overrides_the_gate_and_stays(
    weak_candidate: ModelVersion, api: APIClient, as_manager: Client
) -> None:
    response = api.post(f"{API}/1/approve/", {"comment": "A pilot; we watch it."})

    assert response.json()["overrode_gate"] is True
    assert response.json()["gate"] == "not enough data"
    past = response.json()["approved_past"]
    assert {"name": "Weighted F1", "state": "not_enough_data"} in past
    page = as_manager.get(f"{PAGE}/1/").content.decode()
    assert "although the gate had not passed" in page
    assert "A pilot; we watch it." in page
    listed = as_manager.get(f"{PAGE}/").content.decode()
    assert "overridden" in listed
    for shown in (page, listed):
        assert "Weighted F1: not enough data" in shown


def test_what_an_approval_passed_over_stays_when_the_gate_changes(
    weak_candidate: ModelVersion, api: APIClient
) -> None:
    before = weak_candidate.evaluation.limits
    api.patch("/api/projects/test/gate/", {"minimum_rows": 1}, format="json")
    response = api.post(f"{API}/1/approve/", {"comment": "A pilot."})
    shown = api.get(f"{API}/1/").json()
    assert response.json()["overrode_gate"] is True
    assert shown["evaluation"]["limits"] == before
    assert shown["evaluation"]["limits"]["minimum_rows"] == 50


def test_a_new_champion_chooses_what_is_labeled_next(
    candidate: ModelVersion, api: APIClient, project: Project
) -> None:
    api.post(f"{API}/1/approve/")
    job = project.priority_jobs.get()
    assert (job.model_version, job.state) == (candidate, "queued")


def test_a_project_may_do_without_a_choice(
    candidate: ModelVersion, api: APIClient, project: Project
) -> None:
    api.patch("/api/projects/test/priorities/policy/", {"automatic": False}, format="json")
    api.post(f"{API}/1/approve/")
    assert not project.priority_jobs.exists()


def test_a_newer_champion_calls_the_choice_of_the_older_off(
    candidate: ModelVersion, api: APIClient, trained: Trained, project: Project
) -> None:
    api.post(f"{API}/1/approve/")
    trained("linear")
    api.post(f"{API}/2/approve/")
    made = project.priority_jobs.order_by("id").values_list("model_version__number", "state")
    assert list(made) == [(1, "cancelled"), (2, "queued")]


def test_the_old_champion_retires(
    candidate: ModelVersion, api: APIClient, trained: Trained, project: Project
) -> None:
    api.post(f"{API}/1/approve/")
    second = trained("linear").model_versions.get()
    assert second.evaluation.champion == candidate

    api.post(f"{API}/2/approve/")

    assert stages() == {1: "retired", 2: "champion"}
    assert events(1)[-1] == ("retired", "champion", "retired", "model 2 serves")
    assert Deployment.objects.get(project=project).revision == 2


def test_the_rest_of_the_run_stays_candidate(
    label_items: LabelItems, trained: Trained, api: APIClient
) -> None:
    label_items(90)
    trained("keywords", "linear")

    api.post(f"{API}/2/approve/")

    assert stages() == {1: "candidate", 2: "champion"}


def test_a_comparison_with_a_former_champion_needs_a_reason(
    label_items: LabelItems, trained: Trained, api: APIClient
) -> None:
    label_items(90)
    trained("keywords", "linear")
    api.post(f"{API}/2/approve/")

    refused = api.post(f"{API}/1/approve/")
    allowed = api.post(f"{API}/1/approve/", {"comment": "faster"})

    assert refused.json()["detail"].startswith(
        "comment: Model 1 was not compared with the present champion: now model 2 is the champion."
    )
    assert (allowed.json()["stage"], allowed.json()["overrode_gate"]) == ("champion", True)


def test_a_champion_cannot_be_approved_again(candidate: ModelVersion, api: APIClient) -> None:
    api.post(f"{API}/1/approve/")

    again = api.post(f"{API}/1/approve/")

    assert again.status_code == 409
    assert again.json()["detail"] == (
        "Model 1 is champion; only a candidate, shadow or canary model can be approved."
    )
    assert Deployment.objects.get().revision == 1


def test_a_rejected_candidate_never_serves(candidate: ModelVersion, as_manager: Client) -> None:
    rejected = as_manager.post(f"{PAGE}/1/reject/", {"comment": "too slow"})
    approved = as_manager.post(f"{PAGE}/1/approve/")

    assert said(rejected) == ["Model 1 is rejected."]
    assert said(approved)[-1] == (
        "Model 1 is rejected; only a candidate, shadow or canary model can be approved."
    )
    assert events(1) == [("rejected", "candidate", "rejected", "too slow")]


def test_rollback_brings_a_retired_model_back(
    candidate: ModelVersion, api: APIClient, as_manager: Client, trained: Trained
) -> None:
    api.post(f"{API}/1/approve/")
    trained("linear")
    api.post(f"{API}/2/approve/")

    response = as_manager.post(f"{PAGE}/1/rollback/", {"reason": "complaints"})

    assert said(response) == ["Model 1 is the champion again."]
    assert stages() == {1: "champion", 2: "retired"}
    assert events(1)[-1] == ("rolled back to", "retired", "champion", "complaints")
    assert events(2)[-1] == ("retired", "champion", "retired", "model 1 serves")
    assert Deployment.objects.get().revision == 3


def test_rollback_needs_a_reason(
    candidate: ModelVersion, api: APIClient, as_manager: Client
) -> None:
    ModelVersion.objects.update(stage="retired")

    assert api.post(f"{API}/1/rollback/").status_code == 400
    assert said(as_manager.post(f"{PAGE}/1/rollback/", {"reason": " "})) == [
        "reason: say why the project goes back to this model."
    ]
    assert stages() == {1: "retired"}


def test_only_a_retired_model_can_be_rolled_back_to(
    candidate: ModelVersion, api: APIClient
) -> None:
    response = api.post(f"{API}/1/rollback/", {"reason": "x"})

    assert response.json()["detail"] == (
        "Model 1 is candidate; only a retired model can be rolled back to."
    )


def test_the_database_forbids_a_second_champion(candidate: ModelVersion, trained: Trained) -> None:
    second = trained("linear").model_versions.get()
    ModelVersion.objects.filter(pk=candidate.pk).update(stage="champion")

    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=second.pk).update(stage="champion")


VERBS = ["approve", "reject", "rollback"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("who", "status"), [("annotator", 403), ("reviewer", 403), ("outsider", 404)]
)
def test_only_a_manager_decides(
    caller: Caller, candidate: ModelVersion, who: str, status: int, verb: str
) -> None:
    client, api = caller(who)
    body = {"comment": "x", "reason": "x"}

    assert client.post(f"{PAGE}/1/{verb}/", body).status_code == status
    assert api.post(f"{API}/1/{verb}/", body).status_code == status
    assert stages() == {1: "candidate"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_model_of_another_project_does_not_exist(
    candidate: ModelVersion, outsider: User, api_for: Callable[[User], APIClient], verb: str
) -> None:
    response = api_for(outsider).post(
        f"/api/projects/other/models/1/{verb}/", {"comment": "x", "reason": "x"}
    )

    assert response.status_code == 404
    assert stages() == {1: "candidate"}


@pytest.mark.parametrize("verb", VERBS)
def test_a_decision_is_posted(candidate: ModelVersion, as_manager: Client, verb: str) -> None:
    assert as_manager.get(f"{PAGE}/1/{verb}/").status_code == 405
