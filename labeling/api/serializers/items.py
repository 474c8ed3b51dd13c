"""What items and the evidence for their labels look like over REST."""

from typing import Any, ClassVar

from rest_framework import serializers

from labeling.models import Adjudication, Item, Resolution, TaskState


class ItemTextSerializer(serializers.ModelSerializer[Item]):
    """What an annotator sees of an item."""

    class Meta:
        model = Item
        fields: ClassVar[tuple[str, ...]] = ("id", "title", "body", "url")


class ItemSerializer(serializers.ModelSerializer[Item]):
    """An item, its label, and whom it waits for."""

    label = serializers.CharField(  # type: ignore[assignment]
        source="resolution.label.name", allow_null=True, default=None
    )
    method = serializers.CharField(source="resolution.method", allow_null=True, default=None)
    waits = serializers.ChoiceField(
        choices=[TaskState.OPEN.value, TaskState.REVIEW.value],
        allow_null=True,
        source="task_state",
        help_text="`open`: for annotators; `review`: for a reviewer; null: for nobody.",
    )

    class Meta:
        model = Item
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "external_id",
            "title",
            "body",
            "url",
            "metadata",
            "split",
            "label",
            "method",
            "waits",
            "created_at",
        )


class ResolutionSerializer(serializers.ModelSerializer[Resolution]):
    """An item's current label and how it was reached."""

    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    weights = serializers.IntegerField(
        source="weighing.number",
        allow_null=True,
        default=None,
        help_text="The version by which votes were weighed; null where they were not.",
    )

    class Meta:
        model = Resolution
        fields: ClassVar[tuple[str, ...]] = (
            "label",
            "method",
            "votes",
            "confidence",
            "weights",
            "resolved_at",
        )


class DecisionSerializer(serializers.ModelSerializer[Adjudication]):
    """A person's decision; without label it puts the item out of scope."""

    label = serializers.CharField(  # type: ignore[assignment]
        source="label.name", allow_null=True, default=None
    )
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)
    reopened_at = serializers.DateTimeField(
        source="reopening.created_at",
        allow_null=True,
        default=None,
        help_text="Since when it stands no longer; null while it stands.",
    )

    class Meta:
        model = Adjudication
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "label",
            "method",
            "comment",
            "decided_by",
            "saw_opinion",
            "created_at",
            "reopened_at",
        )


class VoteSerializer(serializers.Serializer[Any]):
    """One annotator's answer."""

    annotator = serializers.CharField(source="voter")
    label = serializers.CharField(source="annotation.label.name")  # type: ignore[assignment]
    guideline = serializers.IntegerField(
        source="annotation.guideline.version",
        allow_null=True,
        default=None,
        help_text="The version that was in force.",
    )
    seconds = serializers.FloatField(source="annotation.seconds", allow_null=True)
    note = serializers.CharField(source="annotation.note")
    created_at = serializers.DateTimeField(source="annotation.created_at")
