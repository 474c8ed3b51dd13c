"""How right the live models are: the page, the figures over REST, and the job behind them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, Stage
from feedback import online, online_read
from feedback.models import OnlineEvaluation, Report
from feedback.online import ask_online_evaluation, run_online_evaluation, tend_online_evaluations
from feedback.tasks import online_evaluation
from labeling.errors import Conflict
from labeling.models import Annotation, Assignment, JobState, Project, Task
from tests.classifier.champions import make_model
from tests.classifier.predictions import make_prediction
from tests.feedback.drawn import draw

Clients = Callable[[User], Client]
Api = Callable[[User], APIClient]
PAGE, URL = "/p/test/monitor/online/", "/api/projects/test/online/"


def compute(project: Project) -> dict[str, Any]:
    """Have the figures computed, and return them."""
    job = ask_online_evaluation(project=project, user=None)
    online_evaluation(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.SUCCEEDED, job.failure
    figures: dict[str, Any] = job.figures
    return figures


def row_of(figures: dict[str, Any], kind: str, name: str = "", **wanted: Any) -> dict[str, Any]:
    """Return the row of all models of the last 28 days, or the one that is wanted."""
    known = {"model": None, "days": 28, "kind": kind, "name": name} | wanted
    (found,) = (row for row in figures["rows"] if known.items() <= row.items())
    row: dict[str, Any] = found
    return row


@pytest.fixture
def nobody_computes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep evaluations queued; return the ids that workers were told."""
    told: list[int] = []
    monkeypatch.setattr(online, "nudge", lambda job: told.append(job.pk))
    return told


@pytest.fixture
def audited(model: ModelVersion, nobody_computes: list[int]) -> ModelVersion:
    """A model with 4 unsure answers, half of them right, and 36 sure ones: 1 of 12 audits wrong."""
    for said, truth in (("alpha", "alpha"), ("beta", "gamma")) * 2:
        draw(model, said, truth)
    for number in range(12):
        draw(model, "alpha", "beta" if number == 0 else "alpha", confidence=0.97, probability=1 / 3)
    for _ in range(24):
        make_prediction(model, "alpha", 0.97)
    return model


def test_answers_count_by_the_probability_that_they_were_drawn_with(
    audited: ModelVersion,
) -> None:
    figures = compute(audited.project)
    whole = row_of(figures, "all")
    assert (whole["answers"], whole["drawn"]) == (40, 16)
    assert whole["accuracy"]["value"] == pytest.approx(0.1 * 0.5 + 0.9 * 11 / 12)
    assert whole["accuracy"]["low"] < 0.87 < whole["accuracy"]["high"]
    accepted, review = row_of(figures, "route", "accept"), row_of(figures, "route", "review")
    assert accepted["accuracy"]["value"] == pytest.approx(11 / 12)
    # All four were looked at, so nothing is left open.
    assert review["accuracy"]["low"] == review["accuracy"]["high"] == pytest.approx(0.5)
    assert row_of(figures, "slice", "short_text")["drawn"] == 16
    # 33 and 2 right of 36 and 2 said; 35 are alpha.
    assert row_of(figures, "label", "alpha")["f1"]["value"] == pytest.approx(2 * 35 / (38 + 35))


def test_what_waits_behind_the_cap_counts_by_what_was_asked_by_lot(
    model: ModelVersion, nobody_computes: list[int]
) -> None:
    """8 had their turn and half are right; of 40 that wait 5 were asked by lot: 4 are right."""
    for place in range(8):
        draw(model, "alpha", "alpha" if place % 2 else "beta")
    for place in range(5):
        draw(model, "alpha", "alpha" if place else "beta", lot=0.125)
    for _ in range(34):
        draw(model, "alpha", lot=0.125, by_lot=False)
    # People labeled its item for another reason: that was no lot.
    draw(model, "alpha", "beta", lot=0.125, by_lot=False)
    whole = row_of(compute(model.project), "all")
    assert (whole["answers"], whole["drawn"]) == (48, 13)
    assert whole["accuracy"]["value"] == pytest.approx((8 * 0.5 + 40 * 0.8) / 48)


def test_what_waits_without_a_look_leaves_accuracy_open(
    model: ModelVersion, nobody_computes: list[int]
) -> None:
    for _ in range(8):
        draw(model, "alpha", "alpha")
    for _ in range(4):
        draw(model, "alpha", lot=0.0, by_lot=False)
    whole = row_of(compute(model.project), "all")
    assert whole["accuracy"]["value"] is None
    assert whole["accuracy"]["reason"].startswith("Fewer than 2 looks were given in 1 of 2 groups")


@pytest.mark.parametrize(
    "fields",
    [
        {"truth": ""},
        {"truth": "beta", "method": "imported"},
        {"truth": "beta", "before": True},
        {"truth": "beta", "days": 90},
        {"truth": "beta", "probability": 0.0},
    ],
)
def test_what_is_no_look(audited: ModelVersion, fields: dict[str, Any]) -> None:
    before = row_of(compute(audited.project), "all")["drawn"]
    draw(audited, "alpha", confidence=0.97, **fields)
    assert row_of(compute(audited.project), "all")["drawn"] == before


def test_models_are_kept_apart(audited: ModelVersion) -> None:
    second = make_model(audited.project, stage=Stage.RETIRED)
    for _ in range(5):
        draw(second, "gamma", "gamma")
    figures = compute(audited.project)
    assert row_of(figures, "all", model=2)["accuracy"]["value"] == 1.0
    assert row_of(figures, "all", model=1)["answers"] == 40
    assert row_of(figures, "all")["answers"] == 45


def test_without_audits_of_accepted_answers_accuracy_is_not_known(
    model: ModelVersion, nobody_computes: list[int]
) -> None:
    make_prediction(model, "alpha", 0.97)
    make_prediction(model, "alpha", 0.97)
    for _ in range(3):
        draw(model, "alpha", "alpha")
    whole = row_of(compute(model.project), "all")
    assert whole["accuracy"]["value"] is None
    assert whole["accuracy"]["reason"].startswith("Fewer than 2 looks")
    review = row_of(compute(model.project), "route", "review")
    assert review["accuracy"]["value"] == 1.0


def test_proxies(audited: ModelVersion, reviewer: User, annotator: User) -> None:
    project = audited.project
    made = draw(audited, "alpha", days=8)
    Report.objects.create(project=project, prediction=made, reported_by=reviewer)
    Report.objects.create(project=project, prediction=made, reported_by=annotator)
    task = Task.objects.get(routings__prediction=made)
    look = Assignment.objects.create(
        project=project, task=task, slot=1, state="done", annotator=annotator
    )
    Annotation.objects.create(
        project=project,
        item=task.item,
        assignment=look,
        annotator=annotator,
        label=project.labels.get(name="alpha"),
        idempotency_key="1",
    )
    proxies = compute(project)["proxies"]
    counts = [{k: v for k, v in week.items() if k != "since"} for week in proxies]
    nothing = {"reports": 0, "votes": 0, "agreeing": 0}
    assert counts[0] == {"predictions": 40, "decided": 4, "overridden": 2} | nothing
    assert counts[1] == {
        "predictions": 1,
        "decided": 0,
        "overridden": 0,
        "reports": 1,
        "votes": 1,
        "agreeing": 1,
    }
    assert len(counts) == 12
    assert proxies[0]["since"] == (timezone.localdate() - timedelta(days=6)).isoformat()


def test_only_the_newest_predictions_are_read(
    audited: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(audited, "alpha", "alpha", days=9)
    assert row_of(compute(audited.project), "all")["answers"] == 41
    monkeypatch.setattr(online_read, "PREDICTIONS_READ", 40)
    figures = compute(audited.project)
    assert row_of(figures, "all")["answers"] in {40, 41}
    assert figures["since"] == (timezone.localdate() - timedelta(days=9)).isoformat()


def test_the_page(audited: ModelVersion, reviewer: User, client_for: Clients) -> None:
    client = client_for(reviewer)
    assert "Not computed yet" in client.get(PAGE).content.decode()
    compute(audited.project)
    text = client.get(PAGE).content.decode()
    for said in ("0.875", "16 looks", "0.917", "2 of 4", "short_text", "<svg", "audits a week"):
        assert said in text
    assert "<style" not in text
    assert "style=" not in text
    part = client.get(f"{PAGE}?model=1&days=7", headers={"hx-request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="stack" id="online"')
    assert '<option value="1" selected>' in part
    assert '<option value="7" selected>' in part
    assert client.get(f"{PAGE}?model=nonsense&days=-1").status_code == 200


def test_the_planner_on_the_page(
    audited: ModelVersion, reviewer: User, client_for: Clients
) -> None:
    compute(audited.project)
    client = client_for(reviewer)
    assert "this value is greater than or equal to 0.001" in (
        client.get(f"{PAGE}?half_width=0").content.decode()
    )
    assert "90 % confidence" in client.get(f"{PAGE}?level=0.9").content.decode()


def test_a_page_that_is_being_computed_asks_again(
    audited: ModelVersion, reviewer: User, client_for: Clients, nobody_computes: list[int]
) -> None:
    client = client_for(reviewer)
    assert client.post(f"{PAGE}measure/").headers["Location"] == PAGE
    text = client.get(PAGE).content.decode()
    assert 'hx-trigger="every 2s"' in text
    assert "Compute" not in text.split("toolbar")[-1].split("progress")[0]
    again = client.post(f"{PAGE}measure/", follow=True).content.decode()
    assert "is being computed: wait for it" in again
    assert OnlineEvaluation.objects.get().created_by == reviewer


def test_over_rest(audited: ModelVersion, reviewer: User, api_for: Api) -> None:
    api = api_for(reviewer)
    assert api.get(URL).json() == []
    compute(audited.project)
    (whole,) = api.get(f"{URL}?days=28&kind=all&model=1").json()
    assert (whole["model"], whole["answers"], whole["drawn"]) == (1, 40, 16)
    assert whole["accuracy"]["value"] == pytest.approx(0.875)
    assert api.get(f"{URL}?model=9").json() == []
    lines = api.get(f"{URL}?as=csv&days=28&kind=all").content.decode().splitlines()
    assert lines[0].startswith("model,since,until,days,kind,name,answers,drawn,accuracy,")
    assert len(lines) == 3
    assert api.get(f"{URL}?as=pdf").status_code == 400
    assert api.get(f"{URL}proxies/").json()[0]["overridden"] == 2
    assert "overridden" in api.get(f"{URL}proxies/?as=csv").content.decode()


def test_measuring_over_rest(
    audited: ModelVersion, reviewer: User, api_for: Api, nobody_computes: list[int]
) -> None:
    api = api_for(reviewer)
    assert api.get(f"{URL}measure/").json() == []
    asked = api.post(f"{URL}measure/")
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert api.post(f"{URL}measure/").status_code == 409
    run_online_evaluation(asked.json()["id"])
    assert [job["state"] for job in api.get(f"{URL}measure/").json()] == ["succeeded"]


def test_the_plan_over_rest(audited: ModelVersion, reviewer: User, api_for: Api) -> None:
    api = api_for(reviewer)
    assert api.get(f"{URL}plan/").json()["strata"] == []
    compute(audited.project)
    found = api.get(f"{URL}plan/?half_width=0.05&answers=10000&accepted=0.8").json()
    assert (found["answers"], found["review"]) == (10_000, 2000)
    assert found["half_width"] == pytest.approx(0.05, rel=0.05)
    accepted = next(row for row in found["strata"] if row["route"] == "accept")
    assert (accepted["low"], accepted["high"], accepted["answers"]) == (0.95, 0.99, 8000)
    # 11 of 12 right, and ten looks' worth of .97.
    right = (11 + 9.7) / 22
    assert accepted["expected"] == pytest.approx(right)
    whole = 0.8**2 * right * (1 - right) / (0.05 / 1.96) ** 2
    assert found["audits"] == pytest.approx(whole / (1 + whole / 8000), abs=2)
    assert found["today_share"] == pytest.approx(1 / 3)
    assert found["today_audits"] == pytest.approx(8000 / 3)
    assert found["today_half_width"] < 0.05
    assert api.get(f"{URL}plan/?half_width=0").status_code == 400


def test_where_nothing_is_audited_today_gives_nothing(
    model: ModelVersion, reviewer: User, api_for: Api, nobody_computes: list[int]
) -> None:
    make_prediction(model, "alpha", 0.97)
    compute(model.project)
    found = api_for(reviewer).get(f"{URL}plan/").json()
    assert (found["today_half_width"], found["today_audits"]) == (None, 0.0)


def test_once_a_day_by_itself(
    audited: ModelVersion, other_project: Project, nobody_computes: list[int]
) -> None:
    tend_online_evaluations()
    job = OnlineEvaluation.objects.get()
    assert (job.project, job.created_by) == (audited.project, None)
    run_online_evaluation(job.pk)
    tend_online_evaluations()
    assert OnlineEvaluation.objects.get() == job
    OnlineEvaluation.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    tend_online_evaluations()
    assert OnlineEvaluation.objects.count() == 2


def test_a_newer_one_takes_the_place_of_the_older(audited: ModelVersion) -> None:
    compute(audited.project)
    compute(audited.project)
    assert OnlineEvaluation.objects.count() == 1


def test_a_failure_is_told_and_the_figures_before_stay(
    audited: ModelVersion,
    reviewer: User,
    client_for: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compute(audited.project)

    def fail(project: Project) -> dict[str, Any]:
        raise RuntimeError

    monkeypatch.setattr(online, "figures_of", fail)
    job = ask_online_evaluation(project=audited.project, user=None)
    run_online_evaluation(job.pk)
    text = client_for(reviewer).get(PAGE).content.decode()
    assert "It could not be computed" in text
    assert "0.875" in text


def test_one_at_a_time_and_none_twice(
    audited: ModelVersion, nobody_computes: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = ask_online_evaluation(project=audited.project, user=None)
    assert nobody_computes == [job.pk]
    with pytest.raises(Conflict):
        ask_online_evaluation(project=audited.project, user=None)
    run_online_evaluation(job.pk)
    finished = OnlineEvaluation.objects.get().finished_at
    run_online_evaluation(job.pk)
    run_online_evaluation(10**6)
    assert OnlineEvaluation.objects.get().finished_at == finished


def test_queries(
    audited: ModelVersion,
    reviewer: User,
    client_for: Clients,
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    compute(audited.project)
    client = client_for(reviewer)
    with django_assert_max_num_queries(8):
        client.get(PAGE)
