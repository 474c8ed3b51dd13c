"""What imports look like over REST."""

from typing import Any, ClassVar

from rest_framework import serializers

from labeling.models import ImportJob, ImportProblem

PROBLEMS_SHOWN = 1000


class ImportSerializer(serializers.ModelSerializer[ImportJob]):
    """One import and what became of its rows."""

    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)
    rows = serializers.IntegerField(source="cursor", help_text="Rows that were read.")

    class Meta:
        model = ImportJob
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "source",
            "content",
            "state",
            "stage",
            "failure",
            "format",
            "encoding",
            "done",
            "total",
            "rows",
            "created_by",
            "created_at",
            "finished_at",
            "added",
            "duplicates",
            "same_id",
            "same_text",
            "deleted",
            "refused",
        )


class ProblemSerializer(serializers.ModelSerializer[ImportProblem]):
    """A row that was refused, why, and how to mend it."""

    class Meta:
        model = ImportProblem
        fields: ClassVar[tuple[str, ...]] = ("row", "field", "reason", "fix")


class ImportDetailSerializer(ImportSerializer):
    """An import with its first 1,000 refused rows."""

    problems = serializers.SerializerMethodField()

    class Meta(ImportSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ImportSerializer.Meta.fields, "examples", "problems")

    def get_problems(self, job: ImportJob) -> list[dict[str, Any]]:
        """Return the first refused rows."""
        found = job.problems.values("row", "field", "reason", "fix")[:PROBLEMS_SHOWN]
        return [dict(problem) for problem in found]
