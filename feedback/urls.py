"""Pages of what becomes of predictions, below a project."""

from django.urls import include, path

from feedback.views import (
    annotations,
    drift,
    links,
    monitor,
    online,
    predictions,
    review,
    routing,
    triggers,
    webhooks,
)

PAGES = [
    *annotations.urlpatterns,
    *drift.urlpatterns,
    *links.urlpatterns,
    *monitor.urlpatterns,
    *online.urlpatterns,
    *predictions.urlpatterns,
    *review.urlpatterns,
    *routing.urlpatterns,
    *triggers.urlpatterns,
    *webhooks.urlpatterns,
]

urlpatterns = [*links.public, path("p/<slug:slug>/", include(PAGES))]
