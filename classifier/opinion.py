"""What reviewers are told of an item when they ask for a model's opinion."""

from classifier.models import Prediction
from labeling.models import Item
from labeling.opinion import Opinion


def opinion_of(item: Item) -> Opinion | None:
    """Return the newest prediction of an item that is stored; None where there is none."""
    predictions = Prediction.objects.filter(item=item).select_related("label", "model_version")
    newest = predictions.order_by("-created_at", "-id").first()
    if newest is None:
        return None
    source = f"model {newest.model_version.number}"
    return Opinion(newest.label, newest.confidence, source)
