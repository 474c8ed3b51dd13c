"""Nothing that measures models is ever trained on, whatever becomes of a project."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from classifier import snapshot as freezing
from classifier.holdout import trained_texts
from classifier.models import RowUse, SnapshotRow
from classifier.recipes.near_duplicates import near_duplicates
from classifier.recipes.text import join_text
from classifier.snapshot import Draft, freeze_snapshot
from labeling.bulk.delete import delete_items
from labeling.errors import Conflict, DomainError
from labeling.gold import mark_gold
from labeling.intake import add_items
from labeling.models import Item, Label, Project, Split
from labeling.readers import Row
from tests.classifier.training.conftest import WORDS, LabelItems, sentence

LABELS = list(WORDS)


@dataclass
class History:
    """A project that things happen to, and what its snapshots have used so far."""

    project: Project
    manager: User
    rng: random.Random
    trained: set[str] = field(default_factory=set)
    held_out: set[str] = field(default_factory=set)
    rows: int = 0

    def grow(self) -> None:
        """Import labeled items, now and then straight into the holdout."""
        split = self.rng.choice(["", "", "", "holdout"])
        for label in self.rng.sample(LABELS, self.rng.randint(1, 3)):
            texts = [sentence(label, self.rng) for _ in range(self.rng.randint(3, 9))]
            self._add(texts, label, split)

    def copy(self) -> None:
        """Import near-copies of known items, in any split and under any label."""
        found = list(Item.with_deleted.filter(project=self.project).order_by("pk"))
        for item in self.rng.sample(found, min(len(found), 4)):
            text = f"{item.body}{'.' * self.rng.randint(1, 3)}"
            self._add([text], self.rng.choice(LABELS), self.rng.choice(["", "", "holdout"]))

    def gold(self) -> None:
        """Mark an item gold, if it may be."""
        for pk in self._some(2):
            try:
                mark_gold(project=self.project, actor=self.manager, items=[pk])
            except Conflict:
                assert Item.objects.get(pk=pk).external_id in self.trained

    def relabel(self) -> None:
        """Give items another label."""
        other = Label.objects.get(project=self.project, name=self.rng.choice(LABELS))
        self.project.resolutions.filter(item__in=self._some(5)).update(label=other)

    def unlabel(self) -> None:
        """Take labels away."""
        self.project.resolutions.filter(item__in=self._some(3)).delete()

    def delete(self) -> None:
        """Delete items."""
        if some := self._some(3):
            delete_items(project=self.project, actor=self.manager, items=some)

    def freeze(self) -> None:
        """Take a snapshot, and hold it against all that was used before."""
        before, seen = self._holdout(), trained_texts(self.project)
        try:
            snapshot = freeze_snapshot(project=self.project, user=None)
        except DomainError:
            assert self._holdout() == before
            return
        rows = list(snapshot.rows.all())
        self.trained |= {row.external_id for row in rows if row.split == RowUse.POOL}
        self.held_out |= {row.external_id for row in rows if row.split == RowUse.HOLDOUT}
        after = self._holdout()
        assert not self.trained & self.held_out
        assert not self.trained & after.keys()
        assert before.items() <= after.items()
        assert not any(near_duplicates(texts_of(rows, RowUse.POOL), list(after.values())))
        assert all(near_duplicates(texts_of(rows, RowUse.LEFT_OUT), list(after.values())))
        drawn = [text for name, text in after.items() if name not in before]
        assert not any(near_duplicates(drawn, seen))

    def _add(self, texts: list[str], label: str, split: str) -> None:
        first = self.rows + 1
        rows = [
            Row(number, f"About {label}", text, external_id=f"i{number}", label=label, split=split)
            for number, text in enumerate(texts, start=first)
        ]
        self.rows += len(rows)
        add_items(project=self.project, user=self.manager, rows=rows, source="test")

    def _some(self, count: int) -> list[int]:
        found = sorted(self.project.items.values_list("pk", flat=True))
        return self.rng.sample(found, min(count, len(found)))

    def _holdout(self) -> dict[str, str]:
        items = Item.with_deleted.filter(project=self.project, split=Split.HOLDOUT)
        return {item.external_id: join_text(item.title, item.body) for item in items}


def texts_of(rows: Sequence[SnapshotRow], use: RowUse) -> list[str]:
    return [join_text(row.title, row.body) for row in rows if row.split == use]


STEPS: dict[str, Callable[[History], None]] = {
    "grow": History.grow,
    "copy": History.copy,
    "gold": History.gold,
    "relabel": History.relabel,
    "unlabel": History.unlabel,
    "delete": History.delete,
    "freeze": History.freeze,
}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32),
    steps=st.lists(st.sampled_from([*STEPS, "freeze", "copy", "grow"]), min_size=2, max_size=10),
)
def test_holdout_rows_never_reach_training(
    project: Project, manager: User, seed: int, steps: list[str]
) -> None:
    with transaction.atomic():
        history = History(project, manager, random.Random(seed))
        for step in ["grow", "grow", "freeze", *steps, "freeze"]:
            STEPS[step](history)
        transaction.set_rollback(True)


Meanwhile = Callable[[Project, User], None]


def marks_gold(project: Project, manager: User) -> None:
    item = project.items.filter(split=Split.POOL).order_by("pk")[0]
    mark_gold(project=project, actor=manager, items=[item.pk])


def imports_a_copy_into_the_holdout(project: Project, manager: User) -> None:
    item = project.items.filter(split=Split.POOL).order_by("pk")[0]
    copy = Row(1, item.title, f"{item.body} !", external_id="copy", split="holdout")
    add_items(project=project, user=manager, rows=[copy], source="test")


@pytest.mark.parametrize("meanwhile", [marks_gold, imports_a_copy_into_the_holdout])
def test_what_enters_the_holdout_while_a_snapshot_is_computed_is_seen(
    project: Project, manager: User, label_items: LabelItems, meanwhile: Meanwhile
) -> None:
    label_items(10)
    item = project.items.filter(split=Split.POOL).order_by("pk")[0]
    drafted: list[Draft] = []
    draft = freezing._draft

    def draft_while_it_happens(of: Project) -> Draft:
        drafted.append(draft(of))
        if len(drafted) == 1:
            meanwhile(project, manager)
        return drafted[-1]

    with patch.object(freezing, "_draft", draft_while_it_happens):
        snapshot = freeze_snapshot(project=project, user=None)

    assert len(drafted) == 2
    assert snapshot.rows.get(external_id=item.external_id).split != RowUse.POOL


def test_a_deleted_holdout_item_still_keeps_its_copies_out(
    project: Project, manager: User, label_items: LabelItems
) -> None:
    label_items(6, split="holdout")
    label_items(12, seed=1)
    gone = project.items.filter(split=Split.HOLDOUT).order_by("pk")[0]
    copy = Row(1, gone.title, f"{gone.body} !", external_id="copy", label="alpha")
    add_items(project=project, user=manager, rows=[copy], source="test")
    delete_items(project=project, actor=manager, items=[gone.pk])

    snapshot = freeze_snapshot(project=project, user=None)

    assert snapshot.rows.get(external_id="copy").split == RowUse.LEFT_OUT


def test_a_copy_of_what_was_trained_on_and_lost_its_label_is_not_held_out(
    project: Project, manager: User, label_items: LabelItems
) -> None:
    label_items(10)
    freeze_snapshot(project=project, user=None)
    trained = list(project.items.filter(split=Split.POOL).order_by("pk"))
    copies = [
        Row(n, item.title, f"{item.body} !", external_id=f"copy-{n}", label="alpha")
        for n, item in enumerate(trained)
    ]
    add_items(project=project, user=manager, rows=copies, source="test")
    project.resolutions.filter(item__in=trained[:3]).delete()
    delete_items(project=project, actor=manager, items=[trained[4].pk])

    freeze_snapshot(project=project, user=None)

    held_out = project.items.filter(split=Split.HOLDOUT, external_id__startswith="copy")
    assert list(held_out) == []
