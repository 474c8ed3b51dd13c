"""Votes in long form, on items that the project has."""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.consensus_job import run_consensus, tend_consensus
from labeling.errors import Conflict, Invalid
from labeling.models import (
    Annotation,
    Assignment,
    Consensus,
    ConsensusJob,
    Event,
    Item,
    ItemStatus,
    Label,
    Project,
    Task,
    TaskState,
)
from labeling.queue import claim
from tests.labeling.elsewhere import (
    Vote,
    assert_settled,
    bring_file,
    bring_votes,
    take_file,
    votes_csv,
    whole,
)
from tests.labeling.steps import answer, ask, disagree, give, label_of, pass_on, take, task_of

MakeItem = Callable[..., Item]


def test_votes_are_counted_as_the_policy_says(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    agreed, open_one, split, untouched = (make_item() for _ in range(4))
    votes = [
        ("item-1", "w1", "alpha"), ("item-1", "w2", "alpha"),
        ("item-2", "w1", "beta"),
        ("item-3", "w1", "alpha"), ("item-3", "w2", "beta"), ("item-3", "w3", "gamma"),
    ]  # fmt: skip
    job = bring_votes(project, manager, votes)
    assert (job.state, job.content, job.added, job.refused) == ("succeeded", "votes", 6, 0)
    assert (label_of(agreed), task_of(agreed).state) == ("alpha", TaskState.CLOSED)
    assert (label_of(open_one), task_of(open_one).state) == (None, TaskState.OPEN)
    assert (label_of(split), task_of(split).state) == (None, TaskState.REVIEW)
    assert task_of(untouched).state == TaskState.OPEN
    free = Assignment.objects.filter(state="free").values_list("task__item__external_id")
    assert sorted(pk for (pk,) in free) == ["item-2", "item-4", "item-4"]
    given = Annotation.objects.filter(item=agreed).order_by("pk")[0]
    assert (given.imported, given.annotator.is_active) == (True, False)
    assert (given.annotator.first_name, given.guideline) == ("w1", None)
    moved = Event.objects.get(verb="moved", subject_id=str(task_of(agreed).pk))
    assert (moved.before, moved.after) == ("open", "closed")
    assert moved.reason == f"Votes of import {job.pk}."


def test_the_same_file_again_changes_nothing(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    for _ in range(3):
        make_item()
    votes = [("item-1", "w1", "alpha"), ("item-1", "w2", "alpha"), ("item-2", "w1", "beta")]
    bring_votes(project, manager, votes)
    before, events = whole(project), Event.objects.filter(verb="moved").count()
    job = bring_votes(project, manager, [*votes, votes[0]])
    assert (job.added, job.duplicates, job.refused) == (0, 4, 0)
    assert whole(project) == before
    assert Event.objects.filter(verb="moved").count() == events


@pytest.mark.parametrize(
    ("row", "field", "reason", "fix"),
    [
        ("nowhere,w1,alpha", "external_id", "no item has the id 'nowhere'.",
         "Mend it, or import the items first."),
        ("item-1,w1,delta", "label", "'delta' is not one of alpha, beta, gamma.",
         "Mend it, or let missing labels be added."),
        ("item-1,,alpha", "annotator", "it is empty.", "Name who gave the label."),
        (",w1,alpha", "external_id", "it is empty.", "Name the item as it was imported."),
        ("item-1,w1,", "label", "it is empty.", "Name the label, or leave the row out."),
        (f"item-1,{'w' * 151},alpha", "annotator", "it has 151 characters; the limit is 150.",
         "Shorten it."),
        ("item-2,w1,alpha", "external_id", "the item was deleted.",
         "Restore it under Items, or leave the vote out."),
        ("item-1,w9,beta", "annotator", "'w9' has voted for another label on this item.",
         "One person has one vote an item: leave one of the two."),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_with_its_fix(
    project: Project,
    manager: User,
    make_item: MakeItem,
    row: str,
    field: str,
    reason: str,
    fix: str,
) -> None:
    make_item()
    make_item(deletion=project.deletions.create())
    content = f"external_id,annotator,label\nitem-1,w9,alpha\n{row}\n".encode()
    job = bring_file(project, manager, content, "votes.csv")
    assert (job.added, job.refused) == (1, 1)
    found = job.problems.get()
    assert (found.row, found.field, found.reason, found.fix) == (3, field, reason, fix)


def test_missing_labels_are_made_where_that_is_wanted(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    item = make_item()
    votes = [("item-1", "w1", "delta"), ("item-1", "w2", "delta")]
    job = bring_votes(project, manager, votes, add_labels=True)
    assert (job.added, label_of(item)) == (2, "delta")


FILES = {
    "votes.tsv": b"item_id\tworker\tanswer\titem-1\n"[:0]
    + b"item_id\tworker\tanswer\nitem-1\tw1\talpha\nitem-1\tw2\talpha\n",
    "votes.jsonl": b"".join(
        json.dumps({"id": "item-1", "annotator": name, "label": "alpha", "extra": [1]}).encode()
        + b"\n"
        for name in ("w1", "w2")
    ),
    "votes.json": json.dumps(
        [{"task_id": "item-1", "rater": name, "vote": "alpha"} for name in ("w1", "w2")]
    ).encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_any_format_and_the_usual_names_of_columns(
    project: Project, manager: User, make_item: MakeItem, name: str
) -> None:
    item = make_item()
    job = bring_file(project, manager, FILES[name], name)
    assert (job.content, job.added, job.refused) == ("votes", 2, 0)
    assert label_of(item) == "alpha"


def test_a_column_may_say_when(project: Project, manager: User, make_item: MakeItem) -> None:
    make_item()
    head = "external_id,annotator,label,created_at\n"
    rows = "item-1,w1,alpha,2025-01-02T03:04:05+01:00\nitem-1,w2,alpha,soon\n"
    job = bring_file(project, manager, (head + rows).encode(), "votes.csv")
    assert Annotation.objects.get().created_at.isoformat() == "2025-01-02T02:04:05+00:00"
    assert job.problems.get().reason == "'soon' is no date and time."


def test_a_file_of_neither_items_nor_votes_says_what_it_takes(
    project: Project, manager: User
) -> None:
    with pytest.raises(Invalid, match="votes on items need the columns external_id, annotator"):
        bring_file(project, manager, b"id,label\n1,alpha\n", "votes.csv")


def test_columns_of_any_name_can_be_chosen(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    item = make_item()
    content = b"key,who,what\nitem-1,w1,alpha\nitem-1,w2,alpha\n"
    mapping = {"key": "external_id", "who": "annotator", "what": "label"}
    job = bring_file(project, manager, content, "votes.csv", mapping=mapping)
    assert (job.content, label_of(item)) == ("votes", "alpha")


class TestMembers:
    def test_nobody_is_asked_for_what_they_have_voted_on(
        self, project: Project, manager: User, annotator: User, second_annotator: User,
        make_item: MakeItem,
    ) -> None:  # fmt: skip
        item = make_item()
        bring_votes(project, manager, [("item-1", "annotator", "alpha")])
        assert claim(project=project, user=annotator) is None
        assert Annotation.objects.get().annotator == annotator
        answer(project, second_annotator, "alpha")
        assert label_of(item) == "alpha"

    def test_a_look_that_the_voter_holds_ends(
        self, project: Project, manager: User, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        job = bring_votes(project, manager, [("item-1", "annotator", "alpha")])
        assert (job.added, job.refused) == (1, 0)
        with pytest.raises(Conflict):
            give(look, annotator, "beta")
        assert Annotation.objects.get().label == Label.objects.get(name="alpha")

    def test_what_somebody_else_holds_is_let_be(
        self, project: Project, manager: User, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        look = take(project, annotator)
        bring_votes(project, manager, [("item-1", "w1", "alpha")])
        give(look, annotator, "alpha")
        assert label_of(item) == "alpha"

    def test_an_answer_that_was_taken_back_is_no_vote(
        self, project: Project, manager: User, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, annotator, "alpha")
        undo(project=project, user=annotator)
        job = bring_votes(project, manager, [("item-1", "annotator", "beta")])
        assert (job.added, job.refused) == (1, 0)
        item.refresh_from_db()
        assert item.vote_count == 1


class TestWhatAPersonDecided:
    def test_stays(
        self, project: Project, manager: User, annotator: User, second_annotator: User,
        reviewer: User, make_item: MakeItem,
    ) -> None:  # fmt: skip
        item = make_item()
        task = disagree(item, annotator, second_annotator)
        decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma")
        bring_votes(project, manager, [("item-1", f"w{n}", "alpha") for n in range(5)])
        item.refresh_from_db()
        assert (label_of(item), item.status, item.vote_count) == ("gamma", "labeled", 7)

    def test_of_a_label_that_came_with_the_item_stays(
        self, project: Project, manager: User
    ) -> None:
        bring_file(project, manager, b"id,title,label\nx,Title,beta\n", "items.csv")
        bring_votes(project, manager, [("x", "w1", "alpha"), ("x", "w2", "alpha")])
        item = Item.objects.get()
        assert (label_of(item), item.status, item.vote_count) == ("beta", "labeled", 2)
        assert Task.objects.get().state == TaskState.CLOSED

    def test_what_a_reviewer_has_for_another_reason_stays_there(
        self, project: Project, manager: User, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        pass_on(project, annotator, "out_of_scope")
        assert task_of(item).state == TaskState.REVIEW
        bring_votes(project, manager, [("item-1", "w1", "alpha"), ("item-1", "w2", "beta")])
        assert task_of(item).state == TaskState.REVIEW


def test_a_label_that_votes_turn_over_is_recorded(
    project: Project, manager: User, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    bring_votes(project, manager, [("item-1", f"w{n}", "beta") for n in range(3)])
    assert label_of(item) == "beta"
    event = Event.objects.get(verb="settled anew")
    assert (event.subject_id, event.before, event.after) == (str(item.pk), "alpha", "beta")


def test_a_label_that_votes_unsettle_goes_to_a_reviewer(
    project: Project, manager: User, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    bring_votes(project, manager, [("item-1", f"w{n}", "beta") for n in range(2)])
    item.refresh_from_db()
    assert (label_of(item), item.status) == (None, ItemStatus.REVIEW)


def test_a_case_of_votes_that_differ_closes_once_they_agree(
    project: Project, manager: User, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    disagree(item, annotator, second_annotator)
    bring_votes(project, manager, [("item-1", "w1", "alpha"), ("item-1", "w2", "alpha")])
    item.refresh_from_db()
    assert (label_of(item), item.status) == ("alpha", ItemStatus.LABELED)


def test_what_is_asked_for_another_reason_is_let_be(
    project: Project, manager: User, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    task = ask(item)
    bring_votes(project, manager, [("item-1", "w1", "alpha")])
    task.refresh_from_db()
    assert task.state == TaskState.OPEN
    assert task.assignments.filter(state="free").count() == 1
    assert Annotation.objects.filter(item=item).values("assignment__task").distinct().count() == 1


def test_votes_on_an_item_without_a_task_open_one_where_they_differ(
    project: Project, manager: User, make_item: MakeItem
) -> None:
    item = make_item(task=False)
    bring_votes(project, manager, [("item-1", "w1", "alpha"), ("item-1", "w2", "beta")])
    item.refresh_from_db()
    assert (item.status, task_of(item).state) == (ItemStatus.REVIEW, TaskState.REVIEW)


def test_an_import_that_ends_early_is_settled_by_the_next_round(
    project: Project, manager: User, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = make_item()
    votes = votes_csv([("item-1", "w1", "alpha"), ("item-1", "w2", "alpha")])
    with monkeypatch.context() as patched:
        patched.delattr("labeling.intake_run.settle_unsettled")
        job = take_file(project, manager, votes, "votes.csv")
    assert (job.state, label_of(item)) == ("failed", None)
    tend_consensus()
    run_consensus(ConsensusJob.objects.get().pk)
    assert label_of(item) == "alpha"
    assert_settled(project)


names = st.sampled_from(["w1", "w2", "w3", "annotator"])
voted = st.dictionaries(
    st.tuples(st.sampled_from(["item-1", "item-2", "item-3"]), names),
    st.sampled_from(["alpha", "beta", "gamma"]),
    max_size=12,
)


def flat(votes: dict[tuple[str, str], str]) -> list[Vote]:
    """Return votes as rows."""
    return [(item, who, label) for (item, who), label in votes.items()]


@pytest.mark.parametrize("rule", list(Consensus))
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(votes=voted, data=st.data())
def test_neither_the_order_of_votes_nor_a_second_import_matters(
    project: Project, manager: User, annotator: User, make_item: MakeItem, rule: str,
    votes: dict[tuple[str, str], str], data: st.DataObject,
) -> None:  # fmt: skip
    rows = flat(votes)
    Item.objects.all().delete()
    Project.objects.filter(pk=project.pk).update(consensus=rule, max_looks=3)
    project.refresh_from_db()
    outcomes = []
    for order in (rows, data.draw(st.permutations(rows))):
        for number in (1, 2, 3):
            make_item(external_id=f"item-{number}")
        cut = data.draw(st.integers(0, len(order)))
        for part in filter(None, (order[:cut], order[cut:], order)):
            bring_votes(project, manager, part) if part else None
        outcomes.append(whole(project))
        Annotation.objects.all().delete()
        Item.objects.all().delete()
    assert outcomes[0] == outcomes[1]
    assert outcomes[0]["votes"] == sorted(rows)
