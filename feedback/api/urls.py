"""Routes of the feedback REST API, below a project."""

from django.urls import include, path

from feedback.api import predictions, reports

urlpatterns = [
    path("projects/<slug:slug>/", include([*predictions.urlpatterns, *reports.urlpatterns]))
]
