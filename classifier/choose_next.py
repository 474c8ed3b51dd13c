"""What a worker does with a choice: score what waits, pick, and write the picks into the queue.

Scoring can be done again without harm. All that is written is one transaction: a choice is in the
queue with every pick, or not at all.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from classifier import artifacts
from classifier.failures import reason_of
from classifier.metrics.acquisition import (
    SHORTLIST,
    Floats,
    Strategy,
    diverse,
    draw,
    most_uncertain,
    random_places,
    uncertainty,
)
from classifier.models import Pick, PickKind, Prediction, PriorityJob, Source
from classifier.recipes.artifact import LoadedModel
from classifier.recipes.directions import encode_ahead, points
from classifier.recipes.text import join_text
from labeling import jobs
from labeling.bulk.selection import chunks
from labeling.looks import HELD
from labeling.models import (
    Assignment,
    Item,
    JobState,
    LookState,
    Project,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.ordering import rank_anew

# Above what a model was unsure of when it tagged, below what users report.
PRIORITY = 19
USUAL = 0
CHUNK = 500


@dataclass(frozen=True)
class Candidates:
    """The tasks that can be picked, in the order of their ids, and how uncertain the model is."""

    tasks: Sequence[int]
    uncertainty: Floats
    model: LoadedModel


@dataclass(frozen=True)
class Choice:
    """A task that was picked, and why."""

    task_id: int
    kind: PickKind
    uncertainty: float
    inclusion_probability: float | None


def run_choice(job_id: int) -> None:
    """Do the work of a choice if it waits for a worker; its row tells how that went."""
    job = PriorityJob.objects.filter(pk=job_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.working(job, job.project, reason_of):
        write(job, choose(job))


def waiting(project: Project) -> QuerySet[Task]:
    """Return the tasks that a choice may move: nobody has begun them or said when they come.

    Left alone are holdout items, checks, audits and reports, and every priority that neither the
    import, nor a model's doubt, nor an earlier choice has set.
    """
    picked = Q(pick__isnull=False, priority=PRIORITY)
    usual = Q(reason=TaskReason.NEW, priority=USUAL)
    doubted = Q(reason=TaskReason.LOW_CONFIDENCE, priority__range=(USUAL, PRIORITY))
    begun = Assignment.objects.filter(task=OuterRef("pk"), state__in=HELD)
    return Task.objects.filter(
        picked | usual | doubted,
        ~Exists(begun),
        project=project,
        state=TaskState.OPEN,
        item__split=Split.POOL,
    )


def choose(job: PriorityJob) -> list[Choice]:
    """Return what a choice picks, in the order in which people should see it.

    The random ones are drawn from all candidates, whatever a model says of them, by a seed
    that is the job's own: done again over the same candidates, the draw is the same.
    """
    found = _scored(job)
    count = min(job.size, len(found.tasks))
    places = random_places(count, job.random_share)
    chance = random.Random(f"{job.project.slug} {job.pk}")  # noqa: S311 (drawn for statistics, not for a secret)
    drawn = draw(len(found.tasks), len(places), chance.randrange)
    unsure = _unsure(job, found, set(drawn), count - len(drawn))
    share = len(drawn) / len(found.tasks) if found.tasks else None
    at_random, by_doubt, random_at = iter(drawn), iter(unsure), set(places)
    return [
        _choice(found, next(at_random), share)
        if at in random_at
        else _choice(found, next(by_doubt))
        for at in range(count)
    ]


def write(job: PriorityJob, choices: Sequence[Choice]) -> None:
    """Put the picks into the queue and end the job; earlier picks that nobody has begun go back.

    Raises:
        JobLost: the job was cancelled or taken over; nothing is written.
    """
    jobs.report(job, stage="writing", done=job.total, total=job.total)
    with transaction.atomic():
        jobs.check(job)
        wanted = {choice.task_id for choice in choices}
        locked = _lock(job.project, wanted)
        _give_up(job.project)
        kept = [choice for choice in choices if choice.task_id in locked]
        # The first place last, so that the newest pick is the one that comes first.
        picks = [_pick(job, place, each, locked) for place, each in enumerate(kept)]
        Pick.objects.bulk_create(reversed(picks), batch_size=CHUNK)
        for part in chunks([choice.task_id for choice in kept]):
            _raise(part)
        job.picked = len(kept)
        job.drawn = sum(choice.kind == PickKind.RANDOM for choice in kept)
        job.save(update_fields=["picked", "drawn"])
        rank_anew(job.project)
        jobs.end(job, job.project, state=JobState.SUCCEEDED)


def picked_among(tasks: Iterable[int]) -> set[int]:
    """Return which of some tasks have their rank from a choice."""
    picks = Pick.objects.filter(task__in=list(tasks), task__priority=PRIORITY)
    return set(picks.values_list("task_id", flat=True))


def _scored(job: PriorityJob) -> Candidates:
    total = waiting(job.project).count()
    jobs.report(job, stage="loading the model", done=0, total=total)
    model = artifacts.load(job.model_version)
    tasks: list[int] = []
    scores: list[Floats] = []
    while part := list(_behind(job, tasks[-1] if tasks else 0)):
        scores.append(uncertainty(Strategy(job.strategy), _probabilities(job, model, part)))
        tasks += [task.pk for task in part]
        jobs.report(job, stage="scoring", done=len(tasks), total=max(total, len(tasks)))
    PriorityJob.objects.filter(pk=job.pk).update(candidates=len(tasks))
    job.total = len(tasks)
    return Candidates(tasks, np.concatenate(scores) if scores else np.zeros(0), model)


def _behind(job: PriorityJob, task_id: int) -> QuerySet[Task]:
    rows = waiting(job.project).filter(pk__gt=task_id).select_related("item")
    return rows.only("item__title", "item__body").order_by("pk")[:CHUNK]


def _probabilities(job: PriorityJob, model: LoadedModel, part: Sequence[Task]) -> Floats:
    """Return a row per task: what the model said of its item in a batch, or says of it now."""
    stored = Prediction.objects.filter(
        item__in=[task.item_id for task in part],
        model_version=job.model_version,
        source=Source.BATCH,
    )
    known: dict[int | None, dict[str, float]] = dict(stored.values_list("item_id", "probabilities"))
    new = [task for task in part if task.item_id not in known]
    texts = [join_text(task.item.title, task.item.body) for task in new]
    encode_ahead(model.recipe, texts)
    said = model.predict_proba(texts)
    now = {task.item_id: row for task, row in zip(new, said.tolist(), strict=True)}
    return np.array(
        [
            now[task.item_id]
            if task.item_id in now
            else [known[task.item_id][label] for label in model.labels]
            for task in part
        ]
    )


def _unsure(job: PriorityJob, found: Candidates, drawn: set[int], wanted: int) -> list[int]:
    """Return the positions of the candidates that the strategy picks beside those drawn."""
    scores = found.uncertainty.copy()
    scores[list(drawn)] = -1.0
    left = len(found.tasks) - len(drawn)
    if Strategy(job.strategy) is not Strategy.DIVERSE:
        return list(map(int, most_uncertain(scores, min(wanted, left))))
    short = most_uncertain(scores, min(SHORTLIST * wanted, left))
    jobs.report(job, stage="grouping", done=job.total, total=job.total)
    features = points(found.model.recipe, _texts([found.tasks[at] for at in short]))
    order = diverse(features, scores[short], wanted)
    return list(map(int, short[order]))


def _texts(tasks: Sequence[int]) -> list[str]:
    items: dict[int, str] = {}
    for part in chunks(tasks):
        rows = Item.with_deleted.filter(tasks__in=part)
        for task_id, title, body in rows.values_list("tasks", "title", "body"):
            items[task_id] = join_text(title, body)
    return [items[task_id] for task_id in tasks]


def _choice(found: Candidates, at: int, share: float | None = None) -> Choice:
    kind = PickKind.UNCERTAIN if share is None else PickKind.RANDOM
    return Choice(found.tasks[at], kind, float(found.uncertainty[at]), share)


def _lock(project: Project, wanted: set[int]) -> dict[int, int]:
    """Lock those tasks that can still be picked; return their priorities without any pick."""
    locked: dict[int, int] = {}
    for part in chunks(sorted(wanted)):
        # A task that is locked is being begun: it is left to whoever does that.
        rows = Task.objects.filter(pk__in=part).select_for_update(of=("self",), skip_locked=True)
        held = list(rows.order_by("pk").values_list("pk", flat=True))
        fresh = waiting(project).filter(pk__in=held).values_list("pk", "priority")
        locked |= dict(fresh)
        before = Pick.objects.filter(task__in=held).values_list("task_id", "was_priority")
        locked |= {pk: priority for pk, priority in before if pk in locked}
    return locked


def _give_up(project: Project) -> None:
    """Put back the picks that nobody has begun."""
    old = list(waiting(project).filter(pick__isnull=False).values_list("pk", flat=True))
    for part in chunks(sorted(old)):
        picks = Pick.objects.filter(task=OuterRef("pk")).values("was_priority")[:1]
        standing = Task.objects.filter(pk__in=part, priority=PRIORITY)
        standing.update(priority=Subquery(picks), rank=0)
        _copy_to_looks(part)
        Pick.objects.filter(task__in=part).delete()


def _raise(part: Sequence[int]) -> None:
    """Let picked tasks come first, in the order of their places; those drawn become blind."""
    place = Pick.objects.filter(task=OuterRef("pk")).values("place")[:1]
    Task.objects.filter(pk__in=part).update(priority=PRIORITY, rank=Subquery(place))
    Task.objects.filter(pk__in=part, pick__kind=PickKind.RANDOM).update(
        blind=True,
        suggestion=None,
        suggestion_confidence=None,
        suggestion_source="",
        suggestion_hidden=False,
        hidden_share=None,
    )
    _copy_to_looks(part)


def _copy_to_looks(part: Sequence[int]) -> None:
    own = Task.objects.filter(pk=OuterRef("task"))
    Assignment.objects.filter(task__in=part, state=LookState.FREE).update(
        priority=Subquery(own.values("priority")[:1]), rank=Subquery(own.values("rank")[:1])
    )


def _pick(job: PriorityJob, place: int, choice: Choice, was: dict[int, int]) -> Pick:
    return Pick(
        job=job,
        task_id=choice.task_id,
        place=place,
        kind=choice.kind,
        uncertainty=choice.uncertainty,
        inclusion_probability=choice.inclusion_probability,
        was_priority=was[choice.task_id],
    )
