"""Holding promises against audits: what is refuted is no longer accepted.

Evidence is what people found blind of items that the model had not learned from: by the look that
an audit asked for, or before it, where the item had its label already.
"""

from dataclasses import dataclass
from math import exp

from django.db.models import Count, Exists, F, OuterRef, Q

from classifier.deploy import close_accepting
from classifier.metrics.warranty import Promise
from classifier.models import Deployment, ModelVersion, RowUse, SnapshotRow, Stage
from feedback.models import Destination, Report, Routing, SettledBy
from feedback.online_read import BY_PEOPLE
from feedback.statistics.contradiction import log_evidence, refuted
from labeling.models import (
    Adjudication,
    Annotation,
    ItemStatus,
    Project,
    Task,
    TaskReason,
    TaskState,
)

MOST = 300.0
# Such a task names a label that a model gave or doubts, whether it carries a suggestion or not.
TELLING = (TaskReason.REPORT, TaskReason.SUSPECT_LABEL)
# What became of an audit whose item people had settled; a label by import is none of theirs.
KNOWN = (*BY_PEOPLE, SettledBy.OUT_OF_SCOPE)


@dataclass(frozen=True)
class Audited:
    """What blind audits found of the answers that the live model accepted under its promise.

    Where each label has a promise, these are the audits of one: the label against which there is
    most evidence. `risk` is then its part of the whole, as in `Promise.each`.
    """

    looks: int
    wrong: int
    error: float
    risk: float
    label: str = ""

    @property
    def refuted(self) -> bool:
        """Whether they refute the promise."""
        return refuted(self.wrong, self.looks, error=self.error, risk=self.risk)

    @property
    def evidence(self) -> float:
        """The evidence against the promise; it is refuted from 1 / risk on."""
        return exp(min(log_evidence(self.wrong, self.looks, self.error), MOST))

    @property
    def bound(self) -> float:
        """The evidence that refutes it."""
        return 1 / self.risk


def watch_promises() -> None:
    """Close accepting in every project whose audits refute its promise.

    One label whose promise is refuted closes it for all: they come from the same model.
    """
    promised = Deployment.objects.filter(promise_error__isnull=False, closed_at=None)
    for deployment in promised.select_related("project"):
        audited = audited_of(deployment.project)
        if audited is not None and audited.refuted:
            close_accepting(project=deployment.project, reason=reason_of(audited))


def audited_of(project: Project) -> Audited | None:
    """Return what audits found of the live model under its promise; None where there is none."""
    champion = (
        ModelVersion.objects.filter(
            project=project,
            stage=Stage.CHAMPION,
            project__deployment__promise_error__isnull=False,
            project__deployment__promised_at__isnull=False,
        )
        .select_related("project__deployment")
        .defer("manifest")
        .first()
    )
    if champion is None:
        return None
    deployment = champion.project.deployment
    error, risk = deployment.promise_error or 0.0, deployment.promise_risk or 0.0
    counted = _counted(deployment, champion)
    if not deployment.label_thresholds:
        looks, wrong = (sum(counts) for counts in zip((0, 0), *counted.values(), strict=True))
        return Audited(looks, wrong, error, risk)
    own = Promise(error, risk).each(len(deployment.label_thresholds)).risk
    found = [
        Audited(*counted.get(name, (0, 0)), error, own, name)
        for name, threshold in deployment.label_thresholds.items()
        if threshold is not None
    ]
    return max(found, key=lambda each: each.evidence, default=Audited(0, 0, error, own))


def reason_of(audited: Audited) -> str:
    """Return why accepting is closed, in words."""
    named = f" as '{audited.label}'" if audited.label else ""
    return (
        f"{audited.wrong:,} of {audited.looks:,} audited answers{named} were wrong. That at most "
        f"{audited.error:.1%} of the accepted are is refuted, but for one chance in "
        f"{round(audited.bound):,}."
    )


def _counted(deployment: Deployment, champion: ModelVersion) -> dict[str, tuple[int, int]]:
    """Return by the model's label how many audits were answered blind, and how many it got wrong.

    An item that a reviewer put out of scope has no label, so that the model's is wrong, too. An
    item that the model learned from says nothing, nor does a label that a model had a hand in.
    """
    learned = SnapshotRow.objects.filter(
        snapshot=champion.snapshot_id, item=OuterRef("item"), split=RowUse.POOL
    )
    looked_at = Q(_decided(), task__blind=True, task__state=TaskState.CLOSED)
    audits = Routing.objects.filter(
        looked_at | _known_before(),
        ~Exists(learned),
        project=deployment.project_id,
        destination=Destination.AUDIT,
        created_at__gte=deployment.promised_at,
        prediction__model_version=champion,
    )
    wrong = Q(item__resolution=None) | ~Q(item__resolution__label=F("prediction__label"))
    by_label = audits.order_by().values_list("prediction__label__name")
    counts = by_label.annotate(looks=Count("pk"), wrong=Count("pk", filter=wrong))
    return {label: (looks, wrong) for label, looks, wrong in counts}


def _decided() -> Q:
    out_of_scope = Q(item__resolution=None, item__status=ItemStatus.OUT_OF_SCOPE)
    return Q(item__resolution__isnull=False) | out_of_scope


def _known_before() -> Q:
    """Return the condition that an audit asked nobody, as people had labeled its item blind.

    Until then no task of the item had shown a suggestion or named a model's label, nobody had
    reported it or had asked for a model's opinion before deciding, and no vote had come in by an
    import, of which nobody knows how it was given. What was said later takes nothing away: else a
    wrong answer that users report would leave the count.
    """
    then = {"created_at__lte": OuterRef("asked_at")}
    shown = Q(suggestion__isnull=False, suggestion_hidden=False) | Q(reason__in=TELLING)
    led = Task.objects.filter(shown, item=OuterRef("item"), **then)
    reported = Report.objects.filter(task__item=OuterRef("item"), **then)
    asked = Adjudication.objects.filter(item=OuterRef("item"), saw_opinion=True, **then)
    elsewhere = Annotation.objects.filter(item=OuterRef("item"), imported=True)
    blind = Q(*(~Exists(rows) for rows in (led, reported, asked, elsewhere)))
    return Q(_decided(), blind, task=None, settled_by__in=KNOWN)
