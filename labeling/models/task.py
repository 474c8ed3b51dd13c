"""Looks wanted from people, and what people answered."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from labeling.models.item import Item
from labeling.models.project import Guideline, Label, Project
from labeling.models.reason import CHECKS, TaskReason


class TaskState(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", "waiting for annotators"
    REVIEW = "review", "waiting for a reviewer"
    CLOSED = "closed", "closed"


class Task(models.Model):
    """A human look wanted at an item. Its looks are its assignments, one row each.

    A check of an annotator is closed from the start, because the item waits for nobody: its one
    look is leased to the annotator all the same.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="tasks", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="tasks")
    reason = models.CharField(max_length=20, choices=TaskReason, default=TaskReason.NEW)
    priority = models.SmallIntegerField(default=0)
    wanted = models.PositiveSmallIntegerField(default=2, help_text="Looks wanted at first.")
    blind = models.BooleanField(default=False)
    suggestion = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    suggestion_confidence = models.FloatField(null=True)
    suggestion_source = models.CharField(max_length=60, blank=True)
    suggestion_hidden = models.BooleanField(
        default=False, db_default=False, help_text="Drawn to be kept from those who answer."
    )
    hidden_share = models.FloatField(
        null=True, help_text="With which chance it was drawn; none where nothing was drawn."
    )
    note = models.TextField(blank=True, help_text="What a report or a reviewer said.")
    rank = models.PositiveIntegerField(
        default=0, help_text="Its place among tasks of one priority: the lowest first, then the id."
    )
    reserved = models.JSONField(
        default=list, blank=True, help_text="Ids of the only people who may get it; empty: all."
    )
    checked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whom it checks.",
    )
    expected = models.ForeignKey(
        Label,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the answer to a check is compared with.",
    )
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["item"], condition=~Q(state="closed"), name="task_one_live_per_item"
            ),
            models.CheckConstraint(
                condition=Q(blind=False) | Q(suggestion=None), name="task_blind_has_no_suggestion"
            ),
            models.UniqueConstraint(
                fields=["item", "checked", "reason"],
                condition=Q(checked__isnull=False),
                name="task_check_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=["gold", "repeat"],
                    checked__isnull=False,
                    expected__isnull=False,
                    blind=True,
                    state="closed",
                )
                | ~Q(reason__in=["gold", "repeat"]) & Q(checked=None, expected=None),
                name="task_check_is_whole",
            ),
        )
        indexes = (
            models.Index(
                "project",
                F("priority").desc(),
                "id",
                condition=Q(state="review"),
                name="task_review",
            ),
            models.Index(fields=["project", "id"], condition=Q(state="open"), name="task_open"),
            models.Index(
                fields=["project", "reason", "-item"],
                condition=~Q(reason="new"),
                name="task_by_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} task {self.pk}"

    @property
    def is_check(self) -> bool:
        """Whether it looks at the annotator, not at the item."""
        return self.reason in CHECKS

    @property
    def offered(self) -> Label | None:
        """The suggestion as its annotators get it: none if blind, hidden or turned off."""
        if self.blind or self.suggestion_hidden or not self.project.suggestions_on:
            return None
        return self.suggestion

    @property
    def shown_by_chance(self) -> bool | None:
        """Whether a draw lets its annotators see the suggestion; None where no draw decides."""
        drawn = self.hidden_share is not None and self.suggestion_id is not None
        if self.blind or not drawn or not self.project.suggestions_on:
            return None
        return not self.suggestion_hidden

    @property
    def revealed(self) -> Label | None:
        """The suggestion as reviewers get it: a hidden one not before the task is closed."""
        return None if self.keeps_secret else self.suggestion

    @property
    def keeps_secret(self) -> bool:
        """Whether its suggestion is hidden from everybody, as it is still to be decided."""
        return self.suggestion_hidden and self.state != TaskState.CLOSED


class LookState(models.TextChoices):
    """Where one wanted look stands."""

    FREE = "free", "free"
    LEASED = "leased", "leased"
    DONE = "done", "done"
    SKIPPED = "skipped", "skipped"
    WITHDRAWN = "withdrawn", "withdrawn"


class Assignment(models.Model):
    """One wanted look at a task: free, leased to an annotator, or answered.

    `audience` says who may have it, as `+5,+6,-3,-17,`: only 5 and 6 (everybody, where no number
    has a plus), but not 3 and 17, who hold, gave or skipped another look at the item. Free looks
    with the same audience form a group that is ordered by an index, so a claim reads the head of
    the few groups that the caller belongs to and never scans what the caller has already done.

    `tab` tells apart the places at which one annotator works at once, such as browser tabs.
    """

    # The constraints and indexes below serve every look-up; one more index for each of these
    # keys would only slow imports.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    slot = models.PositiveSmallIntegerField()
    priority = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=LookState, default=LookState.FREE)
    rank = models.PositiveIntegerField(default=0)
    audience = models.TextField(blank=True, default="")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="assignments"
    )
    token = models.CharField(max_length=32, blank=True)
    tab = models.CharField(max_length=32, blank=True)
    leased_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    skip_reason = models.CharField(max_length=20, blank=True)
    suggestion_shown = models.BooleanField(
        null=True, help_text="Whether the suggestion was shown; none where nothing was drawn."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["task", "slot"], name="assignment_slot_once"),
            models.UniqueConstraint(
                fields=["task", "annotator"],
                condition=Q(state__in=["leased", "done"]),
                name="assignment_one_look_per_annotator",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["free", "withdrawn"], annotator=None)
                | Q(state__in=["leased", "done", "skipped"], annotator__isnull=False),
                name="assignment_holder_matches_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="leased") | Q(lease_expires_at__isnull=False) & ~Q(token=""),
                name="assignment_lease_is_whole",
            ),
        )
        indexes = (
            models.Index(
                "project",
                "audience",
                F("priority").desc(),
                "rank",
                "id",
                condition=Q(state="free"),
                name="assignment_free",
            ),
            models.Index(
                fields=["project", "lease_expires_at"],
                condition=Q(state="leased"),
                name="assignment_leased",
            ),
            models.Index(
                fields=["annotator", "project"],
                condition=Q(state="leased"),
                name="assignment_held",
            ),
            models.Index(
                fields=["annotator", "project", "-done_at"],
                condition=Q(state="done"),
                name="assignment_done",
            ),
            models.Index(
                fields=["project", "suggestion_shown"],
                condition=Q(suggestion_shown__isnull=False, state="done"),
                name="assignment_anchoring",
            ),
        )

    def __str__(self) -> str:
        return f"look {self.slot} of task {self.task_id}"

    @property
    def live(self) -> bool:
        """Whether its holder may still submit on it."""
        expires = self.lease_expires_at
        return self.state == LookState.LEASED and expires is not None and expires > timezone.now()


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """Annotations by whether they count."""

    def live(self) -> "AnnotationQuerySet":
        """Answers that nothing has superseded, without those to checks: the votes."""
        return self.current().filter(checking=False)

    def current(self) -> "AnnotationQuerySet":
        """Answers that nothing has superseded, those to checks too."""
        # Few answers supersede another. Where that is said, each is looked up in an index; as a
        # join, SQLite would build an index of its own, and PostgreSQL read the whole table.
        later = Annotation.objects.filter(
            supersedes__isnull=False, supersedes=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(later), label__isnull=False)

    def given_since(self, when: datetime) -> "AnnotationQuerySet":
        """Votes that were given here since then, without those that came in by an import."""
        return self.live().filter(imported=False, created_at__gte=when)


class Annotation(models.Model):
    """One annotator's answer. Rows are never changed: a correction or undo supersedes one.

    An undo has no label. The chain of a look is linear by constraint, so it has one live end.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="annotations")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="annotations")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="annotations")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="annotations"
    )
    label = models.ForeignKey(
        Label, null=True, on_delete=models.PROTECT, related_name="annotations"
    )
    guideline = models.ForeignKey(
        Guideline, null=True, on_delete=models.PROTECT, related_name="annotations"
    )
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="superseded_by"
    )
    idempotency_key = models.CharField(max_length=64)
    seconds = models.FloatField(null=True, help_text="Time spent looking, in seconds.")
    note = models.TextField(blank=True)
    flagged = models.BooleanField(default=False, help_text="Its giver wants a reviewer to see it.")
    imported = models.BooleanField(default=False, help_text="Given elsewhere, before it came in.")
    checking = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Given to a check of its annotator; it is no vote.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["annotator", "idempotency_key"], name="annotation_idempotent"
            ),
            models.UniqueConstraint(
                fields=["assignment", "annotator"],
                condition=Q(supersedes=None),
                name="annotation_one_chain_per_look",
            ),
        )
        indexes = (
            models.Index(fields=["project", "-id"], name="annotation_newest"),
            models.Index(
                fields=["project", "created_at", "label", "imported"],
                condition=Q(imported=False, label__isnull=False),
                name="annotation_by_date",
            ),
            models.Index(fields=["project", "annotator", "-item"], name="annotation_by_giver"),
            models.Index(
                fields=["project", "-item"], condition=Q(flagged=True), name="annotation_flagged"
            ),
            models.Index(
                fields=["project", "annotator", "id"],
                condition=Q(checking=True),
                name="annotation_checking",
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator}: {self.label or 'undone'}"
