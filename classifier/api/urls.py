"""Routes of the classifier's REST API, below a project."""

from django.urls import include, path

from classifier.api import (
    artifacts,
    batches,
    behaviour,
    compare,
    file_batches,
    gate,
    learning,
    models,
    predictions,
    priorities,
    promise,
    runs,
    slices,
    snapshots,
    suspects,
    tag,
    trials,
)

urlpatterns = [
    path(
        "projects/<slug:slug>/",
        include(
            [
                *runs.urlpatterns,
                *snapshots.urlpatterns,
                *models.urlpatterns,
                *artifacts.urlpatterns,
                *learning.urlpatterns,
                *behaviour.urlpatterns,
                *compare.urlpatterns,
                *suspects.urlpatterns,
                *slices.urlpatterns,
                *tag.urlpatterns,
                *batches.urlpatterns,
                *file_batches.urlpatterns,
                *trials.urlpatterns,
                *predictions.urlpatterns,
                *gate.urlpatterns,
                *priorities.urlpatterns,
                *promise.urlpatterns,
            ]
        ),
    )
]
