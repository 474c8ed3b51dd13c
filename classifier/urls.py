"""Pages of models, training, evaluation and rollout, below a project."""

from django.urls import include, path

from classifier.views import (
    answers,
    artifacts,
    batches,
    behaviour,
    card,
    compare,
    evaluation,
    gate,
    learning,
    models,
    priorities,
    promise,
    rollout,
    runs,
    slices,
    snapshots,
    suspects,
    trials,
    why,
)

urlpatterns = [
    path(
        "p/<slug:slug>/",
        include(
            [
                *models.urlpatterns,
                *runs.urlpatterns,
                *snapshots.urlpatterns,
                *artifacts.urlpatterns,
                *evaluation.urlpatterns,
                *answers.urlpatterns,
                *behaviour.urlpatterns,
                *compare.urlpatterns,
                *card.urlpatterns,
                *learning.urlpatterns,
                *suspects.urlpatterns,
                *why.urlpatterns,
                *slices.urlpatterns,
                *rollout.urlpatterns,
                *gate.urlpatterns,
                *priorities.urlpatterns,
                *promise.urlpatterns,
                *trials.urlpatterns,
                *batches.urlpatterns,
            ]
        ),
    )
]
