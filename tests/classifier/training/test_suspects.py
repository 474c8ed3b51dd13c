"""Labels that a model doubts: kept with the run, and put to reviewers once."""

import re
from io import StringIO
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from classifier.metrics.label_errors import suspects
from classifier.models import ModelVersion, OutOfFoldAnswer
from classifier.suspects import open_suspects, review_suspects
from labeling.models import Event, Item, Project, Split, Task, TaskReason, TaskState
from tests.classifier.training.conftest import Caller, LabelItems, Trained
from tests.labeling.pages.browse import PART, told

PAGE, API = "/p/test/models/1/suspects/", "/api/projects/test/models/1/suspects/"


@pytest.fixture
def model(label_items: LabelItems, trained: Trained, project: Project) -> ModelVersion:
    """A model of 90 items, of which six of alpha and beta were labeled gamma by mistake."""
    label_items(30)
    gamma = project.labels.get(name="gamma")
    for name in ("alpha", "beta"):
        wrong = Item.objects.filter(external_id__in=[f"{name}-0-{n}" for n in range(3)])
        wrong.update(split=Split.POOL)
        project.resolutions.filter(item__in=wrong).update(label=gamma)
    run = trained("linear")
    assert run.state == "succeeded", run.failure
    made: ModelVersion = run.model_versions.get()
    return made


def suspected(model: ModelVersion) -> list[str]:
    return [answer.row.external_id for answer in open_suspects(model)]


def test_the_answers_are_kept_with_the_model(model: ModelVersion) -> None:
    answers = list(OutOfFoldAnswer.objects.filter(model_version=model).select_related("row"))

    assert len(answers) == model.snapshot.training_rows
    labels = model.manifest["labels"]
    for answer in answers:
        assert answer.row.split == Split.POOL
        assert sum(answer.probabilities) == pytest.approx(1, abs=1e-5)
        assert answer.confidence == max(answer.probabilities)
        assert answer.predicted == labels[answer.probabilities.index(answer.confidence)]
        own = answer.probabilities[labels.index(answer.row.label)]
        assert answer.credibility == pytest.approx(own, abs=1e-6)


def test_the_suspects_are_those_of_confident_learning(model: ModelVersion) -> None:
    answers = list(
        OutOfFoldAnswer.objects.filter(model_version=model).select_related("row").order_by("row_id")
    )
    labels = model.manifest["labels"]
    targets = np.array([labels.index(answer.row.label) for answer in answers])
    expected = suspects(np.array([answer.probabilities for answer in answers]), targets)

    assert suspected(model) == [answers[place].row.external_id for place in expected]


def test_wrong_labels_come_first(model: ModelVersion) -> None:
    trained_wrong = set(
        model.snapshot.rows.filter(split=Split.POOL, label="gamma")
        .exclude(external_id__startswith="gamma")
        .values_list("external_id", flat=True)
    )

    assert len(trained_wrong) >= 3
    assert set(suspected(model)[: len(trained_wrong)]) == trained_wrong


def test_reviewers_are_asked_about_the_least_credible(
    as_manager: Client, model: ModelVersion
) -> None:
    first, second = suspected(model)[:2]

    answer = as_manager.post(f"{PAGE}review/", {"limit": 2})

    assert told(answer) == ["2 items wait for review."]
    tasks = Task.objects.filter(reason=TaskReason.SUSPECT_LABEL).order_by("id")
    assert [task.item.external_id for task in tasks] == [first, second]
    for task in tasks:
        kept = OutOfFoldAnswer.objects.get(task=task)
        assert task.state == TaskState.REVIEW
        assert task.suggestion is not None
        assert (task.suggestion.name, task.suggestion_source) == (kept.predicted, "model 1")
        assert task.note.startswith("Is the label gamma right?")
    assert "in review" in as_manager.get(PAGE).content.decode()
    assert Event.objects.filter(verb="sent suspected labels to review", after="2 items").exists()


def test_the_review_page_names_the_reason(as_manager: Client, model: ModelVersion) -> None:
    as_manager.post(f"{PAGE}review/", {"limit": 1})

    page = as_manager.get("/p/test/review/?reason=suspect_label").content.decode()
    assert "suspected label" in page
    assert "Is the label gamma right?" in page


def test_nobody_is_asked_twice(
    project: Project, model: ModelVersion, trained: Trained, as_manager: Client
) -> None:
    asked = suspected(model)[0]
    review_suspects(project=project, user=None, number=1, limit=1)
    Task.objects.filter(reason=TaskReason.SUSPECT_LABEL).update(state=TaskState.CLOSED)

    assert asked not in suspected(model)
    again = trained("linear").model_versions.get()
    assert asked not in suspected(again)
    assert "decided" in as_manager.get(PAGE).content.decode()


def test_what_was_relabeled_or_deleted_is_left_alone(
    project: Project, model: ModelVersion, as_manager: Client
) -> None:
    first, second = suspected(model)[:2]
    alpha = project.labels.get(name="alpha")
    project.resolutions.filter(item__external_id=first).update(label=alpha)
    Item.objects.filter(external_id=second).update(deletion=project.deletions.create())

    assert not {first, second} & set(suspected(model))
    page = as_manager.get(PAGE).content.decode()
    assert "now alpha" in page
    assert "deleted" in page


def test_a_run_has_a_cap(
    as_manager: Client, model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.suspects.RUN_CAP", 2)

    first = as_manager.post(f"{PAGE}review/", {"limit": 90})
    second = as_manager.post(f"{PAGE}review/", {"limit": 1})

    assert told(first) == ["2 items wait for review."]
    assert told(second)[-1].startswith("Reviewers were asked about 2 labels because of run 1")
    assert Task.objects.filter(reason=TaskReason.SUSPECT_LABEL).count() == 2


@pytest.mark.parametrize("limit", ["0", "101", "x", ""])
def test_a_number_out_of_range_is_refused(
    as_manager: Client, weak_candidate: ModelVersion, limit: str
) -> None:
    answer = as_manager.post(f"{PAGE}review/", {"limit": limit})

    assert told(answer) == ["limit: a number from 1 to 100."]
    assert not Task.objects.filter(reason=TaskReason.SUSPECT_LABEL).exists()


def test_one_row_is_sent_by_its_button(as_manager: Client, model: ModelVersion) -> None:
    page = as_manager.get(PAGE).content.decode()
    urls = re.findall(r'action="(/p/test/models/1/rows/\d+/review/)"', page)

    part = as_manager.post(urls[0], headers=PART).content.decode()
    again = as_manager.post(urls[0])

    assert "in review" in part
    assert "<form" not in part
    assert told(again)[-1] == "This item waits for a reviewer already."
    assert Task.objects.filter(reason=TaskReason.SUSPECT_LABEL).count() == 1


def test_a_holdout_item_goes_to_review_blind(as_manager: Client, model: ModelVersion) -> None:
    row = model.snapshot.rows.filter(split=Split.HOLDOUT)[0]

    answer = as_manager.post(f"/p/test/models/1/rows/{row.pk}/review/")

    task = Task.objects.get(item=row.item, reason=TaskReason.SUSPECT_LABEL)
    assert told(answer) == ["The item waits for review."]
    assert (task.blind, task.suggestion, task.suggestion_source) == (True, None, "")


def test_what_a_suspicion_asked_about_never_enters_the_holdout(
    project: Project, model: ModelVersion
) -> None:
    from classifier.labeled import labeled_items

    review_suspects(project=project, user=None, number=1, limit=1)
    asked = Task.objects.get(reason=TaskReason.SUSPECT_LABEL).item_id

    assert [item.drawn for item in labeled_items(project) if item.item_id == asked] == [False]


def test_rest(api: APIClient, model: ModelVersion) -> None:
    listed = api.get(API).json()["results"]
    sent = api.post(f"{API}review/", {"limit": 2}, format="json")
    one = api.post(f"/api/projects/test/models/1/rows/{listed[2]['row']}/review/")
    after = api.get(API).json()["results"]

    assert [each["external_id"] for each in listed][:3] == [each["external_id"] for each in after][
        :3
    ]
    assert (sent.json(), one.status_code) == ({"sent": 2}, 201)
    assert [each["review"] for each in after][:3] == ["review"] * 3
    assert (listed[0]["label"], listed[0]["label_now"]) == ("gamma", "gamma")
    assert api.post(f"{API}review/", {"limit": 0}, format="json").status_code == 400
    assert api.get("/api/projects/test/models/9/suspects/").status_code == 404


def test_the_command(project: Project, model: ModelVersion) -> None:
    out = StringIO()
    call_command("review_suspects", "test", "--limit", "1", stdout=out)

    assert out.getvalue() == "1 labels that model 1 doubts wait for review.\n"
    with pytest.raises(CommandError, match="no model 9"):
        call_command("review_suspects", "test", "--model", "9")
    with pytest.raises(CommandError, match="limit: ask about one item"):
        call_command("review_suspects", "test", "--limit", "0")
    with pytest.raises(CommandError, match="no project 'nope'"):
        call_command("review_suspects", "nope")


def test_the_command_without_suspects(project: Project) -> None:
    with pytest.raises(CommandError, match="No model of test doubts a label"):
        call_command("review_suspects", "test")


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 403), ("annotator", 403), ("outsider", 404)]
)
def test_only_a_manager_sends_many(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int
) -> None:
    browser, client = caller(who)

    assert browser.post(f"{PAGE}review/", {"limit": 1}).status_code == status
    assert client.post(f"{API}review/").status_code == status


def test_the_pages_cost_eight_queries_at_most(
    as_manager: Client, model: ModelVersion, django_assert_max_num_queries: Any
) -> None:
    for url in (PAGE, f"{PAGE}?start=1", "/p/test/models/1/"):
        with django_assert_max_num_queries(8):
            assert as_manager.get(url).status_code == 200
