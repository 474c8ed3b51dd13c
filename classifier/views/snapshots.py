"""Snapshots: the list, the rows of one, what changed between two, and the file of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from classifier.forms.snapshot import RowFilter
from classifier.models import DatasetSnapshot
from classifier.snapshot_diff import Change, changed_rows, compare
from classifier.snapshot_export import KINDS, file_of
from classifier.snapshot_rows import before, mix_of, pair_of, rows_of, snapshot_of, snapshots_of
from classifier.views.report import name_of, names_of
from labeling.access import Access, project_page
from labeling.errors import Invalid
from labeling.models import Role
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsTold

OTHERS_OFFERED = 50
DIGITS = 9


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the snapshots."""
    page = keyset(request.GET, snapshots_of(access.project))
    return render(request, "classifier/snapshots.html", {"page": page})


@require_safe
@project_page(Role.REVIEWER)
def detail(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Show what a snapshot is made of, and its rows; `label`, `split` and `method` narrow them."""
    snapshot = snapshot_of(access.project, number)
    form = RowFilter(request.GET, snapshot)
    chosen = form.chosen
    names = names_of(access.project.labels.all())
    page = keyset(request.GET, rows_of(snapshot, chosen))
    mix = mix_of(snapshot)
    context = {
        "snapshot": snapshot,
        "previous": before(snapshot),
        "form": form,
        "chosen": chosen,
        "page": page,
        "rows": [(row, name_of(names, row.label)) for row in page.rows],
        "shares": [(share, name_of(names, share.label)) for share in mix.labels],
        "methods": mix.methods,
        "kinds": KINDS,
    }
    return render(request, "classifier/snapshot.html", context)


@require_safe
@project_page(Role.REVIEWER)
def difference(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Show what changed since another snapshot, by default the one before; `change` lists rows."""
    after, older = pair_of(access.project, number, _other(request))
    change = request.GET.get("change", "")
    context: dict[str, object] = {
        "after": after,
        "before": older,
        "others": snapshots_of(access.project).exclude(pk=after.pk)[:OTHERS_OFFERED],
        "change": change,
    }
    if older is not None:
        counts = compare(older, after).counts
        context["counts"] = [(each, each.label, number) for each, number in counts.items()]
        context |= _changed(request, access, older, after, change) if change else {}
    return render(request, "classifier/snapshot_diff.html", context)


@require_safe
@project_page(Role.REVIEWER)
def export(request: HttpRequest, access: Access, number: int) -> HttpResponseBase:
    """Send a snapshot as a file, narrowed as the page is."""
    snapshot = snapshot_of(access.project, number)
    chosen = RowFilter(request.GET, snapshot).chosen
    kind = request.GET.get("as", "csv")
    if kind not in KINDS:
        raise Http404("There is no such kind of file.")
    with RefusalsTold(request):
        return file_of(access=access, snapshot=snapshot, kind=kind, chosen=chosen)
    return redirect("snapshot", access.project.slug, number)


def _other(request: HttpRequest) -> int | None:
    number = request.GET.get("with", "")
    return int(number) if number.isdecimal() and len(number) <= DIGITS else None


def _changed(
    request: HttpRequest,
    access: Access,
    older: DatasetSnapshot,
    after: DatasetSnapshot,
    change: str,
) -> dict[str, object]:
    try:
        page = keyset(request.GET, changed_rows(older, after, change))
    except Invalid as error:
        raise Http404(error.message) from error
    names = names_of(access.project.labels.all())
    was = [getattr(row, "was_label", None) for row in page.rows]
    return {
        "page": page,
        "title": Change(change).label,
        "rows": [
            (row, name_of(names, row.label), name_of(names, label) if label else None)
            for row, label in zip(page.rows, was, strict=True)
        ],
    }


urlpatterns = [
    path("snapshots/", index, name="snapshots"),
    path("snapshots/<int:number>/", detail, name="snapshot"),
    path("snapshots/<int:number>/compare/", difference, name="snapshot-compare"),
    path("snapshots/<int:number>/export/", export, name="snapshot-export"),
]
