"""The content that is labeled, and how it came in."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Abs
from django.utils import timezone

from labeling.models.imports import ImportJob
from labeling.models.project import Project

DRAWS = 2**28


class Split(models.TextChoices):
    """What an item is for."""

    POOL = "pool", "pool"
    HOLDOUT = "holdout", "gold holdout"


class ItemStatus(models.TextChoices):
    """Whom or what an item waits for. Derived from its tasks, label and decisions."""

    WAITING = "waiting", "waiting for annotators"
    REVIEW = "review", "waiting for a reviewer"
    LABELED = "labeled", "labeled"
    OUT_OF_SCOPE = "out_of_scope", "out of scope"
    IDLE = "idle", "no task"


class Deletion(models.Model):
    """Items that somebody removed together. They stay stored, so that they can come back."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="deletions")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    restored_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="How many items.")
    in_review = models.JSONField(
        default=list, blank=True, help_text="Ids of their tasks that waited for a reviewer."
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"deletion {self.pk}"


class PresentItems(models.Manager["Item"]):
    """The items that nobody has deleted."""

    def get_queryset(self) -> models.QuerySet["Item"]:
        """Leave the deleted ones out."""
        return super().get_queryset().filter(deletion=None)


class Item(models.Model):
    """A title and a body that want a label.

    `status`, `vote_count` and `agreement` are derived (see `labeling.status`), so that a list can
    filter by them at any size; `confidence` is noted by whoever suggests labels.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=1000)
    body = models.TextField(blank=True)
    url = models.URLField(max_length=2000, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    text_hash = models.CharField(max_length=64)
    draw = models.PositiveIntegerField(
        help_text="A number below 2^28 that is uniform over texts: the first bits of the hash."
    )
    split = models.CharField(max_length=10, choices=Split, default=Split.POOL)
    import_job = models.ForeignKey(
        ImportJob, null=True, on_delete=models.SET_NULL, related_name="items", db_index=False
    )
    created_at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=12, choices=ItemStatus, default=ItemStatus.IDLE)
    vote_count = models.PositiveSmallIntegerField(default=0, help_text="Answers that count.")
    agreement = models.FloatField(
        null=True, help_text="Share of the votes that the leading label has; none below two votes."
    )
    confidence = models.FloatField(
        null=True, help_text="How sure the newest suggestion was; none without one."
    )
    deletion = models.ForeignKey(
        Deletion,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="items",
        db_index=False,
    )

    objects = PresentItems()
    with_deleted = models.Manager()  # noqa: DJ012 (the rule takes it for a field)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "external_id"], name="item_external_id_once_per_project"
            ),
            models.UniqueConstraint(
                fields=["project", "text_hash"], name="item_text_once_per_project"
            ),
        )
        # Each list of items is read from one of these, in the order of its pages. Most are
        # partial, so that an import writes into few of them.
        indexes = (
            models.Index(fields=["project", "-id"], name="item_newest"),
            # With the deletion in it, items are counted without reading them.
            models.Index(fields=["project", "deletion", "status", "-id"], name="item_by_status"),
            models.Index(fields=["project", "created_at"], name="item_by_date"),
            models.Index(fields=["import_job", "-id"], name="item_by_import"),
            models.Index(
                fields=["project", "-id"],
                condition=~models.Q(status="labeled"),
                name="item_unlabeled",
            ),
            models.Index(
                fields=["project", "deletion", "-id"],
                condition=models.Q(split="holdout"),
                name="item_holdout",
            ),
            models.Index(
                fields=["project", "-id"],
                condition=models.Q(agreement__isnull=False),
                name="item_compared",
            ),
            models.Index(
                fields=["project", "-id"], condition=models.Q(agreement=1.0), name="item_agreed"
            ),
            models.Index(
                fields=["project", "-id"],
                condition=models.Q(agreement__lt=1.0),
                name="item_disagreed",
            ),
            models.Index(
                fields=["project", "-id", "confidence"],
                condition=models.Q(confidence__isnull=False),
                name="item_by_confidence",
            ),
            models.Index(
                "project",
                Abs("confidence"),
                condition=models.Q(confidence__isnull=False),
                name="item_confidence",
            ),
            models.Index(
                fields=["deletion"], condition=models.Q(deletion__isnull=False), name="item_deleted"
            ),
        )

    def __str__(self) -> str:
        return self.title


class Match(models.Lookup[bool]):
    """The full text condition; on SQLite its subject is the table as such."""

    lookup_name = "exact"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return `table MATCH query`."""
        query, values = self.process_rhs(compiler, connection)
        column, _ = self.process_lhs(compiler, connection)
        return f"{column} MATCH {query}", tuple(values)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return `vector @@ query`."""
        query, values = self.process_rhs(compiler, connection)
        column, _ = self.process_lhs(compiler, connection)
        return f"{column} @@ to_tsquery('simple', {query})", tuple(values)


class MatchField(models.TextField):  # type: ignore[type-arg]
    """What is searched: the hidden column that SQLite's full text table has under its own name.

    On PostgreSQL a column of that name holds the vector of words.
    """


MatchField.register_lookup(Match)


class ItemText(models.Model):
    """The words of an item, away from it: else each of its changes would index them again."""

    item = models.OneToOneField(
        Item,
        on_delete=models.DO_NOTHING,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        related_name="text",
    )
    match = MatchField(db_column="labeling_itemtext")

    class Meta:
        managed = False
        db_table = "labeling_itemtext"

    def __str__(self) -> str:
        return f"text of item {self.pk}"
