"""Routes of the labeling REST API."""

import accounts.schema  # noqa: F401 (the schema of all APIs needs it registered)
from labeling.api import (
    anchoring,
    bulk,
    consensus,
    exports,
    guidelines,
    imports,
    items,
    members,
    progress,
    projects,
    quality,
    quality_people,
    quality_tables,
    reopen,
    review,
    tasks,
)

urlpatterns = [
    *projects.urlpatterns,
    *progress.urlpatterns,
    *members.urlpatterns,
    *imports.urlpatterns,
    *exports.urlpatterns,
    *bulk.urlpatterns,
    *items.urlpatterns,
    *tasks.urlpatterns,
    *review.urlpatterns,
    *reopen.urlpatterns,
    *quality.urlpatterns,
    *quality_tables.urlpatterns,
    *quality_people.urlpatterns,
    *anchoring.urlpatterns,
    *consensus.urlpatterns,
    *guidelines.urlpatterns,
]
