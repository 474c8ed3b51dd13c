"""Any two models on the items that both were measured on."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from sklearn.metrics import f1_score

from classifier.compare import compare_models
from classifier.metrics.comparison import compare
from classifier.models import HoldoutPrediction, ModelVersion, Stage
from labeling.models import Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained

PAGE, API = "/p/test/models/compare/", "/api/projects/test/models/"


@pytest.fixture
def pair(label_items: LabelItems, trained: Trained) -> list[ModelVersion]:
    """Model 1 by keywords; and model 2, linear, on a holdout that has grown since."""
    label_items(30)
    first = trained("keywords").model_versions.get()
    label_items(20, seed=1)
    return [first, trained("linear").model_versions.get()]


def spoil(model: ModelVersion, count: int) -> None:
    """Let a model give the next label to that many of its holdout items."""
    turn = {"alpha": "beta", "beta": "gamma", "gamma": "alpha"}
    for answer in list(model.evaluation.predictions.order_by("row__external_id")[:count]):
        answer.predicted = turn[answer.row.label]
        answer.save()


def answers(model: ModelVersion) -> dict[str, HoldoutPrediction]:
    return {each.row.external_id: each for each in model.evaluation.predictions.all()}


def test_both_are_judged_on_the_shared_items(project: Project, pair: list[ModelVersion]) -> None:
    spoil(pair[0], 6)
    first, second = map(answers, pair)
    shared = sorted(first.keys() & second.keys())
    assert (len(shared), len(second)) == (18, 30)
    truth = [second[name].row.label for name in shared]
    said = [[each[name].predicted for name in shared] for each in (first, second)]

    duel = compare_models(project, 1, 2)

    assert duel.versus == compare(truth, said[0], said[1], ["alpha", "beta", "gamma"])
    assert duel.scores is not None
    for scores, own in zip(duel.scores, said, strict=True):
        expected = f1_score(truth, own, average="weighted")
        assert scores.weighted_f1.value == pytest.approx(expected)
    differing = [name for name in shared if first[name].predicted != second[name].predicted]
    assert sorted(row.external_id for row in duel.differing) == sorted(differing)
    assert sum(duel.outcomes.values()) == 18


def test_the_other_way_round_turns_the_sign(project: Project, pair: list[ModelVersion]) -> None:
    spoil(pair[0], 6)
    one, other = compare_models(project, 1, 2), compare_models(project, 2, 1)

    assert one.versus is not None
    assert other.versus is not None
    assert one.versus.difference.value == pytest.approx(-other.versus.difference.value)
    assert one.outcomes["only the first is right"] == other.outcomes["only the second is right"]


def test_a_relabeled_item_counts_with_its_newer_label(
    project: Project, pair: list[ModelVersion]
) -> None:
    name = pair[0].evaluation.predictions.order_by("row__external_id")[0].row.external_id
    pair[1].snapshot.rows.filter(external_id=name).update(label="gamma")

    (row,) = [row for row in compare_models(project, 1, 2).rows if row.external_id == name]
    assert row.truth == "gamma"


def test_the_page_says_who_is_better(as_manager: Client, pair: list[ModelVersion]) -> None:
    spoil(pair[0], 12)

    page = as_manager.get(f"{PAGE}?first=1&second=2").content.decode()
    assert "Model 2 is better than model 1 by" in page
    assert "only the second is right" in page.lower()
    assert page.count("<tr data-row>") >= 11
    assert page.count('<option value="1" selected>') == 1


def test_the_differing_items_are_paged(
    as_manager: Client, pair: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(pair[0], 12)
    total = len(compare_models(pair[0].project, 1, 2).differing)
    monkeypatch.setattr("classifier.views.compare.PAGE", 10)

    first = as_manager.get(f"{PAGE}?first=1&second=2").content.decode()
    second = as_manager.get(f"{PAGE}?first=1&second=2&start=10").content.decode()
    assert first.count("<tr data-row>") == 10
    assert second.count("<tr data-row>") == total - 10
    assert "?first=1&amp;second=2&amp;start=10" in first


def test_a_model_with_itself_is_not_told_apart(
    as_manager: Client, weak_candidate: ModelVersion
) -> None:
    page = as_manager.get(f"{PAGE}?first=1&second=1").content.decode()

    assert "Not told apart by 12 items" in page
    assert "They give the same label to every item." in page


def test_models_without_a_shared_item(
    as_manager: Client, project: Project, pair: list[ModelVersion]
) -> None:
    pair[0].evaluation.predictions.all().delete()

    page = as_manager.get(f"{PAGE}?first=1&second=2").content.decode()
    assert "there is nothing to compare" in page
    assert compare_models(project, 1, 2).scores is None


def test_what_is_not_named_is_chosen(as_manager: Client, pair: list[ModelVersion]) -> None:
    pair[0].project.model_versions.filter(number=1).update(stage=Stage.CHAMPION)
    for query, chosen in {"": [2, 1], "?first=2": [2, 1], "?first=1": [1, 2]}.items():
        page = as_manager.get(PAGE + query).content.decode()
        assert re.findall(r'<option value="(\d)" selected', page) == list(map(str, chosen))


def test_an_approval_past_the_gate_shows(as_manager: Client, pair: list[ModelVersion]) -> None:
    pair[0].project.model_versions.filter(number=1).update(
        overrode_gate=True,
        approved_at=timezone.now(),
        approval_comment="A pilot.",
        approved_past=[{"name": "Weighted F1", "state": "fail"}],
    )
    for url in (f"{PAGE}?first=2&second=1", "/p/test/models/1/card/"):
        page = as_manager.get(url).content.decode()
        assert "<li>Weighted F1: failed</li>" in page
        assert "“A pilot.”" in page


def test_one_model_is_too_few(as_manager: Client, weak_candidate: ModelVersion) -> None:
    assert "It takes two models." in as_manager.get(PAGE).content.decode()


@pytest.mark.parametrize("query", ["first=1&second=9", "first=x&second=1", "first=²"])
def test_what_does_not_exist_is_not_found(
    as_manager: Client, weak_candidate: ModelVersion, query: str
) -> None:
    assert as_manager.get(f"{PAGE}?{query}").status_code == 404


def test_rest(api: APIClient, pair: list[ModelVersion]) -> None:
    spoil(pair[0], 6)
    answer = api.get(f"{API}1/compare/2/").json()

    assert answer["rows"] == 18
    assert answer["difference"]["value"] == pytest.approx(
        answer["first"]["weighted_f1"]["value"] - answer["second"]["weighted_f1"]["value"]
    )
    assert (
        len(answer["differing"])
        == sum(
            count for name, count in answer["outcomes"].items() if not name.startswith("both give")
        )
        - answer["outcomes"]["both are right"]
    )
    assert api.get(f"{API}1/compare/7/").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("annotator", 403), ("outsider", 404)])
def test_others_see_nothing(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int
) -> None:
    browser, client = caller(who)

    assert browser.get(PAGE).status_code == status
    assert browser.get("/p/test/models/1/card/").status_code == status
    assert client.get(f"{API}1/compare/1/").status_code == status


def test_the_pages_cost_eight_queries_at_most(
    as_manager: Client, pair: list[ModelVersion], django_assert_max_num_queries: Any
) -> None:
    for url in (PAGE, f"{PAGE}?first=1&second=2", "/p/test/models/1/card/"):
        with django_assert_max_num_queries(8):
            assert as_manager.get(url).status_code == 200


def test_a_card_tells_data_figures_limits_and_decisions(
    as_manager: Client, pair: list[ModelVersion]
) -> None:
    as_manager.post("/p/test/models/1/approve/", {"comment": "We need one."})

    page = " ".join(as_manager.get("/p/test/models/1/card/").content.decode().split())
    snapshot, evaluation = pair[0].snapshot, pair[0].evaluation
    assert f'{snapshot.training_rows}</td><td class="num">{snapshot.holdout_rows}</td>' in page
    assert f"{evaluation.weighted_f1:.3f}" in page
    assert "Fewer than 20 holdout items, so its figures say little: alpha, beta, gamma." in page
    assert "Gate: not enough data" in page
    assert "although the gate had not passed" in page
    assert "“We need one.”" in page
    assert pair[0].artifact_hash in page
    assert as_manager.get("/p/test/models/9/card/").status_code == 404


def test_pages_of_differences_lead_nowhere_else(
    as_manager: Client, pair: list[ModelVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(pair[0], 12)
    monkeypatch.setattr("classifier.views.compare.PAGE", 10)

    page = as_manager.get(f"{PAGE}?first=1&second=2").content.decode()
    pages = page.split('<nav class="pagination"')[1].split("</nav>")[0]
    assert pages.count("href=") == 1
