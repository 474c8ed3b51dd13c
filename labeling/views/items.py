"""The items of a project: the list, and the page of one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from labeling import reopen as verbs
from labeling.access import Access, project_page
from labeling.forms.items import ItemFilter
from labeling.forms.review import ReopenForm
from labeling.item_list import Found, find
from labeling.item_sheet import sheet_of
from labeling.models import Item, ItemStatus, Role
from labeling.pagination import COUNTED, KeysetPage, count_up_to, keyset
from labeling.reopen import NO_REASON
from labeling.views.refusals import RefusalsTold

# What a filter finds lies scattered, and costs more to count than the whole in its own order.
NARROWED = 1000
BADGES = {
    ItemStatus.WAITING: ("idle", "waiting"),
    ItemStatus.REVIEW: ("warn", "in review"),
    ItemStatus.LABELED: ("ok", "labeled"),
    ItemStatus.OUT_OF_SCOPE: ("info", "out of scope"),
    ItemStatus.IDLE: ("info", "no task"),
}


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the items, the newest first, as filtered."""
    form = ItemFilter(request.GET, access.project)
    found = find(access.project, form.chosen)
    page = keyset(request.GET, found.items, key=found.key)
    context = {
        "form": form,
        "chosen": form.chosen,
        "exported": urlencode(form.chosen),
        "chips": _chips(request, form),
        "page": page,
        "rows": [(item, *BADGES[ItemStatus(item.status)]) for item in page.rows],
        "manages": access.may(Role.MANAGER),
    }
    limit = NARROWED if form.chosen else COUNTED
    context |= _count(page, found, limit=limit)
    return render(request, "labeling/items.html", context)


@require_safe
@project_page(Role.REVIEWER)
def item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Show all that is known of one item."""
    items = Item.objects.select_related("resolution__label", "resolution__weighing", "import_job")
    found = get_object_or_404(items, project=access.project, pk=item_id)
    return render(request, "labeling/item.html", {"sheet": sheet_of(found, access.user)})


@require_POST
@project_page(Role.REVIEWER)
def reopen(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Let the decision on an item stand no longer, and show the item again."""
    get_object_or_404(Item, project=access.project, pk=item_id)
    form = ReopenForm(request.POST)
    if not form.is_valid():
        messages.error(request, NO_REASON)
        return redirect("item", access.project.slug, item_id)
    with RefusalsTold(request):
        verbs.reopen(project=access.project, user=access.user, item_id=item_id, **form.cleaned_data)
        messages.success(request, "Reopened: the item waits for a reviewer again.")
    return redirect("item", access.project.slug, item_id)


def _count(page: KeysetPage[Item], found: Found, *, limit: int) -> dict[str, Any]:
    """Return how many items there are; one page that is all of them needs no further query."""
    if not page.next_url and not page.previous_url:
        return {"count": len(page.rows), "more": False}
    count, more = count_up_to(found.items, key=found.key, limit=limit)
    return {"count": count, "more": more}


def _chips(request: HttpRequest, form: ItemFilter) -> list[tuple[str, str, str]]:
    """Return title, value and the address without it, of each value that filters."""
    chips = []
    for name, title, value in form.chips:
        rest = request.GET.copy()
        for gone in (name, "before", "after", "last"):
            rest.pop(gone, None)
        chips.append((title, value, f"?{rest.urlencode()}"))
    return chips
