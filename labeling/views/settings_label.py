"""One label in the settings: all that it says, its place, and its removal."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from labeling import labels
from labeling.access import Access, project_page
from labeling.forms.project import EditLabelForm
from labeling.models import Label, Role
from labeling.views.refusals import RefusalsIn, RefusalsTold


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def edit(request: HttpRequest, access: Access, label_id: int) -> HttpResponse:
    """Show all that a label says, and change it."""
    label = get_object_or_404(Label, project=access.project, pk=label_id)
    project_labels = list(access.project.labels.all())
    if request.method != "POST":
        return _page(request, access, label, EditLabelForm.of(label, project_labels))
    others = [one for one in project_labels if one.pk != label.pk]
    form = EditLabelForm(request.POST, labels=others)
    if form.is_valid():
        with RefusalsIn(form):
            changed = labels.edit_label(access=access, label_id=label_id, change=form.change())
            messages.success(request, f"Label {changed.name} saved.")
            return redirect(_labels(access))
    return _page(request, access, label, form, status=422)


@require_POST
@project_page(Role.MANAGER)
def move(request: HttpRequest, access: Access, label_id: int) -> HttpResponse:
    """Move a label one place up or down."""
    label = get_object_or_404(Label, project=access.project, pk=label_id)
    step = -1 if request.POST.get("way") == "up" else 1
    labels.move_label(access=access, label_id=label.pk, step=step)
    return redirect(_labels(access))


@require_POST
@project_page(Role.MANAGER)
def remove(request: HttpRequest, access: Access, label_id: int) -> HttpResponse:
    """Remove a label that nothing refers to."""
    label = get_object_or_404(Label, project=access.project, pk=label_id)
    with RefusalsTold(request):
        name = labels.remove_label(access=access, label_id=label.pk)
        messages.success(request, f"Label {name} removed.")
    return redirect(_labels(access))


def _page(
    request: HttpRequest, access: Access, label: Label, form: EditLabelForm, status: int = 200
) -> HttpResponse:
    context = {"label": label, "form": form, "used": labels.is_used(label)}
    return render(request, "labeling/settings_label.html", context, status=status)


def _labels(access: Access) -> str:
    return f"{reverse('settings', args=[access.project.slug])}#labels"
