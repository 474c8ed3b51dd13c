"""Two who press Retrain at once, and somebody who marks gold while a snapshot is taken."""

from collections.abc import Iterator

import pytest

from tests.classifier.training import racing
from tests.labeling.races.engines import ENGINES, Crew

SIZE = 4


@pytest.fixture(scope="module", params=ENGINES)
def crew(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crew]:
    """Processes on a database of one engine."""
    with Crew.on(request.param, SIZE, tmp_path_factory.mktemp("race")) as started:
        yield started


@pytest.mark.parametrize("presses", [2, SIZE])
def test_retrains_pressed_at_once_give_one_run(crew: Crew, presses: int) -> None:
    for number in range(3):
        slug = f"press-{presses}-{number}"
        crew.call(racing.prepare, slug=slug)

        answers = crew.race(racing.press, [{"slug": slug}] * presses)

        statuses = sorted(status for status, _ in answers)
        assert statuses == [201] + [409] * (presses - 1)
        assert {said for status, said in answers if status == 409} == {
            "Run 1 is queued: wait for it, or cancel it first."
        }
        assert crew.call(racing.runs_of, slug=slug) == 1


def test_what_is_marked_gold_meanwhile_is_never_trained_on(crew: Crew) -> None:
    for number in range(3):
        slug = f"gold-{number}"
        crew.call(racing.prepare, slug=slug)
        marks = [{"job": "mark_gold", "slug": slug, "part": n, "parts": 2} for n in range(2)]

        crew.race(racing.do, [{"job": "freeze", "slug": slug}, *marks])

        trained, gold = crew.call(racing.trained_and_gold, slug=slug)
        assert trained | gold
        assert not trained & gold
