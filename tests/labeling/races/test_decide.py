"""Several reviewers at one case: one decision wins, and the others are told."""

from collections.abc import Iterator

import pytest

from tests.labeling.races import calls, work
from tests.labeling.races.engines import ENGINES, Crew

SIZE = 4
ROUNDS = 3
MEANWHILE = "This case was decided or sent back by somebody else meanwhile."
LABELS = ["alpha", "beta", "alpha", "beta"]


@pytest.fixture(scope="module", params=ENGINES)
def crew(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crew]:
    """Four processes on a database of one engine, and a project of four people."""
    with Crew.on(request.param, SIZE, tmp_path_factory.mktemp("decide")) as started:
        started.call(work.prepare, slug="review", people=SIZE, items=0)
        yield started


def test_one_decision_wins_and_the_others_are_told(crew: Crew) -> None:
    for _ in range(ROUNDS):
        case = crew.call(calls.case_of, slug="review")
        sent = {"slug": "review", "case": case}
        runs = [{**sent, "person": n, "label": label} for n, label in enumerate(LABELS)]
        answers = crew.race(calls.decide, runs)
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409], answers
        assert {told["detail"] for status, told in answers if status == 409} == {MEANWHILE}
        [won] = [told["label"] for status, told in answers if status == 200]
        assert crew.call(calls.ending_of, case=case) == {
            "state": "closed",
            "decisions": 1,
            "reopened": 0,
            "label": won,
            "changed": 0,
        }


def test_a_decision_is_set_aside_once(crew: Crew) -> None:
    """Its maker takes it back in two tabs while two others reopen it with a reason."""
    for _ in range(ROUNDS):
        case = crew.call(calls.case_of, slug="review")
        made = crew.call(calls.decide, slug="review", person=0, case=case, label="beta")
        assert made[0] == 200, made
        run = {"slug": "review", "case": case}
        answers = crew.race(
            calls.set_aside,
            [
                {**run, "person": 0, "how": "undo"},
                {**run, "person": 0, "how": "undo"},
                {**run, "person": 1, "how": "reopen"},
                {**run, "person": 2, "how": "reopen"},
            ],
        )
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409], answers
        assert crew.call(calls.ending_of, case=case) == {
            "state": "review",
            "decisions": 1,
            "reopened": 1,
            "label": None,
            "changed": 0,
        }
