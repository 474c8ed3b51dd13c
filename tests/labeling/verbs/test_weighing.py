"""Weighing votes, and settling items by it."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from labeling import consensus_job
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.consensus_job import ask_for_consensus, run_consensus, tend_consensus
from labeling.errors import Conflict, Invalid
from labeling.models import (
    AnnotatorWeight,
    ConsensusJob,
    Event,
    Item,
    Project,
    Resolution,
    Role,
    TaskState,
    Weighing,
)
from labeling.policies import set_policy, standing_of_weights, weigh_now
from tests.labeling.elsewhere import assert_settled, take_file, votes_csv
from tests.labeling.steps import answer, disagree, label_of, task_of
from tests.labeling.weighed import make_crowd, put_by_hand, weigh, work

MakeItem = Callable[..., Item]


class TestWithoutEnoughGold:
    def test_votes_are_counted_and_it_says_what_is_missing(
        self, project: Project, manager: User
    ) -> None:
        make_crowd(project, manager, gold=9, pool=9)
        before = set(Resolution.objects.values_list("item_id", "label_id", "method"))
        job = weigh(project, manager)
        made = Weighing.objects.get()
        assert (made.number, made.calibrated, project.weighing) == (1, False, None)
        assert (made.votes, made.items, made.annotators) == (54, 18, 4)
        assert (made.gold, made.gold_wanted, made.gold_missing) == (9, 50, 41)
        assert made.reason.startswith("Not calibrated, may not resolve: 9 gold items with votes.")
        assert job.changed == 0
        assert set(Resolution.objects.values_list("item_id", "label_id", "method")) == before
        assert not standing_of_weights(project).in_force
        assert_settled(project)

    def test_labels_without_gold_are_named(self, project: Project, manager: User) -> None:
        make_crowd(project, manager, gold=1, pool=5)
        weigh(project, manager)
        assert Weighing.objects.get().labels_without_gold == ["beta", "gamma"]

    def test_no_votes_at_all_is_said_so(self, project: Project, manager: User) -> None:
        weigh(project, manager)
        made = Weighing.objects.get()
        assert (made.votes, made.reason) == (0, "There are no votes to weigh yet.")


class TestWithGold:
    def test_labels_follow_from_weighed_votes(self, project: Project, manager: User) -> None:
        make_crowd(project, manager, gold=120, pool=30)
        job = weigh(project, manager, sure_enough=0.8)
        made = Weighing.objects.get()
        assert (made.calibrated, made.reason, made.gold) == (True, "", 120)
        assert project.weighing == made
        assert made.error_after is not None
        assert made.error_after <= 0.1
        weighed = Resolution.objects.filter(method="weighted")
        assert weighed.count() > 15
        assert {found.weighing for found in weighed} == {made}
        assert all(0.8 <= (found.confidence or 0) <= 1 for found in weighed)
        assert Resolution.objects.filter(method="imported").count() == 120
        event = Event.objects.get(verb="weighed votes")
        assert (event.before, event.after) == ("votes counted", "weights 1")
        settled = Event.objects.get(verb="settled")
        assert settled.after == f"{job.changed:,} labels changed"
        assert_settled(project)
        self._bad_annotators_count_less(made)
        self._the_same_votes_give_the_same(project, manager)
        self._counting_again_takes_weights_off(project, manager)

    def _bad_annotators_count_less(self, made: Weighing) -> None:
        rows = AnnotatorWeight.objects.filter(weighing=made, annotator__isnull=False)
        right = {
            str(row.annotator): sum(row.said[n][n] for n in range(3)) / 3
            for row in rows.select_related("annotator")
        }
        assert sorted(right) == ["w1", "w2", "w3", "w4"]
        assert min(right, key=lambda name: right[name]) == "w4"

    def _the_same_votes_give_the_same(self, project: Project, manager: User) -> None:
        names = ("item_id", "label_id", "method", "votes", "confidence")
        before = list(Resolution.objects.order_by("item").values_list(*names))
        weigh_now(access=Access(project, manager, Role.MANAGER))
        work(project)
        assert project.weighing is not None
        assert project.weighing.number == 2
        assert list(Resolution.objects.order_by("item").values_list(*names)) == before
        weighed = Resolution.objects.filter(method="weighted")
        assert {found.weighing for found in weighed} == {project.weighing}
        assert_settled(project)

    def _counting_again_takes_weights_off(self, project: Project, manager: User) -> None:
        weigh(project, manager, consensus="agreement")
        assert not Resolution.objects.filter(method="weighted").exists()
        assert_settled(project)


class TestInForce:
    def test_a_trusted_vote_outweighs_a_doubtful_one(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        made = put_by_hand(project, {annotator.pk: 0.99, second_annotator.pk: 0.4}, anybody=0.7)
        item = make_item()
        answer(project, annotator, "alpha")
        answer(project, second_annotator, "beta")
        found = Resolution.objects.get(item=item)
        assert (str(found.label), found.method, found.weighing) == ("alpha", "weighted", made)
        # .99 x .3 against .005 x .4 and .005 x .3
        assert found.confidence == pytest.approx(0.297 / 0.3005, abs=1e-6)
        assert task_of(item).state == TaskState.CLOSED
        assert_settled(project)
        undo(project=project, user=second_annotator)
        assert label_of(item) is None
        assert_settled(project)

    def test_two_doubtful_votes_that_agree_are_not_enough(
        self, project: Project, annotator: User, second_annotator: User, reviewer: User,
        make_item: MakeItem,
    ) -> None:  # fmt: skip
        put_by_hand(project, {annotator.pk: 0.5, second_annotator.pk: 0.5}, anybody=0.7)
        Project.objects.update(max_looks=3)
        project.refresh_from_db()
        item = make_item()
        for user in (annotator, second_annotator):
            answer(project, user, "alpha")
        assert (label_of(item), task_of(item).state) == (None, TaskState.OPEN)
        answer(project, reviewer, "beta")
        assert (label_of(item), task_of(item).state) == (None, TaskState.REVIEW)
        assert_settled(project)

    def test_other_weights_settle_anew_with_events(
        self, project: Project, manager: User, annotator: User, second_annotator: User,
        reviewer: User, make_item: MakeItem,
    ) -> None:  # fmt: skip
        decided, open_one = make_item(), make_item()
        for _ in (decided, open_one):
            answer(project, annotator, "alpha")
        for _ in (decided, open_one):
            answer(project, second_annotator, "beta")
        case = task_of(decided)
        decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
        put_by_hand(project, {annotator.pk: 0.99}, anybody=0.4)
        ask_for_consensus(project=project, user=manager, settle=True)
        self._run_without_estimate(project)
        assert (label_of(decided), label_of(open_one)) == ("gamma", "alpha")
        put_by_hand(project, {second_annotator.pk: 0.99}, anybody=0.4)
        ask_for_consensus(project=project, user=manager, settle=True)
        self._run_without_estimate(project)
        assert (label_of(decided), label_of(open_one)) == ("gamma", "beta")
        event = Event.objects.get(verb="settled anew")
        assert (event.subject_id, event.before, event.after) == (
            str(open_one.pk), "alpha", "beta",
        )  # fmt: skip
        assert event.reason == "Votes weighed by weights 2, 0.95 or more."
        assert_settled(project)

    def test_weights_that_doubt_a_label_ask_again(
        self, project: Project, manager: User, annotator: User, second_annotator: User,
        make_item: MakeItem,
    ) -> None:  # fmt: skip
        item = make_item()
        for user in (annotator, second_annotator):
            answer(project, user, "alpha")
        put_by_hand(project, {}, anybody=0.5)
        ask_for_consensus(project=project, user=manager, settle=True)
        self._run_without_estimate(project)
        item.refresh_from_db()
        assert (label_of(item), item.status) == (None, "review")
        assert_settled(project)

    def _run_without_estimate(self, project: Project) -> None:
        """Settle by the weights that were put in force by hand."""
        ConsensusJob.objects.filter(state="queued").update(weighed=True)
        run_consensus(ConsensusJob.objects.get(state="queued").pk)
        project.refresh_from_db()


class TestJob:
    def test_one_at_a_time_and_once_more_for_who_asks_meanwhile(
        self, project: Project, manager: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rounds = []

        def weighed(of: Project) -> None:
            rounds.append(of.pk)
            if len(rounds) == 1:
                ask_for_consensus(project=of, user=manager, settle=False)

        monkeypatch.setattr(consensus_job, "estimate", weighed)
        weigh(project, manager)
        assert len(rounds) == 2
        assert ConsensusJob.objects.count() == 1

    def test_a_dead_worker_is_followed_by_another(self, project: Project, manager: User) -> None:
        job = ask_for_consensus(project=project, user=manager, settle=True)
        ConsensusJob.objects.update(
            state="running", attempt=1, heartbeat_at="2020-01-01T00:00:00+00:00"
        )
        tend_consensus()
        job.refresh_from_db()
        assert job.state == "queued"

    def test_many_new_votes_are_weighed_by_themselves(
        self, project: Project, manager: User
    ) -> None:
        make_crowd(project, manager, gold=3, pool=3)
        weigh(project, manager)
        tend_consensus()
        assert not ConsensusJob.objects.filter(state="queued").exists()
        votes = [(f"p{n}", f"x{m}", "alpha") for n in range(3) for m in range(7)]
        take_file(project, manager, votes_csv(votes), "more.csv")
        tend_consensus()
        work(project)
        assert Weighing.objects.count() == 2


class TestPolicy:
    def test_a_change_is_recorded_and_settles(
        self, project: Project, manager: User, annotator: User, second_annotator: User,
        make_item: MakeItem,
    ) -> None:  # fmt: skip
        set_looks = {"overlap": 2, "max_looks": 3}
        weigh(project, manager, consensus="unanimous", **set_looks)
        item = make_item()
        disagree(item, annotator, second_annotator)
        event = Event.objects.get(verb="changed consensus")
        assert event.reason == "consensus agreement to unanimous, max_looks 2 to 3"
        assert_settled(project)

    def test_nothing_changed_is_nothing_done(self, manager_access: Access) -> None:
        set_policy(access=manager_access, consensus="agreement")
        assert not Event.objects.filter(verb="changed consensus").exists()
        assert not ConsensusJob.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"consensus": "loudest"}, "consensus"),
            ({"sure_enough": 0.5}, "sure_enough"),
            ({"overlap": 3}, "max_looks"),
        ],
    )
    def test_a_figure_beyond_its_bounds_is_refused(
        self, manager_access: Access, changes: dict[str, float | str], field: str
    ) -> None:
        with pytest.raises(Invalid, match=f"^{field}: "):
            set_policy(access=manager_access, **changes)

    def test_who_counts_votes_cannot_weigh_them(self, manager_access: Access) -> None:
        with pytest.raises(Conflict, match="not weighed"):
            weigh_now(access=manager_access)


voted = st.dictionaries(
    st.tuples(st.sampled_from(["item-1", "item-2", "item-3"]), st.sampled_from("abcd")),
    st.sampled_from(["alpha", "beta", "gamma"]),
    max_size=12,
)
skills = st.lists(st.sampled_from([0.34, 0.6, 0.9, 0.99]), min_size=4, max_size=4)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(votes=voted, first=skills, second=skills)
def test_labels_are_what_the_weights_in_force_make_of_the_votes(
    project: Project, manager: User, reviewer: User, make_item: MakeItem,
    votes: dict[tuple[str, str], str], first: list[float], second: list[float],
) -> None:  # fmt: skip
    Item.objects.all().delete()
    items = [make_item(external_id=f"item-{n}") for n in (1, 2, 3)]
    rows = [(item, who, label) for (item, who), label in votes.items()]
    for part in filter(None, (rows[:5], rows[5:])):
        take_file(project, manager, votes_csv(part), "votes.csv")
    assert_settled(project)
    case = next((task_of(item) for item in items if task_of(item).state == "review"), None)
    if case is not None:
        decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    people = User.objects.filter(first_name__in="abcd").order_by("first_name")
    for share in (first, second):
        chosen = {user.pk: share["abcd".index(user.first_name)] for user in people}
        put_by_hand(project, chosen, anybody=0.7)
        ask_for_consensus(project=project, user=None, settle=True)
        ConsensusJob.objects.filter(state="queued").update(weighed=True)
        run_consensus(ConsensusJob.objects.get(state="queued").pk)
        project.refresh_from_db()
        assert_settled(project)
        if case is not None:
            assert label_of(case.item) == "gamma"
