"""What imports look like over REST."""

from typing import Any, ClassVar

from rest_framework import serializers

from labeling.models import ImportJob


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
