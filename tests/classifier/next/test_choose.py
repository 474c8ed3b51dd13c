"""A choice of what to label next: what it picks, what it leaves alone, and what it writes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from classifier import choose_next
from classifier.choose_next import run_choice, waiting
from classifier.labeled import labeled_items
from classifier.models import ModelVersion, Pick, Prediction, PriorityJob, Stage
from classifier.priorities import prioritise
from classifier.tasks import choose_next as choose_task
from labeling import jobs
from labeling.access import Access
from labeling.bulk.prioritise import prioritise as set_priority
from labeling.models import (
    Assignment,
    Event,
    Item,
    JobState,
    Order,
    Project,
    Resolution,
    Split,
    Task,
    TaskReason,
)
from labeling.ordering import rank_open_tasks, set_order
from labeling.queue import claim, want_look
from tests.classifier.champions import SURE, UNSURE, make_model, promote
from tests.classifier.next.conftest import Chosen, Make, kinds, task_of

Items = list[Item]


def test_what_the_model_is_unsure_of_comes_first(
    sure_and_unsure: Items, chosen: Chosen, project: Project, annotator: User
) -> None:
    job = chosen(size=2, random_share=0.0)
    assert (job.state, job.candidates, job.picked, job.drawn) == ("succeeded", 10, 2, 0)
    picks = Pick.objects.order_by("place")
    assert {pick.task.item for pick in picks} == set(sure_and_unsure[8:])
    assert [(pick.place, pick.inclusion_probability) for pick in picks] == [(0, None), (1, None)]
    look = claim(project=project, user=annotator)
    assert look is not None
    assert look.task == picks[0].task


def test_every_strategy_picks_the_unsure(sure_and_unsure: Items, chosen: Chosen) -> None:
    for strategy in ("margin", "entropy", "diverse"):
        chosen(size=2, random_share=0.0, strategy=strategy)
        assert set(Pick.objects.values_list("task__item", flat=True)) == {
            item.pk for item in sure_and_unsure[8:]
        }


def test_a_fifth_is_drawn_and_carries_its_probability(
    sure_and_unsure: Items, chosen: Chosen
) -> None:
    job = chosen(size=5, random_share=0.2)
    assert (job.picked, job.drawn) == (5, 1)
    assert kinds() == ["uncertain"] * 4 + ["random"]
    drawn = Pick.objects.get(kind="random")
    assert drawn.inclusion_probability == pytest.approx(1 / 10)


def test_the_queue_comes_in_the_order_of_the_places(sure_and_unsure: Items, chosen: Chosen) -> None:
    chosen(size=6)
    looks = Assignment.objects.filter(priority=choose_next.PRIORITY, slot=1)
    assert [look.task.pick.place for look in looks.order_by("rank")] == [0, 1, 2, 3, 4, 5]
    assert Task.objects.filter(priority=choose_next.PRIORITY).count() == 6


def test_what_is_drawn_is_shown_without_suggestion(
    champion: ModelVersion, make_item: Make, chosen: Chosen, project: Project
) -> None:
    item, label = make_item(UNSURE), project.labels.get(name="beta")
    want_look(
        project=project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=1,
        priority=15,
        suggestion=label,
        confidence=0.4,
        source="model 1",
    )
    chosen(size=1, random_share=1.0)
    task = task_of(item)
    assert (task.blind, task.suggestion, task.suggestion_confidence) == (True, None, None)
    assert (task.pick.was_priority, task.priority) == (15, choose_next.PRIORITY)


def test_what_people_decided_or_began_is_left_alone(
    champion: ModelVersion,
    make_item: Make,
    chosen: Chosen,
    project: Project,
    manager: User,
    annotator: User,
) -> None:
    begun, usual, raised, lowered, reported, held = (make_item(f"{UNSURE} {n}") for n in range(6))
    assert claim(project=project, user=annotator).task.item == begun  # type: ignore[union-attr]
    set_priority(project=project, actor=manager, items=[raised.pk], priority=5)
    set_priority(project=project, actor=manager, items=[lowered.pk], priority=-5)
    want_look(project=project, item=reported, reason=TaskReason.REPORT, looks=1, priority=20)
    Item.objects.filter(pk=held.pk).update(split=Split.HOLDOUT)
    job = chosen(size=10)
    assert (job.candidates, job.picked) == (1, 1)
    assert Pick.objects.get().task.item == usual
    priorities = [task_of(item).priority for item in (begun, raised, lowered, reported, held)]
    assert priorities == [0, 5, -5, 20, 0]


def test_a_new_choice_puts_back_what_nobody_has_begun(
    sure_and_unsure: Items, chosen: Chosen, project: Project, annotator: User
) -> None:
    first = chosen(size=3, random_share=0.0)
    look = claim(project=project, user=annotator)
    assert look is not None
    sure = sure_and_unsure[0]
    second = chosen(size=1, random_share=0.0)
    assert list(Pick.objects.order_by("job").values_list("job", flat=True)) == [
        first.pk,
        second.pk,
    ]
    assert look.task.pick.job == first
    picked = Pick.objects.get(job=second).task
    waiting_tasks = Task.objects.exclude(pk__in=[look.task_id, picked.pk])
    assert set(waiting_tasks.values_list("priority", "rank")) == {(0, 0)}
    assert task_of(sure).assignments.filter(priority=0, rank=0).count() == 2


def test_doing_it_again_draws_the_same(
    sure_and_unsure: Items, champion: ModelVersion, project: Project, manager: User
) -> None:
    job = prioritise(project=project, user=manager)
    assert jobs.claim(job)
    assert choose_next.choose(job) == choose_next.choose(job)


def test_two_workers_write_once(
    sure_and_unsure: Items, champion: ModelVersion, project: Project, manager: User
) -> None:
    job = prioritise(project=project, user=manager)
    for _ in range(2):
        choose_task(job.pk)
    assert Pick.objects.count() == 10
    finished = Event.objects.filter(subject_type="priorityjob", verb="finished")
    assert finished.count() == 1


def test_a_worker_that_lost_its_claim_writes_nothing(
    sure_and_unsure: Items, champion: ModelVersion, project: Project, manager: User
) -> None:
    job = prioritise(project=project, user=manager)
    assert jobs.claim(job)
    choices = choose_next.choose(job)
    PriorityJob.objects.filter(pk=job.pk).update(attempt=2)
    with pytest.raises(jobs.JobLost):
        choose_next.write(job, choices)
    assert not Pick.objects.exists()
    assert set(Task.objects.values_list("priority", flat=True)) == {0}


def test_a_choice_whose_worker_died_is_made_by_another(
    sure_and_unsure: Items, champion: ModelVersion, project: Project, manager: User
) -> None:
    job = prioritise(project=project, user=manager)
    assert jobs.claim(job)
    PriorityJob.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert jobs.recover(PriorityJob) == [job]
    run_choice(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.picked) == (JobState.SUCCEEDED, 2, 10)


def test_what_was_begun_while_it_was_scored_is_not_moved(
    sure_and_unsure: Items,
    champion: ModelVersion,
    project: Project,
    manager: User,
    annotator: User,
) -> None:
    job = prioritise(project=project, user=manager)
    assert jobs.claim(job)
    choices = choose_next.choose(job)
    look = claim(project=project, user=annotator)
    assert look is not None
    choose_next.write(job, choices)
    assert job.picked == 9
    assert not Pick.objects.filter(task=look.task).exists()


def test_the_places_stand_when_the_order_of_the_project_changes(
    sure_and_unsure: Items, chosen: Chosen, project: Project, manager_access: Access
) -> None:
    chosen(size=3)
    before = dict(Task.objects.filter(pick__isnull=False).values_list("pk", "rank"))
    set_order(access=manager_access, order=Order.RANDOM)
    rank_open_tasks(project)
    assert dict(Task.objects.filter(pick__isnull=False).values_list("pk", "rank")) == before
    left = Task.objects.filter(pick=None).select_related("item")
    assert all(task.rank == task.item.draw for task in left)


def test_what_the_champion_has_tagged_is_not_asked_again(
    champion: ModelVersion, make_item: Make, chosen: Chosen, project: Project
) -> None:
    sure, other = make_item(SURE["alpha"]), make_item(f"{SURE['alpha']} too")
    Prediction.objects.create(
        project=project,
        model_version=champion,
        item=sure,
        title=sure.title,
        label=project.labels.get(name="alpha"),
        confidence=0.4,
        probabilities={"alpha": 0.4, "beta": 0.4, "gamma": 0.2},
        route="review",
        threshold=0.8,
        source="batch",
    )
    chosen(size=1, random_share=0.0)
    pick = Pick.objects.get()
    assert (pick.task.item, pick.uncertainty) == (sure, 1.0)
    assert waiting(project).filter(item=other).exists()


def test_nothing_to_label_is_a_choice_of_nothing(champion: ModelVersion, chosen: Chosen) -> None:
    job = chosen()
    assert (job.state, job.candidates, job.picked) == ("succeeded", 0, 0)


def test_a_model_that_cannot_be_loaded_says_why(
    sure_and_unsure: Items, champion: ModelVersion, chosen: Chosen
) -> None:
    ModelVersion.objects.update(artifact_hash="other")
    job = chosen()
    assert job.state == JobState.FAILED
    assert job.failure
    assert not Pick.objects.exists()


def test_the_statements_do_not_grow_with_the_picks(
    sure_and_unsure: Items,
    chosen: Chosen,
    make_item: Make,
    project: Project,
) -> None:
    with CaptureQueriesContext(connection) as few:
        chosen(size=2)
    for number in range(30):
        make_item(f"{UNSURE} more {number}")
    promote(make_model(project, stage=Stage.CANDIDATE))
    with CaptureQueriesContext(connection) as many:
        chosen(size=40)
    assert len(many) <= len(few) + 6


def resolve(item: Item) -> None:
    Task.objects.filter(item=item).update(state="closed")
    label = item.project.labels.get(name="alpha")
    Resolution.objects.create(
        project=item.project, item=item, label=label, method="agreement", resolved_at=timezone.now()
    )


def test_only_what_was_drawn_may_join_the_holdout_afterwards(
    sure_and_unsure: Items, chosen: Chosen, project: Project
) -> None:
    before = sure_and_unsure[0]
    resolve(before)
    chosen(size=5, random_share=0.2)
    drawn = Pick.objects.get(kind="random").task.item
    unsure = Pick.objects.filter(kind="uncertain")[0].task.item
    passed_over = Task.objects.filter(pick=None).exclude(item=before)[0].item
    for item in (drawn, unsure, passed_over):
        resolve(item)
    found = {item.item_id: item.drawn for item in labeled_items(project)}
    assert found == {before.pk: True, drawn.pk: True, unsure.pk: False, passed_over.pk: False}
