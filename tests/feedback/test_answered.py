"""A decision says whom it answers."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from classifier.models import ModelVersion
from feedback.reports import report
from labeling.access import Access
from labeling.models import Project, Role, Task
from tests.classifier.predictions import make_prediction

ClientFor = Callable[[User], Client]


@pytest.mark.parametrize(("callers", "told"), [(1, "1 caller."), (2, "2 callers.")])
def test_the_review_page_counts_the_callers(
    callers: int,
    told: str,
    project: Project,
    model: ModelVersion,
    annotator: User,
    manager: User,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    prediction = make_prediction(model, "alpha", 0.95)
    for user in (annotator, manager)[:callers]:
        access = Access(project, user, Role.ANNOTATOR)
        report(access=access, prediction_id=prediction.pk, label_name="beta")
    url = f"/p/test/review/{Task.objects.get().pk}/decide/"
    response = client_for(reviewer).post(url, {"label": "beta"}, headers={"HX-Request": "true"})
    assert f"Reported back to {told}" in response.content.decode()
