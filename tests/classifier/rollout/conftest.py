"""A champion with a challenger beside it."""

import pytest

from classifier.models import Evaluation, ModelVersion, Stage, Trial
from classifier.rollout.trial import start_trial
from labeling.access import Access
from labeling.models import Project
from tests.classifier.champions import make_model


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """Model 1, in service."""
    return make_model(project)


@pytest.fixture
def candidate(champion: ModelVersion) -> ModelVersion:
    """Model 2, which says beta for alpha and was compared with model 1."""
    model = make_model(champion.project, stage=Stage.CANDIDATE, turned=True)
    Evaluation.objects.filter(model_version=model).update(champion=champion)
    return model


@pytest.fixture
def trial(candidate: ModelVersion, manager_access: Access) -> Trial:
    """Model 2 in shadow beside model 1."""
    return start_trial(access=manager_access, number=candidate.number)
