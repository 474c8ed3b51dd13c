"""The labeled items of a project as a model may learn from them."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from classifier.chosen import DRAWN, chosen_or_passed_over
from classifier.models import RowUse, SnapshotRow
from classifier.recipes.text import join_text
from labeling.counting import CountOf
from labeling.models import RARE_REASONS, Annotation, Item, Project, Split, Task
from labeling.models.resolution import ResolutionMethod

BY_DECISION = frozenset({ResolutionMethod.ADJUDICATION, ResolutionMethod.IMPORTED})


@dataclass(frozen=True)
class LabeledItem:
    """A resolved item as it stands, and what it may be used for.

    `agreeing`: how many of its votes are for its label. `trained`: an earlier snapshot trained on
    it. `drawn`: people saw it by chance alone and not because of what a model said of it, so it may
    stand for the data at large. `picked`: a person chose it for the gold holdout.
    """

    item_id: int
    external_id: str
    title: str
    body: str
    split: str
    label: str
    method: str
    votes: int
    agreeing: int
    trained: bool
    drawn: bool
    picked: bool

    @property
    def text(self) -> str:
        """What a recipe sees of it."""
        return join_text(self.title, self.body)

    @property
    def held_out(self) -> bool:
        """Whether it is in the gold holdout."""
        return self.split == Split.HOLDOUT

    @property
    def weight(self) -> float:
        """How much it counts in training: the share of the votes that its label has, above 0.

        What somebody decided outranks the votes and counts in full.
        """
        if self.method in BY_DECISION or not self.votes:
            return 1.0
        return min(max(self.agreeing, 1) / self.votes, 1.0)


def labeled_items(project: Project) -> list[LabeledItem]:
    """Return a project's resolved items, ordered by external id."""
    for_the_label = Annotation.objects.live().filter(
        item=OuterRef("pk"), label=OuterRef("resolution__label")
    )
    rows = (
        Item.objects.filter(project=project, resolution__isnull=False)
        .annotate(
            item_id=F("pk"),
            label=F("resolution__label__name"),
            method=F("resolution__method"),
            votes=F("resolution__votes"),
            agreeing=CountOf(for_the_label),
            trained=Exists(trained_on()),
            drawn=~Exists(looks_for_a_model()),
            picked=Q(gold_pick__isnull=False),
        )
        .order_by("external_id")
        .values(*LabeledItem.__dataclass_fields__)
    )
    return [LabeledItem(**row) for row in rows]


def trained_on() -> QuerySet[SnapshotRow]:
    """Return the rows by which snapshots train on the item of the query around it."""
    return SnapshotRow.objects.filter(item=OuterRef("pk"), split=RowUse.POOL)


def looks_for_a_model() -> QuerySet[Task]:
    """Return the tasks that the item of the query around it got because of a model."""
    # Audits are drawn by chance, but only from what a model was sure of.
    led = Q(suggestion__isnull=False) | Q(reason__in=RARE_REASONS) | chosen_or_passed_over()
    return Task.objects.filter(led & ~DRAWN, item=OuterRef("pk"))
