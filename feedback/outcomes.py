"""What people made of predictions, and since when it has stood."""

from datetime import datetime

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from feedback.models import Routing
from labeling.models import Adjudication, ItemStatus, Project


def settled(
    project: Project, outcome: str | None = None, since: datetime | None = None
) -> QuerySet[Routing]:
    """Return the routed predictions whose item people have settled, each with `final_at`.

    Args:
        project: whose predictions.
        outcome: `labeled` or `out_of_scope`; both for None.
        since: only those that were settled after this time.
    """
    labeled = Q(item__resolution__project=project)
    put_out = Q(item__resolution=None, item__status=ItemStatus.OUT_OF_SCOPE)
    labeled_at = F("item__resolution__resolved_at")
    which, final_at = {
        ItemStatus.LABELED.value: (labeled, labeled_at),
        ItemStatus.OUT_OF_SCOPE.value: (put_out, _put_out_at()),
    }.get(outcome or "", (labeled | put_out, Coalesce(labeled_at, _put_out_at())))
    found = Routing.objects.filter(which, project=project).annotate(final_at=final_at)
    return found if since is None else found.filter(final_at__gt=since)


def _put_out_at() -> Subquery:
    """Return when the decision was made by which an item has no label."""
    decisions = Adjudication.objects.standing().filter(item=OuterRef("item"))
    return Subquery(decisions.order_by("-id").values("created_at")[:1])
