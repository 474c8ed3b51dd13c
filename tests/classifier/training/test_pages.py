"""The pages of models, runs and evaluations."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from accounts.models import User
from classifier.models import ModelVersion, TrainingRun
from classifier.recipes import RECIPES
from classifier.retrain import retrain
from labeling.models import Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained

Queries = Callable[..., Any]
FORBIDDEN = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|hx-on|javascript:")


def read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    page = response.content.decode()
    assert not FORBIDDEN.search(page)
    return page


@pytest.fixture
def run(project: Project, manager: User, label_items: LabelItems) -> TrainingRun:
    """A run that waits for its worker."""
    label_items(10)
    return retrain(project=project, user=manager)


def test_without_models_it_says_what_fills_the_page(as_manager: Client, project: Project) -> None:
    page = read(as_manager, "/p/test/models/")

    assert "No models yet" in page
    assert page.count('type="checkbox"') == len(RECIPES)
    assert page.count("checked") == 2


def test_models_are_listed_with_their_figures(as_manager: Client, candidate: ModelVersion) -> None:
    page = read(as_manager, "/p/test/models/")

    figure = candidate.evaluation.overall["weighted_f1"]
    assert 'href="/p/test/models/1/"' in page
    assert f"[{figure['low']:.2f}, {figure['high']:.2f}]" in page
    assert "n = 54" in page
    assert "passed" in page
    assert "candidate" in page


def test_models_are_paged(
    as_manager: Client, candidate: ModelVersion, monkeypatch: pytest.MonkeyPatch, trained: Trained
) -> None:
    trained("linear")
    monkeypatch.setattr("classifier.views.models.PAGE", 1)

    first = read(as_manager, "/p/test/models/")
    second = read(as_manager, "/p/test/models/?before=2")

    assert ("model 2" in first, "model 1<" in first, "?before=2" in first) == (True, False, True)
    assert ("model 2" in second, "model 1<" in second, "?before" in second) == (False, True, False)
    read(as_manager, "/p/test/models/?before=x")


def test_an_active_run_takes_the_place_of_the_form(as_manager: Client, run: TrainingRun) -> None:
    page = read(as_manager, "/p/test/models/")

    assert "Run 1 is queued" in page
    assert "/p/test/models/retrain/" not in page


def test_a_reviewer_reads_and_cannot_act(
    client_for: Callable[[User], Client], reviewer: User, candidate: ModelVersion
) -> None:
    client = client_for(reviewer)

    for url in ("/p/test/models/", "/p/test/models/1/", "/p/test/runs/1/"):
        page = read(client, url)
        assert not re.search(r'action="/p/test/(models|runs)', page)


@pytest.mark.parametrize(("who", "status"), [("annotator", 403), ("outsider", 404)])
@pytest.mark.parametrize(
    "url", ["models/", "models/1/", "models/1/answers/", "runs/1/", "runs/1/live/"]
)
def test_others_see_nothing(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int, url: str
) -> None:
    client, _ = caller(who)

    assert client.get(f"/p/test/{url}").status_code == status


@pytest.mark.parametrize("url", ["models/9/", "models/9/answers/", "runs/9/", "runs/9/live/"])
def test_what_does_not_exist_is_not_found(as_manager: Client, project: Project, url: str) -> None:
    assert as_manager.get(f"/p/test/{url}").status_code == 404


def test_a_waiting_run_polls(as_manager: Client, run: TrainingRun) -> None:
    page = read(as_manager, "/p/test/runs/1/")

    assert 'hx-get="/p/test/runs/1/live/" hx-trigger="every 1s"' in page
    assert "Waiting for a training worker" in page
    assert page.count('data-state="todo"') == 3
    assert 'action="/p/test/runs/1/cancel/"' in page


def test_a_running_run_shows_stage_progress_and_time(as_manager: Client, run: TrainingRun) -> None:
    started = timezone.now() - timedelta(seconds=30)
    TrainingRun.objects.update(
        state="running",
        stage="keywords: fitting",
        done=50,
        total=100,
        started_at=started,
        log="12:00:01 hello\n",
    )

    page = read(as_manager, "/p/test/runs/1/live/")

    assert "<html" not in page
    assert 'hx-trigger="every 1s"' in page
    assert 'max="100" value="50"' in page
    assert "keywords: fitting" in page
    assert re.search(r"about (29|30|31) s left", page)
    assert "12:00:01 hello" in page
    assert page.count('data-state="now"') == 1


def test_a_finished_run_stops_polling_and_takes_its_button_away(
    as_manager: Client, candidate: ModelVersion
) -> None:
    page = read(as_manager, "/p/test/runs/1/live/")

    assert "hx-trigger" not in page
    assert 'id="run-actions" hx-swap-oob="true">' in page
    assert "/cancel/" not in page
    assert 'href="/p/test/runs/new/?like=1"' in page
    assert page.count('data-state="done"') == 3
    assert 'href="/p/test/models/1/"' in page


def test_a_failed_run_says_why(as_manager: Client, run: TrainingRun) -> None:
    TrainingRun.objects.update(state="failed", failure="No term is left.")

    page = read(as_manager, "/p/test/runs/1/")

    assert "No term is left." in page
    assert page.count('data-state="failed"') == 1
    assert "/cancel/" not in page


def test_a_run_is_cancelled_once(as_manager: Client, run: TrainingRun, manager: User) -> None:
    first = as_manager.post("/p/test/runs/1/cancel/")
    second = as_manager.post("/p/test/runs/1/cancel/")

    run.refresh_from_db()
    assert (first.headers["Location"], run.state) == ("/p/test/runs/1/", "cancelled")
    said = [str(message) for message in get_messages(second.wsgi_request)]
    assert said[-1] == "Run 1 has ended already: cancelled."


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("outsider", 404)])
def test_only_a_manager_cancels(caller: Caller, run: TrainingRun, who: str, status: int) -> None:
    client, _ = caller(who)

    assert client.post("/p/test/runs/1/cancel/").status_code == status
    run.refresh_from_db()
    assert run.state == "queued"


def test_an_evaluation_begins_with_its_verdict(as_manager: Client, candidate: ModelVersion) -> None:
    page = read(as_manager, "/p/test/models/1/")

    points = 100 * candidate.evaluation.comparison["difference"]["value"]
    assert f"Better than always the most frequent label by {points:.1f} points" in page
    assert "Not enough data to judge: Behavioural tests." in page
    assert "Failed:" not in page
    assert "Approving it takes a reason" not in page
    for part in ("Gate", "Labels", "Confusion", "Slices", "Calibration", "Surest mistakes"):
        assert f">{part}</h2>" in page


def test_a_gate_without_enough_data_is_told_apart(
    as_manager: Client, weak_candidate: ModelVersion
) -> None:
    page = read(as_manager, "/p/test/models/1/")

    assert "Not enough data to judge: Better than the most frequent label" in page
    assert "Approving it takes a reason" in page
    assert 'class="verdict warn"' in page


def test_a_champion_is_named_in_the_verdict(
    as_manager: Client, candidate: ModelVersion, trained: Trained
) -> None:
    ModelVersion.objects.update(stage="champion")
    trained("linear")

    page = read(as_manager, "/p/test/models/2/")

    assert "Not told apart from the champion, model 1, by 54 items" in page


def test_a_retired_model_offers_the_way_back(as_manager: Client, candidate: ModelVersion) -> None:
    ModelVersion.objects.update(stage="retired")

    page = read(as_manager, "/p/test/models/1/")

    assert 'action="/p/test/models/1/rollback/"' in page
    assert "/approve/" not in page


def answer_titles(page: str) -> int:
    return page.count("<tr data-row>")


def test_the_cells_of_the_matrix_list_their_items(
    as_manager: Client, candidate: ModelVersion
) -> None:
    page = read(as_manager, "/p/test/models/1/")
    counts = candidate.evaluation.confusion

    cells = re.findall(r'answers/\?(true=\w+&amp;predicted=\w+)">(\d+)<', page)
    assert sum(int(count) for _, count in cells) == 54 == sum(map(sum, counts))
    for query, count in cells:
        listed = read(as_manager, f"/p/test/models/1/answers/?{query.replace('&amp;', '&')}")
        assert answer_titles(listed) == int(count)


def test_answers_are_paged(as_manager: Client, candidate: ModelVersion) -> None:
    first = read(as_manager, "/p/test/models/1/answers/")
    second = read(as_manager, "/p/test/models/1/answers/?start=50")

    assert (answer_titles(first), answer_titles(second)) == (50, 4)
    assert 'href="?start=50"' in first
    assert "51 to 54" in second


def test_answers_by_outcome_and_slice(as_manager: Client, candidate: ModelVersion) -> None:
    inside = next(x for x in candidate.evaluation.slices if x["name"] == "mentions_model")
    right = sum(candidate.evaluation.confusion[n][n] for n in range(3))

    rights = read(as_manager, "/p/test/models/1/answers/?outcome=right")
    wrongs = read(as_manager, "/p/test/models/1/answers/?outcome=wrong")
    part = read(as_manager, "/p/test/models/1/answers/?slice=mentions_model")
    assert answer_titles(rights) == min(right, 50)
    assert answer_titles(wrongs) == 54 - right
    assert answer_titles(part) == min(inside["rows"], 50)
    assert as_manager.get("/p/test/models/1/answers/?slice=nope").status_code == 404


def test_an_item_that_was_deleted_is_still_told(
    as_manager: Client, candidate: ModelVersion, project: Project
) -> None:
    project.items.all().delete()

    assert answer_titles(read(as_manager, "/p/test/models/1/answers/")) == 50


@pytest.mark.parametrize(
    "url",
    [
        "models/",
        "models/1/",
        "models/1/answers/",
        "models/1/answers/?slice=short_text",
        "runs/1/",
        "runs/1/live/",
    ],
)
def test_a_page_costs_eight_queries_at_most(
    as_manager: Client,
    candidate: ModelVersion,
    trained: Trained,
    django_assert_max_num_queries: Queries,
    url: str,
) -> None:
    trained("keywords", "linear")

    with django_assert_max_num_queries(8):
        read(as_manager, f"/p/test/{url}")
