"""A snapshot is frozen, hashed, and keeps its holdout out of training for ever."""

import random

import pytest

from accounts.models import User
from classifier.models import DatasetSnapshot, SnapshotRow
from classifier.snapshot import freeze_snapshot
from labeling.errors import Invalid
from labeling.gold import mark_gold
from labeling.intake import add_items
from labeling.models import RARE_REASONS, Event, Item, Label, Project, Split, TaskReason
from labeling.opening import open_tasks
from labeling.queue import want_look
from labeling.readers import Row
from tests.classifier.training.conftest import LabelItems, sentence


def freeze(project: Project) -> DatasetSnapshot:
    return freeze_snapshot(project=project, user=None)


def ids(snapshot: DatasetSnapshot, split: Split) -> set[str]:
    return set(snapshot.rows.filter(split=split).values_list("external_id", flat=True))


def relabel(project: Project, external_id: str, label: str) -> None:
    item = project.items.get(external_id=external_id)
    project.resolutions.filter(item=item).update(label=Label.objects.get(name=label))


def test_it_holds_a_fifth_of_each_class_out(project: Project, label_items: LabelItems) -> None:
    label_items(20)
    label_items(10, seed=1, labels="alpha")

    snapshot = freeze(project)

    held_out = list(snapshot.rows.filter(split="holdout").values_list("label", flat=True))
    assert (snapshot.number, snapshot.training_rows, snapshot.holdout_rows) == (1, 56, 14)
    assert sorted(held_out) == ["alpha"] * 6 + ["beta"] * 4 + ["gamma"] * 4
    assert snapshot.labels == ["alpha", "beta", "gamma"]
    assert project.items.filter(split=Split.HOLDOUT).count() == 14
    assert set(project.items.filter(split="holdout").values_list("external_id", flat=True)) == ids(
        snapshot, Split.HOLDOUT
    )


def test_a_fifth_is_drawn_beside_what_somebody_picked(
    project: Project, label_items: LabelItems
) -> None:
    label_items(20)
    picked = [item.pk for item in Item.objects.filter(resolution__label__name="alpha")[:4]]
    mark_gold(project=project, actor=None, items=picked)

    snapshot = freeze(project)

    held_out = list(snapshot.rows.filter(split="holdout").values_list("label", flat=True))
    assert sorted(held_out) == ["alpha"] * 8 + ["beta"] * 4 + ["gamma"] * 4
    assert snapshot.rows.filter(split="holdout", item__in=picked).count() == 4
    assert freeze(project).holdout_rows == 16


def test_a_row_says_how_its_label_was_reached(project: Project, label_items: LabelItems) -> None:
    label_items(5)

    row = freeze(project).rows.get(external_id="alpha-0-3")

    assert (row.label, row.method, row.votes) == ("alpha", "imported", 0)
    assert row.item == project.items.get(external_id="alpha-0-3")


def test_the_same_rows_give_the_same_snapshot(project: Project, label_items: LabelItems) -> None:
    label_items(6)
    first = freeze(project)

    assert freeze(project) == first
    assert SnapshotRow.objects.count() == 18


def test_the_hash_depends_on_the_rows_alone(
    project: Project, label_items: LabelItems, manager: User
) -> None:
    label_items(6)
    first = freeze(project).hash
    relabel(project, "alpha-0-0", "beta")
    second = freeze(project).hash
    relabel(project, "alpha-0-0", "alpha")

    third = freeze(project)

    assert first != second
    assert (third.hash, third.number) == (first, 3)
    assert len(first) == 64


def test_the_holdout_only_grows(project: Project, label_items: LabelItems) -> None:
    label_items(20)
    before = ids(freeze(project), Split.HOLDOUT)
    label_items(20, seed=1)

    after = freeze(project)

    assert len(before) == 12
    assert after.holdout_rows == 24
    assert before < ids(after, Split.HOLDOUT)


@pytest.mark.parametrize("seed", range(6))
def test_no_item_is_ever_in_both(project: Project, label_items: LabelItems, seed: int) -> None:
    rng = random.Random(seed)
    trained: set[str] = set()
    held_out: set[str] = set()
    for step in range(4):
        split = rng.choice(["", "", "holdout"]) if step else ""
        labels = rng.choice(["alpha beta gamma", "alpha beta", "gamma"]) if step else "alpha beta"
        label_items(rng.randint(6, 15), seed=10 * seed + step, labels=labels, split=split)
        relabel(project, f"alpha-{10 * seed}-{rng.randint(0, 5)}", rng.choice(["alpha", "beta"]))
        snapshot = freeze(project)
        trained |= ids(snapshot, Split.POOL)
        held_out |= ids(snapshot, Split.HOLDOUT)

        assert not trained & held_out


def test_near_duplicates_of_the_holdout_are_left_out(
    project: Project, label_items: LabelItems, manager: User
) -> None:
    label_items(8, split="holdout")
    label_items(30, seed=1)
    original = project.items.filter(split="holdout").first()
    assert original is not None
    copies = [
        Row(1, original.title.upper(), f"{original.body} !", external_id="copy", label="alpha"),
        Row(2, "entirely different words", "idiom", external_id="other", label="alpha"),
    ]
    add_items(project=project, user=manager, rows=copies, source="test")

    snapshot = freeze(project)

    assert snapshot.near_duplicates == 1
    assert snapshot.rows.get(external_id="copy").split == "left_out"
    assert snapshot.rows.get(external_id="other").split == "pool"


def test_near_duplicates_of_unlabeled_holdout_items_are_left_out(
    project: Project, label_items: LabelItems, manager: User
) -> None:
    label_items(20)
    text = sentence("alpha", random.Random(99), 30)
    gold = Row(1, "About words", text, external_id="gold", split="holdout")
    copies = [
        Row(n, "About words", f"{text}{'.' * n}", external_id=f"copy-{n}", label="alpha")
        for n in range(1, 6)
    ]
    add_items(project=project, user=manager, rows=[gold, *copies], source="test")

    snapshot = freeze(project)

    held_out = snapshot.rows.filter(external_id__startswith="copy", split="holdout").count()
    assert snapshot.near_duplicates == 5 - held_out > 0
    assert not snapshot.rows.filter(external_id__startswith="copy", split="pool").exists()


def test_what_resembles_a_trained_item_is_not_held_out(
    project: Project, label_items: LabelItems, manager: User
) -> None:
    label_items(10)
    freeze(project)
    trained = list(project.items.filter(split=Split.POOL))
    copies = [
        Row(n, item.title, f"{item.body}!", external_id=f"copy-{n}", label="alpha")
        for n, item in enumerate(trained)
    ]
    add_items(project=project, user=manager, rows=copies, source="test")

    freeze(project)

    assert project.resolutions.filter(item__external_id__startswith="copy").count() == 24
    assert not project.items.filter(split="holdout", external_id__startswith="copy").exists()


@pytest.mark.parametrize("reason", RARE_REASONS)
def test_what_a_model_sent_to_people_is_not_held_out(
    project: Project, label_items: LabelItems, reason: TaskReason
) -> None:
    label_items(10)
    freeze(project)
    label_items(10, seed=1)
    for item in project.items.filter(external_id__contains="-1-"):
        want_look(project=project, item=item, reason=reason, looks=1, priority=1)

    assert freeze(project).holdout_rows == 6


def test_tasks_of_an_item_become_blind_with_it(project: Project, label_items: LabelItems) -> None:
    label_items(10)
    open_tasks(project=project, items=list(Item.objects.filter(project=project)))

    freeze(project)

    blind = set(project.tasks.filter(blind=True).values_list("item__split", flat=True))
    assert project.tasks.filter(blind=True).count() == 6
    assert blind == {"holdout"}


def test_its_events_tell_what_was_frozen(project: Project, label_items: LabelItems) -> None:
    label_items(10)

    freeze(project)

    events = Event.objects.filter(subject_type="datasetsnapshot").order_by("id")
    assert list(events.values_list("verb", "after")) == [
        ("added to the holdout", "6 items"),
        ("froze", "24 for training, 6 held out"),
    ]


def test_without_labels_it_says_what_to_do(project: Project) -> None:
    with pytest.raises(Invalid, match="No item is labeled yet: label some, or import"):
        freeze(project)


def test_one_class_is_not_enough(project: Project, label_items: LabelItems) -> None:
    label_items(30, labels="alpha")
    label_items(4, labels="beta")

    with pytest.raises(Invalid, match=r"two labels with 5 labeled items each.*alpha: 30, beta: 4"):
        freeze(project)


def test_the_holdout_does_not_count_as_examples(project: Project, label_items: LabelItems) -> None:
    label_items(20, split="holdout")

    with pytest.raises(Invalid, match="alpha: 0, beta: 0, gamma: 0"):
        freeze(project)


def test_an_empty_holdout_is_refused(project: Project, label_items: LabelItems) -> None:
    label_items(10)
    freeze(project)
    project.resolutions.filter(item__split="holdout").delete()

    with pytest.raises(Invalid, match="The holdout is empty"):
        freeze(project)


def test_another_project_is_left_alone(
    project: Project, other_project: Project, label_items: LabelItems
) -> None:
    label_items(10)
    rows = [Row(n, f"one {n}", external_id=f"alpha-0-{n}", label="one") for n in range(9)]
    add_items(project=other_project, user=None, rows=rows, source="test")

    freeze(project)

    assert not Item.objects.filter(project=other_project, split="holdout").exists()
