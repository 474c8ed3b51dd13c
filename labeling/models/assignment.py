"""Single looks at tasks: who holds which, and for how long."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from labeling.models.project import Project
from labeling.models.task import Task


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
