"""A model whose predictions are routed and reported."""

import pytest

from classifier.models import ModelVersion
from labeling.models import Project
from tests.classifier.champions import make_model


@pytest.fixture
def model(project: Project) -> ModelVersion:
    """Model 1, the champion of `project`."""
    return make_model(project)
