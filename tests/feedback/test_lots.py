"""A part of a day's looks goes by lot to what waits behind the cap."""

from datetime import timedelta

import pytest
from django.utils import timezone

from classifier.models import ModelVersion
from feedback.asking import Backlog, ask_people, backlog_of
from feedback.models import Routing, RoutingPolicy
from feedback.routing import route_predictions
from labeling.models import Project, Task
from tests.classifier.predictions import make_prediction


def waiting_by_worth(model: ModelVersion, count: int) -> list[Routing]:
    """Route answers of which each next one is surer, none of them drawn by lot."""
    made = [make_prediction(model, "alpha", 0.5 + 0.01 * place) for place in range(count)]
    route_predictions()
    Routing.objects.update(by_lot=False)
    return [Routing.objects.get(prediction=each) for each in made]


def test_part_of_a_cap_is_given_by_lot_to_what_waits(model: ModelVersion, project: Project) -> None:
    RoutingPolicy.objects.create(project=project, review_cap=10)
    *_, first, surest = waiting_by_worth(model, 12)
    Routing.objects.filter(pk=surest.pk).update(by_lot=True)
    assert (ask_people(), ask_people()) == (10, 0)
    assert Routing.objects.exclude(asked_at=None).count() == 9
    surest.refresh_from_db()
    assert surest.lot_at is not None
    assert surest.task is not None
    # Half a token is there, of which half may be spent at once on twelve.
    assert surest.chance == first.chance == pytest.approx(0.25 / 12)
    assert (surest.task.priority, surest.asked_at) == (19, None)
    assert backlog_of(project) == Backlog(
        waiting=2, asked_today=10, reports_waiting=0, looked_twice=0, agreed=0
    )


def test_a_turn_of_what_was_asked_by_lot_takes_up_no_look(
    model: ModelVersion, project: Project
) -> None:
    RoutingPolicy.objects.create(project=project, review_cap=10)
    routings = waiting_by_worth(model, 21)
    drawn = routings[9]
    Routing.objects.filter(pk=drawn.pk).update(by_lot=True)
    ask_people()
    yesterday = timezone.now() - timedelta(days=1)
    Routing.objects.exclude(asked_at=None).update(asked_at=yesterday)
    Routing.objects.exclude(lot_at=None).update(lot_at=yesterday)
    ask_people()
    left = Routing.objects.filter(asked_at=None).order_by("id")
    assert list(left) == routings[19:]
    drawn.refresh_from_db()
    assert (drawn.chance, Task.objects.filter(item=drawn.item_id).count()) == (1.0, 1)


def test_where_the_cap_lets_all_through_nothing_is_asked_by_lot(
    model: ModelVersion, project: Project
) -> None:
    RoutingPolicy.objects.create(project=project, review_cap=30)
    waiting_by_worth(model, 20)
    Routing.objects.update(by_lot=True)
    ask_people()
    assert not Routing.objects.filter(asked_at=None).exists()
    assert not Routing.objects.exclude(lot_at=None).exists()


def test_lots_are_drawn_with_the_share_that_is_stored(
    model: ModelVersion, project: Project
) -> None:
    RoutingPolicy.objects.create(project=project, review_cap=500)
    for _ in range(300):
        make_prediction(model)
    route_predictions()
    routings = list(Routing.objects.all())
    # 25 tokens are there, of which half may be spent at once: a tenth of 300 would be more.
    assert {each.lot_share for each in routings} == {12.5 / 300}
    for each in routings:
        assert each.draw is not None
        assert each.by_lot is (each.draw < each.lot_share)
    assert RoutingPolicy.objects.get().lot_tokens == pytest.approx(12.5)
