"""Slices: defined by a manager, measured with every model, and found by a search."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import HoldoutPrediction, ModelVersion, Slice
from classifier.slices import Facts, define_slice, mask, words_of
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.models import Event, Project
from tests.classifier.training.conftest import Caller, LabelItems, Trained
from tests.labeling.pages.browse import told

PAGE, API = "/p/test/models/slices/", "/api/projects/test/slices/"
DEFINE = f"{PAGE}define/"
ROWS = [
    Facts("one two three", "a.csv", date(2026, 1, 1), "imported"),
    Facts("one model", "b.csv", date(2026, 2, 1), "agreement"),
    Facts("one", "", None, "adjudication"),
]


@pytest.mark.parametrize(
    ("conditions", "inside", "words"),
    [
        ({"max_words": 2}, [0, 1, 1], "at most 2 words"),
        ({"min_words": 2}, [1, 1, 0], "at least 2 words"),
        ({"terms": ["model", "three"]}, [1, 1, 0], "holds model or three"),
        ({"source": "a.csv"}, [1, 0, 0], "from a.csv"),
        ({"since": date(2026, 1, 2)}, [0, 1, 0], "came in since 2026-01-02"),
        ({"until": date(2026, 1, 1)}, [1, 0, 0], "came in until 2026-01-01"),
        ({"method": "adjudication"}, [0, 0, 1], "labeled by adjudication"),
        (
            {"max_words": 2, "terms": ["model"]},
            [0, 1, 0],
            "at most 2 words, holds model",
        ),
    ],
)
def test_a_row_meets_every_condition(
    conditions: dict[str, Any], inside: list[int], words: str
) -> None:
    made = Slice(**conditions)

    assert mask(made, ROWS).tolist() == [bool(one) for one in inside]
    assert words_of(made) == words


def test_a_manager_defines_and_changes_one(as_manager: Client, project: Project) -> None:
    first = as_manager.post(DEFINE, {"name": "long", "min_words": 30, "terms": "a, b ,"})
    again = as_manager.post(DEFINE, {"name": "long", "min_words": 40})

    assert told(first) == ["The slice long is defined. The next evaluation measures it."]
    assert told(again)[-1].startswith("The slice long has new conditions.")
    (made,) = project.slices.all()
    assert (made.min_words, made.terms) == (40, [])
    event = Event.objects.filter(verb="defined").latest("id")
    assert (event.before, event.after) == (
        "at least 30 words, holds a or b",
        "at least 40 words",
    )
    page = as_manager.get(f"{PAGE}?edit=long").content.decode()
    assert "Change long" in page
    assert 'value="40"' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "x"}, "conditions: give one at least."),
        ({"name": "a b", "min_words": 2}, "letters, numbers, hyphens and underscores"),
        ({"name": "x", "min_words": 9, "max_words": 2}, "No text has at least"),
        ({"name": "x", "since": "2026-02-01", "until": "2026-01-01"}, "The first day is after"),
        ({"name": "x", "max_words": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_taken_is_told(
    as_manager: Client, project: Project, fields: dict[str, Any], said: str
) -> None:
    answer = as_manager.post(DEFINE, fields)

    assert answer.status_code == 422
    assert said in answer.content.decode().replace("“", "").replace("”", "")
    assert not project.slices.exists()


def test_there_are_fifty_at_most(manager_access: Access, project: Project) -> None:
    Slice.objects.bulk_create(
        Slice(project=project, name=f"s{number}", max_words=1) for number in range(50)
    )

    with pytest.raises(Conflict, match="50 slices at most"):
        define_slice(access=manager_access, name="more", conditions={"max_words": 1})
    define_slice(access=manager_access, name="s0", conditions={"max_words": 2})
    with pytest.raises(Invalid):
        define_slice(access=manager_access, name="s0", conditions={"max_words": None})


def test_the_figures_are_those_of_the_model_in_service(
    as_manager: Client, candidate: ModelVersion, manager_access: Access
) -> None:
    define_slice(access=manager_access, name="never", conditions={"source": "nowhere"})
    define_slice(access=manager_access, name="all", conditions={"source": "test"})

    page = as_manager.get(PAGE).content.decode()
    f1 = candidate.evaluation.weighted_f1
    assert 'answers/?slice=all">all</a>' in page
    assert f'<td class="num">54</td><td class="num">{f1:.2f}</td>' in page
    assert "not enough data" in page
    assert 'href="/p/test/models/1/"' in page


def test_one_is_removed(as_manager: Client, project: Project) -> None:
    project.slices.create(name="mine", max_words=3)

    answer = as_manager.post(f"{PAGE}mine/remove/")

    assert told(answer) == ["The slice mine is removed."]
    assert not project.slices.exists()
    assert Event.objects.get(verb="removed").before == "mine: at most 3 words"
    assert as_manager.post(f"{PAGE}mine/remove/").status_code == 404


def test_a_slice_is_measured_with_its_interval(
    project: Project, label_items: LabelItems, trained: Trained
) -> None:
    project.slices.create(name="all", source="test")
    label_items(40)
    evaluation = trained("keywords").model_versions.get().evaluation

    (measured,) = evaluation.slices
    assert (measured["rows"], measured["weighted_f1"]) == (
        24,
        pytest.approx(evaluation.weighted_f1),
    )
    assert measured["low"] <= measured["weighted_f1"] <= measured["high"]


def test_what_the_search_found_leads_to_its_items(
    as_manager: Client, candidate: ModelVersion
) -> None:
    rows = HoldoutPrediction.objects.filter(evaluation=candidate.evaluation)
    holding = sum("grammar" in f"{one.row.title} {one.row.body}".split() for one in rows)
    found = {"field": "terms", "value": "grammar", "rows": holding, "errors": 2, "p": 0.001}
    found |= {"adjusted_p": 0.01, "errors_elsewhere": 0.1, "weighted_f1": 0.5}
    found |= {"low": 0.4, "high": 0.6}
    candidate.evaluation.found_slices |= {"found": [found], "candidates": 99}
    candidate.evaluation.save()

    page = as_manager.get("/p/test/models/1/").content.decode()
    listed = as_manager.get("/p/test/models/1/answers/?found=terms:grammar").content.decode()

    assert "holds “grammar”" in page
    assert "answers/?found=terms%3Agrammar" in page
    assert listed.count("<tr data-row>") == holding > 0
    assert as_manager.get("/p/test/models/1/answers/?found=draw:1").status_code == 404
    assert as_manager.get("/p/test/models/1/answers/?found=min_words:x").status_code == 404


def test_every_evaluation_searches(candidate: ModelVersion) -> None:
    search = candidate.evaluation.found_slices

    assert search["rows"] == 54
    assert search["candidates"] > 0 or search["reason"]


def test_rest(api: APIClient, project: Project) -> None:
    body = {"name": "new", "terms": ["gan"], "since": "2026-01-01"}
    first = api.post(API, body, format="json")
    second = api.post(API, {"name": "new", "max_words": 5}, format="json")
    bad = api.post(API, {"name": "new"}, format="json")
    listed = api.get(API).json()

    assert (first.status_code, second.status_code, bad.status_code) == (201, 200, 422)
    assert bad.json()["detail"] == "conditions: give one at least."
    assert [(each["name"], each["max_words"], each["terms"]) for each in listed] == [("new", 5, [])]
    assert api.delete(f"{API}new/").status_code == 204
    assert api.delete(f"{API}new/").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("outsider", 404)])
def test_only_a_manager_changes(caller: Caller, project: Project, who: str, status: int) -> None:
    browser, client = caller(who)

    assert browser.post(DEFINE, {"name": "x", "max_words": 2}).status_code == status
    assert client.post(API, {"name": "x", "max_words": 2}, format="json").status_code == status
    assert not project.slices.exists()


def test_a_reviewer_reads(caller: Caller, project: Project, reviewer: User) -> None:
    project.slices.create(name="mine", max_words=3)
    browser, client = caller("reviewer")

    page = browser.get(PAGE).content.decode()
    assert "at most 3 words" in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert client.get(API).json()[0]["name"] == "mine"
