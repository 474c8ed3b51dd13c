"""The parts of the data on which every model is measured by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Case, IntegerField, When
from django.http import Http404
from django.utils import timezone

from classifier.metrics.slices import (
    Mask,
    SliceScores,
    has_term,
    long_text,
    score_slices,
    short_text,
)
from classifier.models import HoldoutPrediction, ModelVersion, Slice, SnapshotRow, Stage
from classifier.recipes.text import join_text
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Project, ResolutionMethod

SHORT_WORDS = 20
MODEL_TERMS = ("model", "models")
MOST_SLICES = 50
MOST_WORDS = 32_767
CONDITIONS = ("max_words", "min_words", "terms", "source", "since", "until", "method")


@dataclass(frozen=True)
class Facts:
    """What slices look at of a row; a source and a day are known while its item exists."""

    text: str
    source: str
    day: date | None
    method: str


def facts_of(row: SnapshotRow) -> Facts:
    """Return the facts of a row that was read with its item and import."""
    item = row.item
    job = item.import_job if item else None
    return Facts(
        text=join_text(row.title, row.body),
        source=job.source if job else "",
        day=timezone.localdate(item.created_at) if item else None,
        method=row.method,
    )


def ensure_slices(project: Project) -> list[Slice]:
    """Return a project's slices, making the first two for a project without any."""
    slices = list(project.slices.all())
    if slices:
        return slices
    Slice.objects.bulk_create(_first_slices(project), ignore_conflicts=True)
    return list(project.slices.all())


def masks(slices: Iterable[Slice], facts: Sequence[Facts]) -> dict[str, Mask]:
    """Return, by slice name, which rows belong to it."""
    return {each.name: mask(each, facts) for each in slices}


def mask(each: Slice, facts: Sequence[Facts]) -> Mask:
    """Return which rows meet every condition of a slice."""
    texts = [one.text for one in facts]
    inside: Mask = np.ones(len(facts), dtype=np.bool_)
    if each.max_words is not None:
        inside &= short_text(texts, each.max_words)
    if each.min_words is not None:
        inside &= long_text(texts, each.min_words)
    if each.terms:
        inside &= has_term(texts, each.terms)
    if each.source:
        inside &= np.array([one.source == each.source for one in facts], dtype=np.bool_)
    if each.method:
        inside &= np.array([one.method == each.method for one in facts], dtype=np.bool_)
    if each.since or each.until:
        inside &= np.array([_came_in(each, one.day) for one in facts], dtype=np.bool_)
    return inside


def slice_of(field: str, value: str) -> Slice:
    """Return the unsaved slice of one condition, as a search finds it.

    Raises:
        Http404: there is no such condition.
    """
    if field == "terms":
        return Slice(terms=[value])
    if field in {"source", "method"}:
        return Slice(**{field: value})
    if field in {"max_words", "min_words"} and value.isdecimal() and int(value) <= MOST_WORDS:
        return Slice(**{field: int(value)})
    raise Http404("There is no such condition of a slice.")


def words_of(each: Slice) -> str:
    """Return the conditions of a slice in words."""
    said = [
        f"at most {each.max_words} words" if each.max_words is not None else "",
        f"at least {each.min_words} words" if each.min_words is not None else "",
        f"holds {' or '.join(each.terms)}" if each.terms else "",
        f"from {each.source}" if each.source else "",
        f"came in since {each.since:%Y-%m-%d}" if each.since else "",
        f"came in until {each.until:%Y-%m-%d}" if each.until else "",
        f"labeled by {ResolutionMethod(each.method).label}" if each.method else "",
    ]
    return ", ".join(filter(None, said))


def measured_now(
    project: Project, slices: Sequence[Slice]
) -> tuple[ModelVersion | None, tuple[SliceScores, ...]]:
    """Return the scores of the champion, or else the newest model, on slices as they are now.

    They come from the model's stored answers to the holdout. Without a model there are none.
    """
    models = project.model_versions.select_related("evaluation").defer("manifest")
    champion = Case(When(stage=Stage.CHAMPION, then=1), default=0, output_field=IntegerField())
    model = models.order_by(champion.desc(), "-number").first()
    if model is None:
        return None, ()
    answers = HoldoutPrediction.objects.filter(evaluation=model.evaluation)
    found = list(answers.select_related("row__item__import_job"))
    if not found:
        return model, ()
    truth = [answer.row.label for answer in found]
    said = [answer.predicted for answer in found]
    inside = masks(slices, [facts_of(answer.row) for answer in found])
    return model, score_slices(inside, truth, said, sorted({*truth, *said}))


@transaction.atomic
def define_slice(*, access: Access, name: str, conditions: Mapping[str, Any]) -> tuple[Slice, bool]:
    """Make a slice, or give the one of this name new conditions; the next evaluation measures it.

    Args:
        name: letters, digits, hyphens and underscores.
        conditions: values by the names in CONDITIONS; what is left out or empty is no condition.

    Returns:
        The slice and whether it is new.

    Raises:
        Invalid: no condition, or ones that no row can meet.
        Conflict: the project has as many slices as it may have.
    """
    Project.objects.select_for_update(no_key=True).get(pk=access.project.pk)
    given = {key: conditions[key] for key in CONDITIONS if conditions.get(key)}
    _check(given)
    before = access.project.slices.filter(name=name).first()
    if before is None and access.project.slices.count() >= MOST_SLICES:
        raise Conflict(f"A project has {MOST_SLICES} slices at most: remove one first.")
    made = Slice(project=access.project, name=name, **given)
    made.pk = before.pk if before else None
    made.save()
    record(
        project=access.project,
        actor=access.user,
        verb="defined",
        subject=made,
        before=words_of(before) if before else "",
        after=words_of(made),
    )
    return made, before is None


@transaction.atomic
def remove_slice(*, access: Access, name: str) -> None:
    """Remove a slice; what evaluations have measured of it stays.

    Raises:
        Http404: the project has no such slice.
    """
    found = access.project.slices.select_for_update(no_key=True).filter(name=name).first()
    if found is None:
        raise Http404("There is no such slice in this project.")
    record(
        project=access.project,
        actor=access.user,
        verb="removed",
        subject=found,
        before=f"{found.name}: {words_of(found)}",
    )
    found.delete()


def _check(given: Mapping[str, Any]) -> None:
    if not given:
        raise Invalid("conditions: give one at least.")
    if given.get("min_words", 0) > given.get("max_words", MOST_WORDS):
        raise Invalid("min_words: no text has at least that many words and at most max_words.")
    if "since" in given and "until" in given and given["since"] > given["until"]:
        raise Invalid("since: the first day is after the last.")


def _came_in(each: Slice, day: date | None) -> bool:
    if day is None:
        return False
    return (each.since or day) <= day <= (each.until or day)


def _first_slices(project: Project) -> list[Slice]:
    return [
        Slice(project=project, name="short_text", max_words=SHORT_WORDS),
        Slice(project=project, name="mentions_model", terms=list(MODEL_TERMS)),
    ]
