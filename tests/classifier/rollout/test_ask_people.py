"""Sending disagreements to labeling."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Pair, SnapshotRow, Trial
from classifier.rollout.disagreements import ask_people, to_ask
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.models import Deletion, Event, Item, Resolution, Task
from tests.classifier.rollout.pairs import judge, make_pair


def test_asks_blindly_about_what_the_lot_says(trial: Trial, manager_access: Access) -> None:
    for _ in range(4):
        make_pair(trial, "alpha", "beta")
    make_pair(trial, "alpha", "alpha")
    drawn = sorted(Pair.objects.filter(differs=True).values_list("prediction", flat=True))
    assert ask_people(access=manager_access, trial_id=trial.pk, count=3) == 3
    asked = Pair.objects.exclude(asked_at=None).values_list("prediction", flat=True)
    assert sorted(asked) == drawn[:3]
    tasks = Task.objects.all()
    assert {(task.reason, task.blind, task.suggestion) for task in tasks} == {("audit", True, None)}
    assert tasks[0].assignments.count() == trial.project.overlap
    event = Event.objects.get(verb="sent to labeling")
    assert event.after == "3 of 3 disagreements"
    assert ask_people(access=manager_access, trial_id=trial.pk, count=3) == 1
    assert not to_ask(trial).exists()


def test_what_is_labeled_already_counts_without_being_asked(
    trial: Trial, manager_access: Access
) -> None:
    pair = make_pair(trial, "alpha", "beta")
    judge(pair, "beta")
    Pair.objects.update(item=None, asked_at=None)
    assert ask_people(access=manager_access, trial_id=trial.pk, count=3) == 0
    pair.refresh_from_db()
    assert (pair.asked, pair.item) == ("people had labeled it already", Item.objects.get())
    assert not Task.objects.exists()


def test_what_a_model_learned_from_is_left_out(trial: Trial, manager_access: Access) -> None:
    pair = make_pair(trial, "alpha", "beta")
    judge(pair, "beta")
    Pair.objects.update(item=None, asked_at=None)
    SnapshotRow.objects.create(
        snapshot=trial.champion.snapshot,
        item=Item.objects.get(),
        split="pool",
        external_id="x",
        title="x",
        label="beta",
        method="agreement",
    )
    ask_people(access=manager_access, trial_id=trial.pk, count=3)
    pair.refresh_from_db()
    assert (pair.item, pair.asked.startswith("left out")) == (None, True)


def test_one_item_counts_once(trial: Trial, manager_access: Access) -> None:
    first, second = make_pair(trial, "alpha", "beta"), make_pair(trial, "alpha", "beta")
    type(second.prediction).objects.update(title="the same text")
    assert ask_people(access=manager_access, trial_id=trial.pk, count=5) == 1
    told = set(Pair.objects.values_list("asked", flat=True))
    assert told == {"people are asked", "left out: it was asked about before"}
    assert Pair.objects.exclude(item=None).count() == 1
    assert {first.trial_id, second.trial_id} == {trial.pk}


def test_a_deleted_item_is_left_out(trial: Trial, manager_access: Access) -> None:
    pair = make_pair(trial, "alpha", "beta")
    judge(pair, "beta")
    Pair.objects.update(item=None, asked_at=None)
    Resolution.objects.all().delete()
    Item.objects.update(deletion=Deletion.objects.create(project=trial.project))
    assert ask_people(access=manager_access, trial_id=trial.pk, count=5) == 0
    pair.refresh_from_db()
    assert pair.asked == "left out: a manager had deleted it"


@pytest.mark.parametrize("count", [0, 101])
def test_a_number_out_of_range(trial: Trial, manager_access: Access, count: int) -> None:
    with pytest.raises(Invalid, match="count: it must lie between 1 and 100"):
        ask_people(access=manager_access, trial_id=trial.pk, count=count)


def test_from_the_page_and_over_rest(
    trial: Trial,
    manager: User,
    client_for: Callable[[User], Client],
    api_for: Callable[[User], APIClient],
) -> None:
    for _ in range(2):
        make_pair(trial, "alpha", "beta")
    url = f"rollout/trials/{trial.pk}/ask/"
    page = client_for(manager).post(f"/p/test/{url}", {"count": 1}, follow=True).content.decode()
    assert "People are asked about 1 item." in page
    response = api_for(manager).post(f"/api/projects/test/trials/{trial.pk}/ask/", {"count": 5})
    assert response.json() == {"asked": 1}


def test_not_in_an_ended_trial(trial: Trial, manager_access: Access) -> None:
    Trial.objects.update(ended_at=trial.started_at, outcome="withdrawn")
    with pytest.raises(Conflict):
        ask_people(access=manager_access, trial_id=trial.pk, count=1)
