"""The items that people disagree on most."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.models import ItemStatus, Role
from labeling.quality import ANSWERS_READ, newest_answers
from labeling.quality_worst import WORST_SHOWN, disputed_of, rows_of
from labeling.views.items import BADGES

PAGE = 50


@require_safe
@project_page(Role.REVIEWER)
def worst(request: HttpRequest, access: Access) -> HttpResponse:
    """List the disputed items with their votes, the most disputed first."""
    labels = list(access.project.labels.all())
    disputed = disputed_of(newest_answers(access.project))
    page = Paginator(disputed[:WORST_SHOWN], PAGE).get_page(request.GET.get("page"))
    rows = rows_of(access.project, list(page.object_list), labels)
    context = {
        "answers_read": ANSWERS_READ,
        "everybody": True,
        "disputed": len(disputed),
        "shown": WORST_SHOWN,
        "rows": [(row, *BADGES[ItemStatus(row.item.status)]) for row in rows],
        "previous_url": f"?page={page.number - 1}" if page.has_previous() else "",
        "next_url": f"?page={page.number + 1}" if page.has_next() else "",
    }
    return render(request, "labeling/quality_worst.html", context)
