"""Acting on many items at once, and bringing deleted ones back."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from labeling.access import Access, project_page
from labeling.bulk.act import act
from labeling.bulk.restore import restore as restore_items
from labeling.bulk.selection import selected
from labeling.errors import Invalid
from labeling.forms.bulk import ACTIONS, BulkForm
from labeling.models import Deletion, Membership, Role
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsTold

LOST = {
    "priority": "Those that wait for annotators or a reviewer come earlier or later.",
    "assign": "Only those whom you choose get them to label; what others hold of them goes back.",
    "review": "Looks that were not given yet are called off; a reviewer decides each of them.",
    "gold": "They measure models and teach none from now on, and show no suggestion. "
    "Picked by hand, they prove no promise about the model.",
    "delete": "They leave every list, queue and training set, and their labels go. "
    "You can restore them at any time.",
}


@require_POST
@project_page(Role.MANAGER)
def act_on(request: HttpRequest, access: Access) -> HttpResponse:
    """Say what would happen to how many items; once that is confirmed, do it."""
    form = BulkForm(request.POST)
    with RefusalsTold(request):
        if not form.is_valid():
            raise Invalid(_faults(form))
        if form.cleaned_data["sure"]:
            return _do(request, access, form)
        return _ask(request, access, form)
    return _back(access, form)


@require_safe
@project_page(Role.MANAGER)
def deletions(request: HttpRequest, access: Access) -> HttpResponse:
    """List what was deleted together, the newest first."""
    rows = Deletion.objects.filter(project=access.project).select_related("created_by")
    page = keyset(request.GET, rows)
    return render(request, "labeling/deletions.html", {"page": page})


@require_POST
@project_page(Role.MANAGER)
def restore(request: HttpRequest, access: Access, deletion_id: int) -> HttpResponse:
    """Bring back what was deleted together."""
    found = get_object_or_404(Deletion, project=access.project, pk=deletion_id)
    with RefusalsTold(request):
        done = restore_items(project=access.project, actor=access.user, deletion_id=found.pk)
        messages.success(request, f"{done.size:,} item{'s'[: done.size != 1]} restored.")
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("deletions", access.project.slug)


def _do(request: HttpRequest, access: Access, form: BulkForm) -> HttpResponse:
    done = act(
        project=access.project,
        actor=access.user,
        action=form.cleaned_data["action"],
        selection=form.selection(access.project),
        priority=form.cleaned_data["priority"],
        members=form.members,
    )
    undo = ""
    if done.deletion is not None:
        undo = reverse("deletion-restore", args=[access.project.slug, done.deletion.pk])
    messages.success(request, done.text, extra_tags=undo)
    return _back(access, form)


def _ask(request: HttpRequest, access: Access, form: BulkForm) -> HttpResponse:
    action = form.cleaned_data["action"]
    ids = selected(access.project, form.selection(access.project))
    context = {
        "form": form,
        "count": len(ids),
        "action": action,
        "title": ACTIONS[action],
        "lost": LOST[action],
        "back": _address(access, form),
        "members": _members(access) if action == "assign" else (),
    }
    return render(request, "labeling/items_bulk.html", context)


def _members(access: Access) -> QuerySet[Membership]:
    return access.project.memberships.select_related("user").order_by("user__username")


def _back(access: Access, form: BulkForm) -> HttpResponse:
    return redirect(_address(access, form))


def _address(access: Access, form: BulkForm) -> str:
    query = form.data.get("query", "")[:2000]
    return f"{reverse('items', args=[access.project.slug])}?{query}"


def _faults(form: BulkForm) -> str:
    return " ".join(f"{name}: {' '.join(map(str, said))}" for name, said in form.errors.items())
