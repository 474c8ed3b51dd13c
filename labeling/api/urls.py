"""Routes of the labeling REST API."""

import accounts.schema  # noqa: F401 (the schema of all APIs needs it registered)
from labeling.api import bulk, imports, items, members, projects, quality, review, tasks

urlpatterns = [
    *projects.urlpatterns,
    *members.urlpatterns,
    *imports.urlpatterns,
    *bulk.urlpatterns,
    *items.urlpatterns,
    *tasks.urlpatterns,
    *review.urlpatterns,
    *quality.urlpatterns,
]
