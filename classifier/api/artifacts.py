"""A model's files over REST."""

from typing import ClassVar

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from classifier.download import download
from labeling.api.base import ProjectAPIView
from labeling.models import Role


class ArtifactView(ProjectAPIView):
    """The files of a model."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="models_artifact",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, number: int) -> StreamingHttpResponse:
        """Send the files with their manifest as a zip; 409 where one of them was changed."""
        model = get_object_or_404(self.access.project.model_versions, number=number)
        return download(access=self.access, model=model)


urlpatterns = [
    path("models/<int:number>/artifact/", ArtifactView.as_view(), name="api-model-artifact")
]
