"""Routes of the feedback REST API, below a project."""

from django.urls import include, path

from feedback.api import (
    annotations,
    drift,
    online,
    predictions,
    reports,
    routing,
    triggers,
    webhooks,
)

CALLS = [
    *annotations.urlpatterns,
    *drift.urlpatterns,
    *online.urlpatterns,
    *predictions.urlpatterns,
    *reports.urlpatterns,
    *routing.urlpatterns,
    *triggers.urlpatterns,
    *webhooks.urlpatterns,
]

urlpatterns = [path("projects/<slug:slug>/", include(CALLS))]
