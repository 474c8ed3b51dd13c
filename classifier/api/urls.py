"""Routes of the classifier's REST API, below a project."""

from django.urls import include, path

from classifier.api import batches, models, predictions, runs, tag

urlpatterns = [
    path(
        "projects/<slug:slug>/",
        include(
            [
                *runs.urlpatterns,
                *models.urlpatterns,
                *tag.urlpatterns,
                *batches.urlpatterns,
                *predictions.urlpatterns,
            ]
        ),
    )
]
