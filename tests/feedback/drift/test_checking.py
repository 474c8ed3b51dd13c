"""Asking for a look at drift, what it finds, and whom it tells."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from classifier.models import ModelVersion
from feedback.drift import checking
from feedback.drift.checking import ask_check, run_check, tend
from feedback.models import DriftCheck
from feedback.webhooks.news import ALARM
from labeling.access import Access
from labeling.errors import Conflict
from labeling.jobs import BROKEN
from labeling.models import Event, JobState, Project
from tests.feedback.drift.conftest import Look, Say


def states(check: DriftCheck) -> dict[str, str]:
    """Return the state of each figure."""
    return dict(check.figures.values_list("name", "state"))


def test_without_a_champion_there_is_nothing_to_compare_with(project: Project) -> None:
    with pytest.raises(Conflict, match="There is no champion"):
        ask_check(project=project, user=None)


def test_one_at_a_time(project: Project, champion: ModelVersion) -> None:
    ask_check(project=project, user=None)
    with pytest.raises(Conflict, match="at this moment"):
        ask_check(project=project, user=None)


def test_quiet_with_too_little_data(say: Say, look: Look) -> None:
    say(99)
    check = look()
    assert (check.state, check.outcome, check.raised) == ("succeeded", "too_little_data", False)
    figure = check.figures.get(name="words")
    assert (figure.reference, figure.window, figure.needed) == (120, 99, 100)
    assert not Event.objects.filter(verb=ALARM).exists()


def test_the_same_kind_of_texts_is_no_drift(say: Say, look: Look) -> None:
    say(120)
    check = look()
    assert check.outcome == "ok"
    found = states(check)
    assert found["words"] == found["classifier"] == found["length"] == "ok"
    assert found["class_mix"] == found["disagreement"] == "too_little_data"
    assert (check.window_from, check.window_to) != (None, None)


def test_texts_that_were_learned_or_come_twice_count_once(
    say: Say, look: Look, champion: ModelVersion
) -> None:
    made = say(120)
    made += say(30)
    learned = champion.snapshot.rows.first()
    assert learned is not None
    type(made[0]).objects.filter(pk=made[-1].pk).update(title=learned.title)
    assert look().figures.get(name="words").window == 120


def test_a_new_topic_is_told_once_while_it_lasts(
    say: Say,
    look: Look,
    manager_access: Access,
    django_capture_on_commit_callbacks: Any,
) -> None:
    manager_access.user.email = "manager@example.org"
    manager_access.user.save()
    say(120, new=25)
    with django_capture_on_commit_callbacks(execute=True):
        check = look()
    assert (check.outcome, check.raised) == ("alarm", True)
    assert states(check)["unlike"] == "alarm"
    event = Event.objects.get(verb=ALARM)
    assert (event.after, event.subject_id) == ("drift", str(check.pk))
    assert "Unlike anything learned: 0." in event.reason
    [told] = mail.outbox
    assert told.subject == "[Tagloop] Test project: what comes in has changed"
    again = look()
    assert again.outcome == "alarm"
    assert Event.objects.filter(verb=ALARM).count() == 1 + again.raised
    group = check.groups.get(number=1)
    assert group.size >= 20
    assert "bread" in group.words or "oven" in group.words or "flour" in group.words


def test_the_champions_first_answers_are_what_later_ones_are_compared_with(
    say: Say, look: Look, champion: ModelVersion
) -> None:
    first = say(110)
    champion.approved_at = timezone.now() - timedelta(days=40)
    champion.save()
    type(first[0]).objects.update(created_at=timezone.now() - timedelta(days=30))
    beta = champion.project.labels.get(name="beta")
    later = say(110, seed=9)
    type(first[0]).objects.filter(pk__in=[one.pk for one in later[:60]]).update(label=beta)
    check = look()
    assert states(check)["class_mix"] == "alarm"
    assert states(check)["confidence"] == "ok"
    assert check.figures.get(name="class_mix").reference == 110


def test_running_it_twice_makes_one_look(say: Say, champion: ModelVersion) -> None:
    check = ask_check(project=champion.project, user=None)
    run_check(check.pk)
    run_check(check.pk)
    assert check.figures.count() == len(checking.TITLES)


def test_a_failure_is_told(say: Say, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(checking, "material_of", broken)
    check = look()
    assert (check.state, check.failure) == (JobState.FAILED, BROKEN)
    assert not check.figures.exists()


def test_once_a_day_for_projects_with_a_champion(
    champion: ModelVersion, other_project: Project
) -> None:
    tend()
    tend()
    [check] = DriftCheck.objects.all()
    assert check.project == champion.project
    run_check(check.pk)
    tend()
    assert DriftCheck.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        tend()
    assert DriftCheck.objects.count() == 2


def test_a_look_whose_worker_died_is_taken_up_again(champion: ModelVersion) -> None:
    check = ask_check(project=champion.project, user=None)
    long_ago = timezone.now() - timedelta(minutes=5)
    DriftCheck.objects.update(state=JobState.RUNNING, heartbeat_at=long_ago, attempt=1)
    tend()
    check.refresh_from_db()
    assert check.state == JobState.QUEUED
