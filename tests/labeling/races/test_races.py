"""Many processes, one queue: no look twice and no answer lost, on each engine."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.labeling.races import work
from tests.labeling.races.engines import ENGINES, Crew

SIZE = 16
TABS = 3


@pytest.fixture(scope="module", params=ENGINES)
def crew(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crew]:
    """Sixteen processes on a database of one engine."""
    with Crew.on(request.param, SIZE, tmp_path_factory.mktemp("race")) as started:
        yield started


def test_all_annotators_together_empty_the_queue(crew: Crew) -> None:
    crew.call(work.prepare, slug="all", people=SIZE, items=60)
    done = crew.race(work.label_all, [{"slug": "all", "person": n} for n in range(SIZE)])
    left = crew.call(work.tally, slug="all")
    assert sum(done) == len(left.votes) == 120
    assert len(set(left.votes)) == 120, "somebody answered an item twice"
    assert set(Counter(item for item, _ in left.votes).values()) == {2}
    assert left.looks == {"done": 120}
    assert left.tasks["closed"] == left.resolved
    assert left.tasks["closed"] + left.tasks["review"] == 60
    assert left.tasks["review"] > 0
    assert left.changed == 0


def test_one_key_sent_four_times_at_once_is_one_answer(crew: Crew) -> None:
    for number in range(3):
        crew.call(work.prepare, slug=f"key{number}", people=1, items=1)
        slug = f"key{number}"
        look = crew.call(work.take, slug=slug, person=0)
        sent = {"slug": slug, "person": 0, "look": look, "key": "the same"}
        answers = crew.race(work.give, [sent] * 4)
        assert isinstance(answers[0], int)
        assert set(answers) == {answers[0]}
        assert len(crew.call(work.tally, slug=slug).votes) == 1


def test_an_expired_look_has_one_holder(crew: Crew) -> None:
    """Its first holder answers late while the others claim: one look, one answer in the end."""
    for number in range(3):
        slug = f"late{number}"
        crew.call(work.prepare, slug=slug, people=SIZE, items=1, overlap=1)
        look = crew.call(work.take, slug=slug, person=0)
        crew.call(work.expire, slug=slug)
        runs = [
            {"slug": slug, "person": n, "look": None if n else look, "key": "late"}
            for n in range(SIZE)
        ]
        late, *claimed = crew.race(work.give_or_take, runs)
        holders = [found for found in claimed if found is not None]
        assert len(holders) + isinstance(late, int) == 1, (late, holders)
        if holders:
            person = claimed.index(holders[0]) + 1
            assert "went to somebody else" in late
            taken = {"slug": slug, "person": person, "look": holders[0], "key": "taken"}
            assert isinstance(crew.call(work.give, **taken), int)
        left = crew.call(work.tally, slug=slug)
        assert (len(left.votes), left.looks, left.resolved) == (1, {"done": 1}, 1)


def test_all_come_back_after_their_leases_ran_out(crew: Crew) -> None:
    """Each finds everybody's leases expired, the own one too, and ends up with one look."""
    crew.call(work.prepare, slug="noon", people=SIZE, items=SIZE)
    runs = [{"slug": "noon", "person": n} for n in range(SIZE)]
    for _ in range(4):
        held = crew.race(work.take, runs)
        assert len({look.pk for look in held}) == SIZE
        crew.call(work.expire, slug="noon")
    left = crew.call(work.tally, slug="noon")
    assert left.looks == {"leased": SIZE, "free": SIZE}


def test_wavering_annotators_neither_block_nor_break_anything(crew: Crew) -> None:
    """Each answers, claims and takes back on few items, so that all lock what others hold."""
    crew.call(work.prepare, slug="undo", people=SIZE, items=8)
    runs = [{"slug": "undo", "person": n, "rounds": 5} for n in range(SIZE)]
    assert sum(crew.race(work.waver, runs)) > SIZE
    crew.call(work.expire, slug="undo")
    crew.race(work.label_all, [{"slug": "undo", "person": n} for n in range(SIZE)])
    left = crew.call(work.tally, slug="undo")
    assert len(set(left.votes)) == len(left.votes)
    assert left.tasks["open"] == left.looks["free"] == left.looks["leased"] == 0
    assert left.changed == 0


def test_tabs_of_one_annotator_never_share_an_item(crew: Crew) -> None:
    crew.call(work.prepare, slug="tabs", people=5, items=60)
    runs = [
        {"slug": "tabs", "person": person, "tab": f"tab {number}"}
        for person in range(5)
        for number in range(TABS)
    ]
    held = crew.race(work.take_three, runs)
    assert len({look.pk for looks in held for look in looks}) == 45
    for person in range(5):
        mine = [look.task for looks in held[TABS * person : TABS * person + TABS] for look in looks]
        assert len(set(mine)) == len(mine) == 9
    again = crew.race(work.take_three, runs)
    assert [[look.pk for look in looks] for looks in again] == [
        [look.pk for look in looks] for looks in held
    ]


def test_tabs_that_claim_at_once_get_the_first_five_gold_items_once(crew: Crew) -> None:
    crew.call(work.prepare, slug="gold", people=5, items=60)
    crew.call(work.make_gold, slug="gold", items=8)
    runs = [
        {"slug": "gold", "person": person, "tab": f"tab {number}"}
        for person in range(5)
        for number in range(TABS)
    ]
    held = crew.race(work.take_three, runs)
    assert len({look.pk for looks in held for look in looks}) == 45
    given = crew.call(work.gold_of, slug="gold")
    assert len(set(given)) == len(given)
    assert set(Counter(person for person, _ in given).values()) == {5}
    crew.call(work.expire, slug="gold")
    crew.race(work.label_all, [{"slug": "gold", "person": n} for n in range(5)])
    assert crew.call(work.tally, slug="gold").changed == 0


def test_whatever_comes_to_mind_in_two_tabs_each(crew: Crew) -> None:
    """Answers, skips, undos, releases and expired leases by eight people in two tabs each."""
    crew.call(work.prepare, slug="mix", people=8, items=30)
    runs = [
        {"slug": "mix", "person": person, "tab": tab, "rounds": 15}
        for person in range(8)
        for tab in ("left", "right")
    ]
    acknowledged = [answer for answers in crew.race(work.mix, runs) for answer in answers]
    assert len(acknowledged) > 60
    assert len(set(acknowledged)) == len(acknowledged)
    assert crew.call(work.known_answers, slug="mix", acknowledged=acknowledged) == len(acknowledged)
    crew.call(work.expire, slug="mix")
    crew.race(work.label_all, [{"slug": "mix", "person": n} for n in range(8)])
    left = crew.call(work.tally, slug="mix")
    assert len(set(left.votes)) == len(left.votes)
    assert left.tasks["open"] == left.looks["free"] == left.looks["leased"] == 0
    assert left.tasks["closed"] + left.tasks["review"] == 30
    assert max(Counter(item for item, _ in left.votes).values()) == 2
    assert left.changed == 0
