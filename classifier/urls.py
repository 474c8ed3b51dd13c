"""Pages of models, training, evaluation and rollout, below a project."""

from django.urls import include, path

from classifier.views import answers, evaluation, models, rollout, runs

urlpatterns = [
    path(
        "p/<slug:slug>/",
        include(
            [
                *models.urlpatterns,
                *runs.urlpatterns,
                *evaluation.urlpatterns,
                *answers.urlpatterns,
                *rollout.urlpatterns,
            ]
        ),
    )
]
