"""What looks and the answers to them look like over REST."""

import math
from typing import Any, ClassVar

from rest_framework import serializers

from labeling.api.serializers.items import ItemTextSerializer
from labeling.api.serializers.labels import LabelSerializer
from labeling.models import SKIP_REASONS, AfterSkip, Assignment, Task, TaskReason
from labeling.queue import AT_ONCE, TAB_LIMIT

NOTE_LIMIT = 2000


class SuggestionSerializer(serializers.ModelSerializer[Task]):
    """What a model thinks."""

    label = serializers.CharField(source="suggestion.name")  # type: ignore[assignment]
    confidence = serializers.FloatField(source="suggestion_confidence", allow_null=True)
    source = serializers.CharField(source="suggestion_source")  # type: ignore[assignment]

    class Meta:
        model = Task
        fields: ClassVar[tuple[str, ...]] = ("label", "confidence", "source")


class OpinionSerializer(serializers.Serializer[Any]):
    """What a model thinks, as a reviewer asked for it."""

    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    confidence = serializers.FloatField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]


class HeldSerializer(serializers.ModelSerializer[Assignment]):
    """A look that the caller holds, with what it takes to answer it."""

    item = ItemTextSerializer(source="task.item")
    reason = serializers.SerializerMethodField(
        help_text="Why it is wanted. A blind look does not tell: it always says `new`."
    )
    suggestion = serializers.SerializerMethodField(help_text="Null also where it is kept back.")
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
        """Return the suggestion of a task, where its annotators may have one."""
        if look.task.offered is None:
            return None
        return dict(SuggestionSerializer(look.task).data)


class LookSerializer(HeldSerializer):
    """A look, and those that were leased ahead."""

    ahead = HeldSerializer(
        many=True, read_only=True, required=False, help_text="Only where some were asked for."
    )

    class Meta(HeldSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*HeldSerializer.Meta.fields, "ahead")


class TabSerializer(serializers.Serializer[Any]):
    """Where the caller works: each tab holds looks of its own."""

    tab = serializers.CharField(max_length=TAB_LIMIT, required=False, allow_blank=True, default="")


class AheadSerializer(TabSerializer):
    """How many looks are wanted."""

    ahead = serializers.IntegerField(
        min_value=0, max_value=AT_ONCE - 1, required=False, default=0, help_text="Besides the next."
    )


class UndoSerializer(TabSerializer):
    """Which answer is taken back."""

    assignment_id = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Left out: the newest."
    )


class LastAnswerSerializer(serializers.Serializer[Any]):
    """One of the caller's newest answers."""

    assignment_id = serializers.IntegerField(source="annotation.assignment_id")
    item = serializers.IntegerField(source="annotation.item_id")
    title = serializers.CharField(source="annotation.item.title")
    label = serializers.CharField(source="annotation.label.name")  # type: ignore[assignment]
    flagged = serializers.BooleanField(source="annotation.flagged")
    created_at = serializers.DateTimeField(source="annotation.created_at")
    obstacle = serializers.CharField(help_text="Why it can't be taken back; empty where it can.")


class NoWorkSerializer(serializers.Serializer[Any]):
    """Why nothing waits for the caller."""

    title = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    hints = serializers.ListField(
        child=serializers.CharField(), help_text="What could bring some; for managers."
    )


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
    flagged = serializers.BooleanField(
        required=False, default=False, help_text="Send the item to a reviewer in any case."
    )

    def validate_seconds(self, value: float | None) -> float | None:
        """Refuse what is no number."""
        if value is not None and not math.isfinite(value):
            raise serializers.ValidationError("It must be a finite number.")
        return value


class SkipSerializer(TokenSerializer):
    """Why a look is passed on."""

    reason = serializers.ChoiceField(choices=list(SKIP_REASONS))
    note = serializers.CharField(
        max_length=NOTE_LIMIT, required=False, allow_blank=True, default=""
    )


class NextSerializer(serializers.Serializer[Any]):
    """The look that the caller holds now."""

    next = HeldSerializer(allow_null=True)


class SkippedSerializer(NextSerializer):
    """Whom the skipped item went to."""

    went_to = serializers.ChoiceField(choices=AfterSkip.choices)


class LessonSerializer(serializers.Serializer[Any]):
    """How an answer to a gold item compares."""

    right = serializers.BooleanField()
    label = serializers.CharField(source="expected.name")  # type: ignore[assignment]
    about = serializers.CharField(help_text="What its label means, by label and guideline.")
    note = serializers.CharField(help_text="What was said when it was decided.")


class AnsweredSerializer(NextSerializer):
    """What was stored, and the look that the caller holds now."""

    annotation = serializers.IntegerField(help_text="Id of the stored answer.")
    label = serializers.CharField()  # type: ignore[assignment]
    lesson = LessonSerializer(
        allow_null=True, help_text="After a gold item, where the project tells; else null."
    )


class LeaseSerializer(serializers.ModelSerializer[Assignment]):
    """Until when the caller may answer."""

    class Meta:
        model = Assignment
        fields: ClassVar[tuple[str, ...]] = ("id", "lease_expires_at")
