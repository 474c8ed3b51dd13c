"""What reviewers would change in the guideline."""

from django.conf import settings
from django.db import models

from labeling.models.item import Item
from labeling.models.project import Project


class ProposalState(models.TextChoices):
    """Where a proposal stands."""

    OPEN = "open", "open"
    TAKEN = "taken", "taken"
    DECLINED = "declined", "declined"


class GuidelineProposal(models.Model):
    """A change of the guideline that somebody proposes, with the item that showed its need."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at=None)
                | ~models.Q(state="open") & models.Q(decided_at__isnull=False),
                name="proposal_decided_has_time",
            ),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk}"
