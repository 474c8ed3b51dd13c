"""Why looks are wanted from people."""

from django.db import models


class TaskReason(models.TextChoices):
    """Why a human look is wanted."""

    NEW = "new", "new item"
    LOW_CONFIDENCE = "low_confidence", "low confidence"
    REPORT = "report", "reported as wrong"
    AUDIT = "audit", "audit"
    GOLD = "gold", "check against a gold label"
    REPEAT = "repeat", "check against the own earlier answer"
    SUSPECT_LABEL = "suspect_label", "suspected label"
    DRIFT = "drift", "drift"
    WEAK_SLICE = "weak_slice", "weak slice"


# These look at the annotator, not at the item: what comes of them changes nothing of the item.
CHECKS = (TaskReason.GOLD, TaskReason.REPEAT)
ASKED = [(reason.value, reason.label) for reason in TaskReason if reason not in CHECKS]
# Above all others: a check that came back is given again before anything else.
CHECK_PRIORITY = 32_767
RARE_REASONS = (
    TaskReason.LOW_CONFIDENCE,
    TaskReason.REPORT,
    TaskReason.AUDIT,
    TaskReason.SUSPECT_LABEL,
    TaskReason.DRIFT,
    TaskReason.WEAK_SLICE,
)
