"""What runs and models look like over REST."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from classifier.models import DatasetSnapshot, Evaluation, ModelVersion, TrainingRun
from classifier.retrain import LARGEST_SEED, LONGEST_SEARCH
from classifier.run_figures import seconds_left
from classifier.verdict import gate_word


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
    status = serializers.CharField(
        read_only=True,
        help_text="queued, snapshotting, training, evaluating, succeeded, failed or cancelled.",
    )
    seconds_left = serializers.SerializerMethodField(
        help_text="An estimate by the pace so far; none while there is no pace to speak of."
    )

    class Meta:
        model = TrainingRun
        fields: ClassVar[tuple[str, ...]] = (
            "number",
            "state",
            "status",
            "stage",
            "recipe",
            "done",
            "total",
            "seconds_left",
            "attempt",
            "failure",
            "recipes",
            "seed",
            "search_seconds",
            "found",
            "device",
            "memory_mb",
            "device_memory_mb",
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

    def get_seconds_left(self, run: TrainingRun) -> int | None:
        """Return the time left, in seconds."""
        return seconds_left(run)


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
    seed = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=LARGEST_SEED,
        help_text="The same snapshot, recipe and seed give the same model on a CPU.",
    )
    search_seconds = serializers.IntegerField(
        required=False,
        default=0,
        min_value=0,
        max_value=LONGEST_SEARCH,
        help_text="How long better parameters are searched for each recipe; 0: not at all.",
    )


class CurveSerializer(serializers.Serializer[Any]):
    """A figure over a recipe's training; points are [share of the training done, value]."""

    recipe = serializers.CharField()
    part = serializers.CharField(help_text="The check by folds that it is of; empty: the model.")
    name = serializers.CharField()
    points = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))


class MetricsSerializer(serializers.Serializer[Any]):
    """The curves of a run."""

    status = serializers.CharField()
    curves = CurveSerializer(many=True)


class EstimateSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class ApprovedPastSerializer(serializers.Serializer[Any]):
    """A check that had not passed when a model was approved."""

    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["fail", "not_enough_data"])


class ModelSerializer(serializers.ModelSerializer[ModelVersion]):
    """A model, where it stands, and its main figure."""

    run = serializers.IntegerField(source="run.number", read_only=True)
    snapshot = SnapshotSerializer(read_only=True)
    approved_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    weighted_f1 = serializers.SerializerMethodField()
    gate_passed = serializers.BooleanField(source="evaluation.passed", read_only=True)
    gate = serializers.SerializerMethodField(help_text="passed, failed or not enough data.")
    approved_past = ApprovedPastSerializer(
        many=True, read_only=True, help_text="What had not passed when it was approved."
    )

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
            "gate",
            "overrode_gate",
            "approved_past",
            "approved_by",
            "approved_at",
            "approval_comment",
            "artifact_hash",
            "train_seconds",
            "created_at",
        )

    def get_gate(self, model: ModelVersion) -> str:
        """Return what the gate said in words."""
        return gate_word(model.evaluation)

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
            "limits",
            "latency_ms",
            "overall",
            "per_class",
            "confusion",
            "slices",
            "found_slices",
            "behaviour",
            "calibration",
            "risk_coverage",
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
