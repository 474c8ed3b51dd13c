"""What looks and the answers to them look like over REST."""

import math
from typing import Any, ClassVar

from rest_framework import serializers

from labeling.api.serializers.items import ItemTextSerializer
from labeling.api.serializers.labels import LabelSerializer
from labeling.models import Assignment, Task, TaskReason
from labeling.queue import SKIP_REASONS

NOTE_LIMIT = 2000


class SuggestionSerializer(serializers.ModelSerializer[Task]):
    """What a model thinks."""

    label = serializers.CharField(source="suggestion.name")  # type: ignore[assignment]
    confidence = serializers.FloatField(source="suggestion_confidence", allow_null=True)
    source = serializers.CharField(source="suggestion_source")  # type: ignore[assignment]

    class Meta:
        model = Task
        fields: ClassVar[tuple[str, ...]] = ("label", "confidence", "source")


class LookSerializer(serializers.ModelSerializer[Assignment]):
    """A look that the caller holds, with what it takes to answer it."""

    item = ItemTextSerializer(source="task.item")
    reason = serializers.SerializerMethodField(
        help_text="Why it is wanted. A blind look does not tell: it always says `new`."
    )
    suggestion = serializers.SerializerMethodField(help_text="Always null on a blind look.")
    labels = LabelSerializer(many=True, source="task.project.labels")

    class Meta:
        model = Assignment
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "token",
            "lease_expires_at",
            "item",
            "reason",
            "suggestion",
            "labels",
        )

    def get_reason(self, look: Assignment) -> str:
        """Return the task's reason, unless it would hint at what is expected."""
        return TaskReason.NEW if look.task.blind else TaskReason(look.task.reason)

    def get_suggestion(self, look: Assignment) -> dict[str, Any] | None:
        """Return the suggestion of a task that has one and is not blind."""
        if look.task.blind or look.task.suggestion is None:
            return None
        return dict(SuggestionSerializer(look.task).data)


class TokenSerializer(serializers.Serializer[Any]):
    """The secret of the caller's lease."""

    token = serializers.CharField(max_length=32)


class AnswerSerializer(TokenSerializer):
    """An answer to a look."""

    label = serializers.CharField(  # type: ignore[assignment]
        max_length=80, trim_whitespace=False, source="label_name"
    )
    idempotency_key = serializers.CharField(
        max_length=64, help_text="New for each answer; sent again, it changes nothing."
    )
    seconds = serializers.FloatField(min_value=0, required=False, allow_null=True)
    note = serializers.CharField(
        max_length=NOTE_LIMIT, required=False, allow_blank=True, default=""
    )

    def validate_seconds(self, value: float | None) -> float | None:
        """Refuse what is no number."""
        if value is not None and not math.isfinite(value):
            raise serializers.ValidationError("It must be a finite number.")
        return value


class SkipSerializer(TokenSerializer):
    """Why a look is passed on."""

    reason = serializers.ChoiceField(choices=list(SKIP_REASONS))


class NextSerializer(serializers.Serializer[Any]):
    """The look that the caller holds now."""

    next = LookSerializer(allow_null=True)


class AnsweredSerializer(NextSerializer):
    """What was stored, and the look that the caller holds now."""

    annotation = serializers.IntegerField(help_text="Id of the stored answer.")
    label = serializers.CharField()  # type: ignore[assignment]


class LeaseSerializer(serializers.ModelSerializer[Assignment]):
    """Until when the caller may answer."""

    class Meta:
        model = Assignment
        fields: ClassVar[tuple[str, ...]] = ("id", "lease_expires_at")
