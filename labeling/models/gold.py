"""Which items of the gold holdout a person chose."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from labeling.models.item import Item


class GoldPick(models.Model):
    """That a person chose an item for the gold holdout, so that it was not drawn at random.

    It measures models and annotators like any other, but proves no promise about texts that
    nobody chose.
    """

    item = models.OneToOneField(
        Item, on_delete=models.CASCADE, primary_key=True, related_name="gold_pick"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"gold pick {self.item_id}"
