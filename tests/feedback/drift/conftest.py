"""A champion that learned from texts, and predictions of texts like them and unlike them."""

from collections.abc import Callable

import numpy as np
import pytest
from django.utils import timezone

from classifier.models import ModelVersion, Prediction, SnapshotRow
from feedback.drift.checking import ask_check, run_check
from feedback.models import DriftCheck
from labeling.access import Access
from tests.feedback.statistics.test_drift import NEW, texts

Say = Callable[..., list[Prediction]]
Look = Callable[[], DriftCheck]


@pytest.fixture
def champion(model: ModelVersion) -> ModelVersion:
    """Model 1, which learned from 120 texts."""
    model.approved_at = timezone.now()
    model.save(update_fields=["approved_at"])
    SnapshotRow.objects.bulk_create(
        SnapshotRow(
            snapshot=model.snapshot,
            split="pool",
            external_id=f"row-{number}",
            title=text,
            label="alpha",
            method="agreement",
        )
        for number, text in enumerate(texts(120, 1))
    )
    return model


@pytest.fixture
def say(champion: ModelVersion) -> Say:
    """Predictions of the champion; some of them of another topic."""

    def make(number: int, *, new: int = 0, seed: int = 2) -> list[Prediction]:
        label = champion.project.labels.all()[0]
        rng = np.random.default_rng(seed)
        said = texts(number - new, seed) + texts(new, seed + 1, NEW)
        return Prediction.objects.bulk_create(
            Prediction(
                project=champion.project,
                model_version=champion,
                title=text,
                label=label,
                confidence=float(rng.uniform(0.8, 1.0)),
                probabilities={},
                route="accept",
                threshold=0.8,
                source="realtime",
            )
            for text in said
        )

    return make


@pytest.fixture
def look(manager_access: Access) -> Look:
    """Asking for a check and making it."""

    def make() -> DriftCheck:
        check = ask_check(project=manager_access.project, user=manager_access.user)
        run_check(check.pk)
        check.refresh_from_db()
        return check

    return make
