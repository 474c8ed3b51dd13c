"""Suggestions that chance hides: how many, and from whom."""

import hashlib
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Annotation, Assignment, Item, Project, Task, TaskReason
from labeling.queue import want_look
from tests.labeling.api.calls import ok, path
from tests.labeling.pages.browse import PART, at, text_of
from tests.labeling.steps import ask, give, take, task_of

MakeItem = Callable[..., Item]
ClientFor = Callable[[User], Client]
ApiFor = Callable[[User], APIClient]


def hide(project: Project, share: float) -> None:
    """Let this share of the suggestions that come be hidden."""
    project.hidden_share = share
    project.save()


def report(item: Item) -> Task:
    """Report the item's tag as wrong; its task may be with annotators already."""
    task, _ = want_look(
        project=item.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=1,
        priority=30,
        suggestion=item.project.labels.get(name="beta"),
        note="beta is wrong",
        review=True,
    )
    return task


def test_the_share_is_drawn_from_the_hash_of_the_text(
    project: Project, make_item: MakeItem
) -> None:
    tasks = [ask(make_item(f"Text {number}", task=False)) for number in range(400)]
    hidden = [task for task in tasks if task.suggestion_hidden]
    assert len(hidden) == 39  # of 400 at 0.1; the standard deviation of 40 is 6
    assert {task.hidden_share for task in tasks} == {0.1}
    assert {task.suggestion for task in tasks} == {project.labels.get(name="beta")}
    digest = hashlib.sha256(f"hidden {tasks[0].item.text_hash}".encode()).hexdigest()
    assert tasks[0].suggestion_hidden == (int(digest[:7], 16) < round(0.1 * 2**28))


def test_the_share_at_the_time_is_kept(project: Project, make_item: MakeItem) -> None:
    hide(project, 0.5)
    task = ask(make_item())
    hide(project, 0.2)
    task.refresh_from_db()
    assert task.hidden_share == 0.5


def test_a_task_without_suggestion_draws_nothing(make_item: MakeItem) -> None:
    task = task_of(make_item())
    assert (task.suggestion_hidden, task.hidden_share) == (False, None)


def test_what_was_reported_is_never_hidden(project: Project, make_item: MakeItem) -> None:
    hide(project, 1)
    task = report(make_item(task=False))
    assert (task.suggestion_hidden, task.hidden_share) == (False, None)


@pytest.mark.parametrize("share", [0, 1])
def test_annotators_get_it_nowhere(
    share: float,
    project: Project,
    annotator: User,
    make_item: MakeItem,
    client_for: ClientFor,
    api_for: ApiFor,
) -> None:
    hide(project, share)
    ask(make_item())
    client = client_for(annotator)
    page = client.post(at("label-next"), {"tab": "a"}, headers=PART).content.decode()
    assert ("suggested" in page) == (not share)
    assert ("model 1" in page) == (not share)
    assert ("0.40" in page) == (not share)
    assert client.get(at("label")).content.decode().count("model 1") == 0
    look = ok(api_for(annotator).post(path("tasks/next/"), {"tab": "a"}))
    expected = {"label": "beta", "confidence": 0.4, "source": "model 1"}
    assert look["suggestion"] == (None if share else expected)
    assert "suggestion_hidden" not in look
    assert "hidden" not in page.replace("visually-hidden", "").replace("aria-hidden", "")


def test_the_plain_page_without_scripts_has_it_not_either(
    project: Project, annotator: User, make_item: MakeItem, client_for: ClientFor
) -> None:
    hide(project, 1)
    ask(make_item())
    client = client_for(annotator)
    client.post(at("label-next"))
    assert "model 1" not in text_of(client.get(at("label")))


def test_a_reviewer_sees_it_once_the_case_is_decided(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
    client_for: ClientFor,
    api_for: ApiFor,
) -> None:
    hide(project, 1)
    item = make_item(task=False)
    task, _ = want_look(
        project=project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=2,
        priority=5,
        suggestion=project.labels.get(name="beta"),
        confidence=0.42,
        source="model 1",
    )
    for user, name in ((annotator, "alpha"), (second_annotator, "beta")):
        give(take(project, user), user, name)
    client, api = client_for(reviewer), api_for(reviewer)
    page = text_of(client.get(at("review-case", task.pk)))
    assert "Model 1" not in page
    assert "leading" not in page
    [case] = ok(api.get(path("review/")))["results"]
    assert case["suggestion"] is None
    assert "model 1 says" not in text_of(client.get(at("item", item.pk)))
    decide(project=project, user=reviewer, task_id=task.pk, label_name="beta")
    assert "model 1 says" in text_of(client.get(at("item", item.pk)))


def test_a_look_keeps_whether_it_was_shown(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    for share in (0, 1):
        hide(project, share)
        ask(make_item())
        look = take(project, annotator)
        assert look.suggestion_shown == (not share)
        give(look, annotator, "alpha")
    make_item()
    assert take(project, annotator).suggestion_shown is None


def test_turned_off_suggestions_are_shown_to_nobody_and_not_measured(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    hide(project, 0)
    ask(make_item())
    Project.objects.update(suggestions_on=False)
    look = ok(api_for(annotator).post(path("tasks/next/")))
    assert look["suggestion"] is None
    assert Assignment.objects.get(state="leased").suggestion_shown is None


def test_a_report_ends_the_hiding_for_looks_not_yet_answered(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    hide(project, 1)
    item = make_item(task=False)
    task, _ = want_look(
        project=project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=2,
        priority=5,
        suggestion=project.labels.get(name="beta"),
    )
    give(take(project, annotator), annotator, "alpha")
    take(project, second_annotator)
    report(item)
    shown = task.assignments.order_by("slot").values_list("suggestion_shown", flat=True)
    assert list(shown) == [False, None]
    assert Annotation.objects.count() == 1
