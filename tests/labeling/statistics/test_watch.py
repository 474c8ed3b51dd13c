"""The alarm on an annotator whose share right drops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.annotator_drift import measure
from labeling.statistics.skill import Prior
from labeling.statistics.watch import LEARN, watch


def test_someone_who_is_always_right_never_rings() -> None:
    found = watch([True] * 2000)
    assert (found.alarms, found.judged, found.reason) == ((), 1950, "")
    assert found.statistic < found.threshold


def test_nothing_rings_while_the_baseline_is_learned() -> None:
    found = watch([False] * LEARN)
    assert (found.alarms, found.judged) == ((), 0)
    assert found.reason == "Not watched yet: 50 gold results; it takes more than 50."


def test_a_run_of_errors_rings_within_a_few() -> None:
    found = watch([True] * 100 + [False] * 3)
    assert len(found.alarms) == 1
    assert 101 < found.alarms[0] <= 103


def test_it_starts_anew_after_an_alarm() -> None:
    errors = [True] * 100 + [False, False]
    assert watch(errors).alarms == (102,)
    assert watch(errors).statistic == 0.0
    assert 0 < watch([*errors, True]).statistic < 1


def test_the_statistic_follows_its_definition() -> None:
    # The prior is so strong that the baseline stays at .8, and right is (.8 - .15) / .8 as likely.
    found = watch([True] * 52, prior=Prior(8e9, 2e9))
    assert found.baseline == pytest.approx(0.8, abs=1e-5)
    assert found.statistic == pytest.approx((0.8125 + 1) * 0.8125, abs=1e-4)


def test_the_aims_hold_for_annotators_of_mixed_skill() -> None:
    rng = np.random.default_rng(3)
    found = measure(rng.beta(18, 2, 300), rng)
    assert found.median_delay_items <= 30
    assert found.false_alarms_per_1000 <= 1.0
    assert found.seen >= 0.98


@given(st.lists(st.booleans(), max_size=120))
def test_what_comes_later_changes_no_earlier_alarm(results: list[bool]) -> None:
    whole = watch(results).alarms
    part = watch(results[:80]).alarms
    assert part == tuple(alarm for alarm in whole if alarm <= 80)


@pytest.mark.parametrize(("drop", "apart"), [(0.0, 1000), (0.95, 1000), (0.15, 0)])
def test_impossible_settings_are_refused(drop: float, apart: int) -> None:
    with pytest.raises(ValueError, match="0 < drop"):
        watch([], drop=drop, apart=apart)
