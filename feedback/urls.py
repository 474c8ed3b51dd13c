"""Pages of what becomes of predictions, below a project."""

from django.urls import include, path

from feedback.views import monitor, predictions

urlpatterns = [
    path("p/<slug:slug>/", include([*monitor.urlpatterns, *predictions.urlpatterns])),
]
