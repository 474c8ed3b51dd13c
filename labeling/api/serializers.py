"""What items, looks and votes look like over REST."""

import math
from typing import Any, ClassVar

from rest_framework import serializers

from labeling.models import (
    Adjudication,
    Assignment,
    Guideline,
    ImportJob,
    Item,
    Label,
    Resolution,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import SKIP_REASONS

NOTE_LIMIT = 2000


class LabelSerializer(serializers.ModelSerializer[Label]):
    """One of a project's answers."""

    class Meta:
        model = Label
        fields: ClassVar[tuple[str, ...]] = ("name", "key", "description")


class GuidelineSerializer(serializers.ModelSerializer[Guideline]):
    """The version of the guideline that is in force."""

    class Meta:
        model = Guideline
        fields: ClassVar[tuple[str, ...]] = ("version", "text", "created_at")


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

    class Meta:
        model = Resolution
        fields: ClassVar[tuple[str, ...]] = ("label", "method", "votes", "resolved_at")


class DecisionSerializer(serializers.ModelSerializer[Adjudication]):
    """A person's decision; without label it puts the item out of scope."""

    label = serializers.CharField(  # type: ignore[assignment]
        source="label.name", allow_null=True, default=None
    )
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)

    class Meta:
        model = Adjudication
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "label",
            "method",
            "comment",
            "decided_by",
            "created_at",
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


class ImportSerializer(serializers.ModelSerializer[ImportJob]):
    """One import and what became of its rows."""

    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)

    class Meta:
        model = ImportJob
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "source",
            "created_by",
            "created_at",
            "finished_at",
            "added",
            "duplicates",
            "same_id",
            "same_text",
            "refused",
        )


class ProblemSerializer(serializers.Serializer[Any]):
    """A row that was refused, and why."""

    row = serializers.IntegerField()
    field = serializers.CharField()
    reason = serializers.CharField()


class ImportDetailSerializer(ImportSerializer):
    """An import with its first 1,000 refused rows."""

    problems = ProblemSerializer(many=True)

    class Meta(ImportSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ImportSerializer.Meta.fields, "problems")


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
