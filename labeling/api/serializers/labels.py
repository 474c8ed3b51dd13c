"""What labels and guidelines look like over REST."""

from typing import ClassVar

from rest_framework import serializers

from labeling.models import Guideline, Label


class LabelSerializer(serializers.ModelSerializer[Label]):
    """One of a project's answers."""

    class Meta:
        model = Label
        fields: ClassVar[tuple[str, ...]] = ("name", "key", "description")


class ProjectLabelSerializer(LabelSerializer):
    """A label with all that annotators have beside the items."""

    examples = serializers.ListField(
        child=serializers.CharField(), source="example_list", help_text="Texts that bear it."
    )
    counterexamples = serializers.ListField(
        child=serializers.CharField(),
        source="counterexample_list",
        help_text="Texts that seem to bear it and do not.",
    )
    keywords = serializers.ListField(
        child=serializers.CharField(),
        source="keyword_list",
        help_text="Words and phrases that are marked in the text of an item.",
    )

    class Meta(LabelSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *LabelSerializer.Meta.fields,
            "examples",
            "counterexamples",
            "keywords",
        )


class GuidelineSerializer(serializers.ModelSerializer[Guideline]):
    """The version of the guideline that is in force."""

    class Meta:
        model = Guideline
        fields: ClassVar[tuple[str, ...]] = ("version", "text", "created_at")
