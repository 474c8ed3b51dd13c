"""A promise outlives its thresholds: they follow the model in service and the labels."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from classifier import promise_renewal
from classifier.approve import approve, rollback
from classifier.batch import start_batch
from classifier.batch_work import run_batch
from classifier.deploy import set_label_thresholds, set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import Deployment, Evaluation, LaterAnswer, ModelVersion, Prediction, Stage
from classifier.promise import answers_of, thresholds_for
from classifier.scoring import Scorer, open_scorer
from classifier.tasks import renew_promises
from labeling.access import Access
from labeling.gold import mark_gold
from labeling.models import Event, Item, Project, Resolution, Split
from tests.classifier.champions import SURE, make_model, promote
from tests.classifier.holdouts import answer_holdout

PROMISE = Promise(0.05, 0.05)
MakeItem = Callable[..., Item]


@pytest.fixture
def promised(project: Project, manager_access: Access) -> Project:
    """A champion, and a threshold under a promise."""
    answer_holdout(make_model(project), right=120)
    set_threshold(access=manager_access, threshold=0.88, promise=PROMISE)
    return project


def candidate(project: Project, **answers: int) -> ModelVersion:
    """Return another model, with so many answers to its holdout."""
    model = make_model(project, stage=Stage.CANDIDATE)
    answer_holdout(model, **answers)
    Evaluation.objects.filter(model_version=model).update(champion=project.model_versions.first())
    return model


def threshold_now() -> float:
    """Return the threshold that is in force."""
    return Deployment.objects.get().accept_threshold


def label_holdout(make_item: MakeItem, project: Project, numbers: range) -> None:
    """Let people have labeled these new holdout items, as the champion would."""
    alpha = project.labels.get(name="alpha")
    for number in numbers:
        item = make_item(f"{SURE['alpha']} {number}", task=False, split=Split.HOLDOUT)
        Resolution.objects.create(
            project=project,
            item=item,
            label=alpha,
            method="agreement",
            votes=2,
            resolved_at=timezone.now(),
        )


def test_an_approved_model_is_accepted_as_far_as_its_own_answers_prove(
    promised: Project, manager_access: Access
) -> None:
    candidate(promised, right=100, wrong=20)
    approve(access=manager_access, number=2, comment="Better.")
    # 100 right answers are proven; the next five would be wrong.
    assert threshold_now() == 0.9
    event = Event.objects.filter(verb="set threshold").latest("pk")
    assert (event.before, event.after) == ("0.88", "0.9")
    assert event.reason == (
        "Model 2: At most 5.0% of the accepted is wrong, 95% sure, by 120 holdout labels."
    )


def test_what_is_not_proven_is_not_accepted(
    promised: Project, manager_access: Access, manager: User, client_for: Callable[[User], Client]
) -> None:
    candidate(promised, right=30)
    approve(access=manager_access, number=2, comment="Better.")
    assert threshold_now() > 1
    event = Event.objects.filter(verb="set threshold").latest("pk")
    assert event.after == "nothing"
    assert event.reason.endswith("by 30 holdout labels: 29 labels more are needed at the least.")
    client = client_for(manager)
    assert (
        "Nothing is accepted: the labels" in client.get("/p/test/rollout/promise/").content.decode()
    )
    assert "nothing is accepted" in client.get("/p/test/rollout/").content.decode()
    rollback(access=manager_access, number=1, reason="Back.")
    assert threshold_now() == 0.88


def test_each_label_is_renewed_by_itself(promised: Project, manager_access: Access) -> None:
    own = {"alpha": 0.9, "beta": 0.9, "gamma": None}
    set_label_thresholds(access=manager_access, by_label=own, promise=Promise(0.05, 0.15))
    candidate(promised, right=110)
    approve(access=manager_access, number=2, comment="Better.")
    assert Deployment.objects.get().label_thresholds == {"alpha": 0.89, "beta": None, "gamma": None}


def test_a_threshold_without_a_promise_stays(project: Project, manager_access: Access) -> None:
    make_model(project)
    set_threshold(access=manager_access, threshold=0.7)
    candidate(project, right=120)
    approve(access=manager_access, number=2, comment="Better.")
    assert threshold_now() == 0.7


def test_labels_that_arrive_are_asked_about(promised: Project, make_item: MakeItem) -> None:
    promised.model_versions.get().evaluation.predictions.filter(confidence__lt=0.95).delete()
    label_holdout(make_item, promised, range(4))
    renew_promises()
    # A tenth of the 50 that are known is 5.
    assert (LaterAnswer.objects.count(), threshold_now()) == (0, 0.88)
    label_holdout(make_item, promised, range(4, 12))
    renew_promises()
    renew_promises()
    assert (LaterAnswer.objects.count(), threshold_now()) == (12, 0.95)
    event = Event.objects.filter(verb="set threshold").latest("pk")
    assert (event.actor, "by 62 holdout labels" in event.reason) == (None, True)


def test_a_champion_that_was_replaced_meanwhile_changes_no_threshold(
    promised: Project, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_holdout(make_item, promised, range(12))
    promised.model_versions.get().evaluation.predictions.filter(confidence__lt=0.95).delete()
    other = candidate(promised, right=120)

    def open_and_lose(model: ModelVersion) -> Scorer:
        promote(other)
        return open_scorer(model)

    monkeypatch.setattr(promise_renewal, "open_scorer", open_and_lose)
    renew_promises()
    assert (LaterAnswer.objects.count(), threshold_now()) == (12, 0.88)


def test_answers_are_stored_with_what_follows_or_not_at_all(
    promised: Project, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise OSError("killed")

    label_holdout(make_item, promised, range(12))
    monkeypatch.setattr(promise_renewal, "renew_promise", broken)
    with pytest.raises(OSError, match="killed"):
        renew_promises()
    assert not LaterAnswer.objects.exists()


def test_what_somebody_picked_as_gold_is_not_asked_about(
    promised: Project, make_item: MakeItem, manager: User
) -> None:
    label_holdout(make_item, promised, range(15))
    picked = [item.pk for item in Item.objects.order_by("pk")[:3]]
    Item.objects.filter(pk__in=picked).update(split=Split.POOL)
    mark_gold(project=promised, actor=manager, items=picked)
    renew_promises()
    assert LaterAnswer.objects.count() == 12
    assert not LaterAnswer.objects.filter(item__in=picked).exists()


def test_a_label_that_is_gone_says_nothing(promised: Project, make_item: MakeItem) -> None:
    label_holdout(make_item, promised, range(12))
    renew_promises()
    first = promised.model_versions.get()
    assert len(answers_of(first)) == 132
    Resolution.objects.all().delete()
    assert len(answers_of(first)) == 120


def test_another_model_never_answers_by_the_champions_threshold(
    promised: Project, manager_access: Access, make_item: MakeItem
) -> None:
    make_item(SURE["alpha"])
    job = start_batch(access=manager_access)
    promote(candidate(promised, right=120))
    first = promised.model_versions.get(number=1)
    assert thresholds_for(first).every == 0.88
    first.evaluation.predictions.filter(confidence__lt=0.95).delete()
    assert thresholds_for(first).every > 1
    run_batch(job.pk)
    made: Any = Prediction.objects.get(model_version=first)
    assert (made.route, made.threshold) == ("review", 1.01)
