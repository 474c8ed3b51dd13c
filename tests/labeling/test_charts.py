"""Where the points of a line stand."""

from labeling.charts import trend


def test_one_and_the_floor_are_the_ends_of_the_axis() -> None:
    found = trend([("a", 1.0, 0.5, 1.0), ("b", 0.5, 0.25, 0.75), ("c", 0.0, 0.0, 0.5)])
    assert [(p.x, p.y, p.low, p.high) for p in found.points] == [
        (40.0, 10.0, 70.0, 10.0),
        (320.0, 70.0, 100.0, 40.0),
        (600.0, 130.0, 130.0, 70.0),
    ]
    assert found.lines == ["40.0,10.0 320.0,70.0 600.0,130.0"]
    assert found.bands == ["40.0,10.0 320.0,40.0 600.0,70.0 600.0,130.0 320.0,100.0 40.0,70.0"]
    assert found.marks == [(0.0, 130.0), (1.0, 10.0)]


def test_what_is_undefined_breaks_the_line() -> None:
    values = [("a", 1.0, None, None), ("b", None, None, None), ("c", 0.5, 0.5, 0.5)]
    found = trend(values, marks=(0.5,))
    assert found.lines == ["40.0,10.0", "600.0,70.0"]
    assert found.bands == ["600.0,70.0 600.0,70.0"]
    assert found.points[1].y is None
    assert found.marks == [(0.0, 130.0), (0.5, 70.0), (1.0, 10.0)]


def test_what_lies_below_zero_lowers_the_floor() -> None:
    found = trend([("a", 0.0, -1.0, 1.0)])
    assert [(p.y, p.low, p.high) for p in found.points] == [(70.0, 130.0, 10.0)]
    assert found.marks == [(-1.0, 130.0), (1.0, 10.0)]


def test_twelve_names_at_most_stand_on_the_axis_and_the_newest_always() -> None:
    assert [p.named for p in trend([("", 0.5, 0.5, 0.5)] * 12).points] == [True] * 12
    named = [p.named for p in trend([("", 0.5, 0.5, 0.5)] * 26).points]
    assert named[-1]
    assert sum(named) == 9


def test_without_values_nothing_is_drawn() -> None:
    assert trend([]).points == []
    assert trend([]).lines == []
