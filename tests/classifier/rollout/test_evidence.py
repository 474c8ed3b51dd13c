"""What people's labels say of two models."""

from math import log

import pytest
from django.utils import timezone

from classifier.metrics.sequential import evidence
from classifier.models import Pair, Prediction, Trial
from classifier.rollout.chart import BOTTOM, RIGHT, TOP, draw
from classifier.rollout.evidence import BOUND, standing_of
from labeling.models import Deletion, Item
from tests.classifier.rollout.pairs import judge, lost, make_pair, won


def test_only_what_tells_them_apart_counts(trial: Trial) -> None:
    won(trial, 3)
    lost(trial, 1)
    judge(make_pair(trial, "alpha", "beta"), "gamma")
    make_pair(trial, "alpha", "beta")
    make_pair(trial, "alpha", "alpha")
    make_pair(trial, "alpha", None)
    standing = standing_of(trial)
    assert (standing.now.wins, standing.now.losses, standing.labeled) == (3, 1, 5)
    assert standing.now == evidence(3, 1)
    assert standing.verdict == ""


def test_a_label_that_was_not_asked_for_by_the_trial_does_not_count(trial: Trial) -> None:
    pair = make_pair(trial, "alpha", "beta")
    judge(pair, "beta")
    Pair.objects.update(item=None)
    assert standing_of(trial).labeled == 0


def test_a_deleted_item_does_not_count(trial: Trial) -> None:
    won(trial, 1)
    Item.objects.update(deletion=Deletion.objects.create(project=trial.project))
    assert standing_of(trial).labeled == 0


def test_where_the_challenger_answered_the_champion_is_the_silent_one(trial: Trial) -> None:
    won(trial, 1)
    Pair.objects.update(model_version=trial.champion)
    Prediction.objects.update(model_version=trial.challenger)
    standing = standing_of(trial)
    assert (standing.now.wins, standing.now.losses) == (0, 1)


def test_the_path_follows_the_labels_in_time(trial: Trial) -> None:
    later, first = make_pair(trial, "alpha", "beta"), make_pair(trial, "alpha", "beta")
    judge(later, "beta", minutes=5)
    judge(first, "alpha", minutes=1)
    path = standing_of(trial).path
    assert [(look.wins, look.losses) for look in path] == [(0, 1), (1, 1)]
    assert [look.log_better for look in path] == [
        pytest.approx(evidence(wins, losses).log_better) for wins, losses in ((0, 1), (1, 1))
    ]


def test_verdicts(trial: Trial) -> None:
    won(trial, 12)
    standing = standing_of(trial)
    assert (standing.verdict, standing.share_of_bound) == ("better", 1.0)
    Pair.objects.update(model_version=trial.champion)
    assert standing_of(trial).verdict == "worse"


def test_the_chart_is_logarithmic_between_its_lines(trial: Trial) -> None:
    won(trial, 3)
    chart = draw(standing_of(trial).path)
    middle = (chart.bound_y + BOTTOM) / 2
    assert chart.start_y == pytest.approx(middle, abs=0.1)
    assert TOP < chart.bound_y < chart.start_y < BOTTOM
    assert [point.number for point in chart.points] == [1, 2, 3]
    assert chart.points[-1].x == RIGHT
    assert chart.points[-1].y < chart.points[0].y < chart.start_y
    assert chart.line.split()[0] == f"48,{chart.start_y}"


def test_a_long_path_is_thinned_to_its_end() -> None:
    from classifier.rollout.evidence import Look

    path = [Look(timezone.now(), n, 0, log(BOUND) * n / 1000) for n in range(1, 1002)]
    chart = draw(path)
    assert len(chart.points) <= 201
    assert chart.points[-1].number == 1001
