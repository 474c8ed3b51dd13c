"""How annotators agree, and on what they do not, over REST."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import path
from rest_framework import serializers

from labeling.api.quality import AgreementSerializer
from labeling.api.quality_file import TableView, described
from labeling.models import ItemStatus, Label, Role
from labeling.quality import Answer, newest_answers
from labeling.quality_agreement import (
    coefficients_of,
    guidelines_of,
    labels_of,
    pairs_of,
    sources_of,
    weeks_of,
)
from labeling.quality_confusion import confusion_of, finished_votes
from labeling.quality_worst import WORST_SHOWN, WorstRow, disputed_of, rows_of
from labeling.statistics.agreement import Coefficient


class CoefficientSerializer(serializers.Serializer[Any]):
    """One coefficient over all labels."""

    coefficient = serializers.ChoiceField(choices=[str(one) for one in Coefficient])
    agreement = AgreementSerializer(source="found")


class LabelAgreementSerializer(serializers.Serializer[Any]):
    """One label's agreement."""

    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    votes = serializers.IntegerField(
        source="found.votes", help_text="For the label, on items with two votes or more."
    )
    alpha = AgreementSerializer(source="found.alpha", help_text="The label against the rest.")
    specific = AgreementSerializer(
        source="found.specific", help_text="Share of the item's other votes that say the same."
    )


class PairSerializer(serializers.Serializer[Any]):
    """Two annotators' agreement."""

    first = serializers.CharField()
    second = serializers.CharField()
    kappa = AgreementSerializer(help_text="Cohen's.")


class GroupSerializer(serializers.Serializer[Any]):
    """The agreement among some of the votes."""

    votes = serializers.IntegerField()
    alpha = AgreementSerializer()


class WeekSerializer(GroupSerializer):
    """The agreement on the items whose newest vote was given in a week."""

    week = serializers.DateField(source="key", help_text="Its Monday.")


class VersionAgreementSerializer(GroupSerializer):
    """The agreement among votes under a version of the guideline."""

    version = serializers.IntegerField(source="key")


class SourceSerializer(GroupSerializer):
    """The agreement on the items of a source."""

    origin = serializers.CharField(
        source="key", allow_blank=True, help_text="A file's name, or REST; empty if not recorded."
    )


class MixedSerializer(serializers.Serializer[Any]):
    """How often an annotator gave a label to items that have this one."""

    annotator = serializers.CharField(source="username")
    given = serializers.CharField(source="given.name")
    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    count = serializers.IntegerField()


class WorstSerializer(serializers.Serializer[Any]):
    """An item that got different labels."""

    item = serializers.IntegerField(source="item.pk")
    external_id = serializers.CharField(source="item.external_id")
    title = serializers.CharField(source="item.title")
    status = serializers.ChoiceField(choices=ItemStatus.choices, source="item.status")
    label = serializers.CharField(  # type: ignore[assignment]
        source="item.resolution.label.name", default=None, allow_null=True
    )
    votes = serializers.IntegerField(source="disputed.total")
    against = serializers.IntegerField(
        source="disputed.against", help_text="Votes that differ from the leading label."
    )
    by_label = serializers.SerializerMethodField(
        help_text="Votes by label; empty while annotators may still be asked for theirs."
    )

    def get_by_label(self, row: WorstRow) -> dict[str, int]:
        """Return the votes by label, the leading one first."""
        return {label.name: count for label, count in row.votes}


class AnswersView(TableView):
    """A table of the newest answers."""

    def read(self) -> tuple[list[Answer], list[Label]]:
        """Return the answers, and the project's labels."""
        return newest_answers(self.access.project), list(self.access.project.labels.all())


@described("quality_coefficients_list", CoefficientSerializer)
class CoefficientsView(AnswersView):
    """Percent agreement, Krippendorff's alpha, Fleiss' kappa and Gwet's AC1 with intervals."""

    name = "coefficients"
    row = CoefficientSerializer

    def rows(self) -> Sequence[Any]:
        """Return the four."""
        return coefficients_of(*self.read())


@described("quality_labels_list", LabelAgreementSerializer)
class LabelsView(AnswersView):
    """Agreement on each label, in the order of the labels."""

    name = "labels"
    row = LabelAgreementSerializer

    def rows(self) -> Sequence[Any]:
        """Return a row for each label."""
        return labels_of(*self.read())


@described("quality_pairs_list", PairSerializer)
class PairsView(AnswersView):
    """Cohen's kappa of the 100 pairs of annotators who share most items."""

    name = "pairs"
    row = PairSerializer

    def rows(self) -> Sequence[Any]:
        """Return the most shared first."""
        return pairs_of(*self.read())


@described("quality_weeks_list", WeekSerializer)
class WeeksView(AnswersView):
    """Alpha of each week with votes, at most the newest 26, the oldest first."""

    name = "weeks"
    row = WeekSerializer

    def rows(self) -> Sequence[Any]:
        """Return a row for each week."""
        return weeks_of(*self.read())


@described("quality_guidelines_list", VersionAgreementSerializer)
class GuidelinesView(AnswersView):
    """Alpha under each version of the guideline, the newest first."""

    name = "guidelines"
    row = VersionAgreementSerializer

    def rows(self) -> Sequence[Any]:
        """Return a row for each version with votes."""
        return guidelines_of(self.access.project, *self.read())


@described("quality_sources_list", SourceSerializer)
class SourcesView(AnswersView):
    """Alpha on the items of each source, the 50 with most votes."""

    name = "sources"
    row = SourceSerializer

    def rows(self) -> Sequence[Any]:
        """Return a row for each source with votes."""
        return sources_of(self.access.project, *self.read())


@described("quality_confusion_list", MixedSerializer)
class ConfusionView(AnswersView):
    """Votes against their items' labels; an annotator's own alone."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}
    name = "confusion"
    row = MixedSerializer

    def rows(self) -> Sequence[Any]:
        """Return the counts above 0."""
        answers, labels = self.read()
        return confusion_of(finished_votes(answers, self.access), labels)


@described("quality_worst_list", WorstSerializer)
class WorstView(AnswersView):
    """The 500 items that got the most different labels, the most disputed first."""

    name = "worst"
    row = WorstSerializer

    def rows(self) -> Sequence[Any]:
        """Return the disputed items."""
        answers, labels = self.read()
        return rows_of(self.access.project, disputed_of(answers)[:WORST_SHOWN], labels)


VIEWS = {
    "coefficients": CoefficientsView,
    "labels": LabelsView,
    "pairs": PairsView,
    "weeks": WeeksView,
    "guidelines": GuidelinesView,
    "sources": SourcesView,
    "confusion": ConfusionView,
    "worst": WorstView,
}
urlpatterns = [
    path(f"projects/<slug:slug>/quality/{name}/", view.as_view(), name=f"api-quality-{name}")
    for name, view in VIEWS.items()
]
