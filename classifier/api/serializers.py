"""What runs and models look like over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classifier.models import DatasetSnapshot, Evaluation, ModelVersion, TrainingRun


class SnapshotSerializer(serializers.ModelSerializer[DatasetSnapshot]):
    """The frozen data behind a run or a model."""

    class Meta:
        model = DatasetSnapshot
        fields: ClassVar[tuple[str, ...]] = (
            "number",
            "hash",
            "labels",
            "training_rows",
            "holdout_rows",
            "near_duplicates",
            "created_at",
        )


class RunSerializer(serializers.ModelSerializer[TrainingRun]):
    """A training run, its progress and what came of it."""

    snapshot = SnapshotSerializer(read_only=True, allow_null=True)
    created_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    models = serializers.SerializerMethodField(help_text="Numbers of the models that it made.")

    class Meta:
        model = TrainingRun
        fields: ClassVar[tuple[str, ...]] = (
            "number",
            "state",
            "stage",
            "done",
            "total",
            "attempt",
            "failure",
            "recipes",
            "snapshot",
            "models",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
        )

    def get_models(self, run: TrainingRun) -> list[int]:
        """Return the numbers of the run's models, in the order they were trained."""
        return sorted(model.number for model in run.model_versions.all())


class RunDetailSerializer(RunSerializer):
    """A training run with its log."""

    class Meta(RunSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*RunSerializer.Meta.fields, "log")


class RetrainSerializer(serializers.Serializer[Any]):
    """What to train."""

    recipes = serializers.DictField(
        child=serializers.DictField(child=serializers.JSONField()),
        required=False,
        help_text="Recipe name to the parameters that differ from its defaults; "
        "left out: `keywords` and `linear`.",
    )


class EstimateSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ModelSerializer(serializers.ModelSerializer[ModelVersion]):
    """A model, where it stands, and its main figure."""

    run = serializers.IntegerField(source="run.number", read_only=True)
    snapshot = SnapshotSerializer(read_only=True)
    approved_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    weighted_f1 = serializers.SerializerMethodField()
    gate_passed = serializers.BooleanField(source="evaluation.passed", read_only=True)

    class Meta:
        model = ModelVersion
        fields: ClassVar[tuple[str, ...]] = (
            "number",
            "recipe",
            "stage",
            "run",
            "snapshot",
            "weighted_f1",
            "gate_passed",
            "overrode_gate",
            "approved_by",
            "approved_at",
            "approval_comment",
            "artifact_hash",
            "train_seconds",
            "created_at",
        )

    @extend_schema_field(EstimateSerializer)
    def get_weighted_f1(self, model: ModelVersion) -> dict[str, float]:
        """Return the weighted F1 on the holdout with its interval."""
        figure: dict[str, float] = model.evaluation.overall["weighted_f1"]
        return figure


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    """The figures of a model on the gold holdout."""

    champion = serializers.IntegerField(
        source="champion.number",
        read_only=True,
        default=None,
        allow_null=True,
        help_text="Number of the model that it was compared with.",
    )

    class Meta:
        model = Evaluation
        fields: ClassVar[tuple[str, ...]] = (
            "rows",
            "champion",
            "passed",
            "checks",
            "overall",
            "per_class",
            "confusion",
            "slices",
            "calibration",
            "comparison",
            "created_at",
        )


class ModelDetailSerializer(ModelSerializer):
    """A model with its evaluation and manifest."""

    evaluation = EvaluationSerializer(read_only=True)

    class Meta(ModelSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*ModelSerializer.Meta.fields, "evaluation", "manifest")


class CommentSerializer(serializers.Serializer[Any]):
    """Why a decision was taken."""

    comment = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a model is brought back."""

    reason = serializers.CharField(max_length=2000)
