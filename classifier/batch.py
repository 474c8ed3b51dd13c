"""Batches: which items a model is to tag, queueing that, and ending it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from celery import signature
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from classifier.deploy import champion_of
from classifier.models import BatchJob, BatchState, ModelVersion, Prediction, Source
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.forms.items import ItemFilter
from labeling.item_list import find_items
from labeling.models import Adjudication, Item, JobState, Project, Split

NO_MODEL = "There is no model in service: approve one on the Models page first."


@dataclass(frozen=True)
class Choice:
    """Which items of a project a batch tags.

    Attributes:
        filters: what the list of items is filtered by.
        labeled: also those that people have decided on.
        only_new: only those that no model has tagged in a batch with their present text.
    """

    filters: Mapping[str, str] = field(default_factory=dict)
    labeled: bool = False
    only_new: bool = False


EVERYTHING = Choice()


def untagged(
    project: Project,
    model: ModelVersion,
    choice: Choice = EVERYTHING,
    within: tuple[int, int] | None = None,
) -> QuerySet[Item]:
    """Return the chosen items that this model has not tagged in a batch, but for the holdout.

    `within` bounds their ids. It bounds what is read of predictions and decisions as well, so that
    the cost of a part does not grow with the whole.
    """
    found = find_items(project, choice.filters) if choice.filters else project.items.all()
    tags = Prediction.objects.filter(item=OuterRef("pk"), source=Source.BATCH)
    decided = Adjudication.objects.standing().filter(item=OuterRef("pk"))
    if within is not None:
        found = found.filter(pk__range=within)
        bounds = {"item__gte": within[0], "item__lte": within[1]}
        tags, decided = tags.filter(**bounds), decided.filter(**bounds)
    items = found.filter(~Exists(tags.filter(model_version=model)), split=Split.POOL)
    if choice.only_new:
        same = tags.filter(title=OuterRef("title"), body=OuterRef("body"))
        items = items.filter(~Exists(same))
    return items if choice.labeled else items.filter(~Exists(decided), resolution=None)


def read_filters(project: Project, given: Mapping[str, str]) -> dict[str, str]:
    """Return filters of the list of items, checked.

    Raises:
        Invalid: one of them does not exist or cannot be read; the message names it.
    """
    form = ItemFilter(given, project)
    for name in given:
        if name not in form.fields:
            raise Invalid(
                f"filters: there is no '{name[:40]}'; known are {', '.join(form.fields)}."
            )
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise Invalid(f"filters: {name}: {errors[0]}")
    return form.chosen


def start_batch(*, access: Access, choice: Choice = EVERYTHING) -> BatchJob:
    """Queue the tagging of items by the project's champion.

    Raises:
        Conflict: there is no champion, nothing to tag, or a batch that has not ended.
        Invalid: a filter cannot be taken.
    """
    project = access.project
    champion = champion_of(project)
    if champion is None:
        raise Conflict(NO_MODEL)
    filters = read_filters(project, choice.filters)
    choice = Choice(filters, choice.labeled, choice.only_new)
    total = untagged(project, champion, choice).order_by().count()
    if not total and choice == EVERYTHING:
        raise Conflict(f"Model {champion.number} has tagged every unlabeled item already.")
    if not total:
        raise Conflict(f"Model {champion.number} has tagged every item that was chosen already.")
    try:
        return _queue(access, champion, choice, total)
    except IntegrityError as error:
        raise Conflict("A batch is queued or running: wait for it, or cancel it first.") from error


@transaction.atomic
def cancel_batch(*, access: Access, batch_id: int) -> BatchJob:
    """End a batch that has not ended; what it tagged so far stays.

    Raises:
        Http404: the project has no such batch.
        Conflict: it has ended already.
    """
    job = access.project.batches.filter(pk=batch_id).first()
    if job is None:
        raise Http404("There is no such batch in this project.")
    waiting = BatchJob.objects.filter(pk=job.pk, state=BatchState.WAITING)
    # The file that it waits for goes on coming in.
    waiting.update(state=BatchState.QUEUED)
    jobs.call_off(job, access.project, access.user, named=f"Batch {job.pk}")
    return job


def nudge_waiting() -> None:
    """Requeue or fail the batches whose workers died, and tell workers of all that wait."""
    for job in jobs.recover(BatchJob):
        nudge(job)


def nudge(job: BatchJob) -> None:
    """Tell a worker that a batch has work to do."""
    signature("classifier.tasks.tag_batch", args=(job.pk,)).apply_async()


@transaction.atomic
def _queue(access: Access, champion: ModelVersion, choice: Choice, total: int) -> BatchJob:
    job = BatchJob.objects.create(
        project=access.project,
        model_version=champion,
        filters=dict(choice.filters),
        labeled=choice.labeled,
        only_new=choice.only_new,
        total=total,
        created_by=access.user,
    )
    record(
        project=access.project,
        actor=access.user,
        verb="started",
        subject=job,
        after=JobState.QUEUED,
        reason=f"{total} items by model {champion.number}",
    )
    # Without a broker the row still waits, and the schedule nudges again.
    transaction.on_commit(lambda: nudge(job), robust=True)
    return job
