"""The items of a project: the list, and the page of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.forms.items import ItemFilter
from labeling.item_list import find_items, looks_given, sheet_of
from labeling.models import Item, Role, TaskState
from labeling.pagination import keyset
from labeling.progress import item_counts, waiting


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the items, the newest first, as filtered."""
    project = access.project
    form = ItemFilter(request.GET, list(project.labels.all()))
    page = keyset(request.GET, find_items(project, form.chosen))
    looks = looks_given(page.rows)
    context = {
        "form": form,
        "chosen": form.chosen,
        "page": page,
        "rows": [(item, _state(item), looks[item.pk]) for item in page.rows],
        "counts": item_counts(project),
        "in_review": waiting(project, TaskState.REVIEW).count,
        "manages": access.may(Role.MANAGER),
    }
    return render(request, "labeling/items.html", context)


@require_safe
@project_page(Role.REVIEWER)
def item(request: HttpRequest, access: Access, item_id: int) -> HttpResponse:
    """Show all that is known of one item."""
    items = Item.objects.select_related("resolution__label", "import_job")
    found = get_object_or_404(items, project=access.project, pk=item_id)
    return render(request, "labeling/item.html", {"sheet": sheet_of(found, access.user)})


def _state(item: Item) -> tuple[str, str]:
    """Return the state of an item as a badge: its colour and its word."""
    live = next(iter(item.tasks.all()), None)
    if live is not None and live.state == TaskState.REVIEW:
        return "warn", "in review"
    if getattr(item, "resolution", None) is not None:
        return "ok", "labeled"
    return ("idle", "waiting") if live is not None else ("info", "no task")
