"""What labels and guidelines look like over REST."""

from typing import ClassVar

from rest_framework import serializers

from labeling.models import Guideline, Label


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
