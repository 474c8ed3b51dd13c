"""Asking for a look at drift, making it, and telling of what it found."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import numpy as np
from celery import signature
from django.db import IntegrityError, transaction
from django.utils import timezone
from threadpoolctl import threadpool_limits

from accounts.models import User
from classifier.models import ModelVersion, Stage
from feedback.drift.material import Material, material_of
from feedback.models import DriftCheck, DriftFigure, DriftGroup, DriftState
from feedback.notices import tell_managers
from feedback.statistics import drift, novelty
from feedback.webhooks.news import ALARM
from labeling import jobs
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import JobState, Project
from labeling.models.job import ACTIVE

EVERY = timedelta(days=1)
GROUP_IDS = 200
TITLES = {
    "length": "Length of texts",
    "known_words": "Known words",
    "words": "Mix of words",
    "classifier": "Told apart by a classifier",
    "unlike": "Unlike anything learned",
    "class_mix": "Mix of labels",
    "confidence": "Confidence",
    "disagreement": "Disagreement of annotators",
}


def ask_check(*, project: Project, user: User | None) -> DriftCheck:
    """Queue a look at drift, and return it.

    Raises:
        Conflict: there is no champion to compare with, or a look is being made.
    """
    champion = champion_of(project)
    if champion is None:
        raise Conflict("There is no champion: drift is measured against what a model learned from.")
    try:
        return _queue(project, champion, user)
    except IntegrityError as error:
        raise Conflict("Drift is being checked at this moment: wait for it.") from error


def champion_of(project: Project) -> ModelVersion | None:
    """Return the model that serves, if one does."""
    models = project.model_versions.filter(stage=Stage.CHAMPION)
    return models.select_related("snapshot").defer("manifest").first()


def run_check(check_id: int) -> None:
    """Make a look if it waits for a worker; its row tells how that went."""
    found = DriftCheck.objects.select_related("project", "model_version__snapshot")
    check = found.filter(pk=check_id).first()
    if check is None or not jobs.claim(check):
        return
    # Small matrices: several threads would only wait for each other.
    with jobs.working(check, check.project), threadpool_limits(limits=1):
        _look(check)


def tend() -> None:
    """Take up looks whose worker died, and ask for those that are due: one a day."""
    for check in jobs.recover(DriftCheck):
        nudge(check)
    recent = DriftCheck.objects.filter(created_at__gt=timezone.now() - EVERY)
    served = ModelVersion.objects.filter(stage=Stage.CHAMPION).values("project")
    due = Project.objects.filter(pk__in=served).exclude(pk__in=recent.values("project"))
    for project in due.exclude(
        pk__in=DriftCheck.objects.filter(state__in=ACTIVE).values("project")
    ):
        with suppress(Conflict):
            ask_check(project=project, user=None)


def nudge(check: DriftCheck) -> None:
    """Tell a worker that a look waits."""
    signature("feedback.tasks.check_drift", args=(check.pk,)).apply_async()


@transaction.atomic
def _queue(project: Project, champion: ModelVersion, user: User | None) -> DriftCheck:
    check = DriftCheck.objects.create(project=project, model_version=champion, created_by=user)
    record(project=project, actor=user, verb="asked for a check of drift", subject=check)
    transaction.on_commit(lambda: nudge(check), robust=True)
    return check


def _look(check: DriftCheck) -> None:
    material = material_of(check.project, check.model_version, seed=check.pk)
    figures = _figures(material, np.random.default_rng(check.pk))
    texts = [text for _, text in material.window]
    groups = []
    if min(len(texts), len(material.reference)) >= drift.NEEDED:
        groups = novelty.novel_groups(material.reference, texts, seed=check.pk % 2**32)
    _keep(check, material, figures, groups)


def _figures(material: Material, rng: np.random.Generator) -> list[drift.Figure]:
    before, now = material.said_before, material.said_now
    return drift.judge(
        [
            *drift.text_checks(material.reference, [text for _, text in material.window], rng=rng),
            drift.class_mix(before.mix, now.mix, rng=rng),
            drift.confidence(before.confidence, now.confidence),
            drift.disagreement(material.disputed_before, material.disputed_now),
        ]
    )


@transaction.atomic
def _keep(
    check: DriftCheck,
    material: Material,
    figures: Sequence[drift.Figure],
    groups: Sequence[novelty.Group],
) -> None:
    jobs.check(check)
    news = _news(check, figures)
    check.outcome, check.raised = drift.overall(figures), bool(news)
    check.window_from, check.window_to = material.since, material.until
    check.save(update_fields=["outcome", "raised", "window_from", "window_to"])
    names = [field.name for field in DriftFigure._meta.fields if field.name not in OWN]
    DriftFigure.objects.bulk_create(
        DriftFigure(check_made=check, **{name: getattr(one, name) for name in names})
        for one in figures
    )
    DriftGroup.objects.bulk_create(
        DriftGroup(
            check_made=check,
            number=number,
            size=len(group.rows),
            words=group.words,
            predictions=[material.window[row][0] for row in group.rows[:GROUP_IDS]],
        )
        for number, group in enumerate(groups, start=1)
    )
    jobs.end(check, check.project, state=JobState.SUCCEEDED)
    if news:
        _raise_alarm(check, news)


OWN = ("id", "check_made")


def _news(check: DriftCheck, figures: Sequence[drift.Figure]) -> list[drift.Figure]:
    """Return the alarms that the look before did not have: each is told once while it lasts."""
    before = DriftCheck.objects.filter(
        project=check.project_id, model_version=check.model_version_id, state=JobState.SUCCEEDED
    ).first()
    told = before.figures.filter(state=DriftState.ALARM) if before else DriftFigure.objects.none()
    known = set(told.values_list("name", flat=True))
    return [one for one in figures if one.state == drift.ALARM and one.name not in known]


def _raise_alarm(check: DriftCheck, news: Sequence[drift.Figure]) -> None:
    said = "; ".join(f"{TITLES[one.name]}: {one.value:.3g}, limit {one.limit:.3g}" for one in news)
    record(project=check.project, actor=None, verb=ALARM, subject=check, after="drift", reason=said)
    tell_managers(
        check.project,
        subject="what comes in has changed",
        text=f"{said}.\n\nSee Monitor, Drift. Nothing was changed: whether to label or to retrain "
        "is for you to say.",
    )
