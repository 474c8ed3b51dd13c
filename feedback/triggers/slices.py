"""Labeling more of the slice on which the champion is weak."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from classifier.recipes.text import join_text
from classifier.slices import Facts, mask
from feedback.drift.groups import MOST
from feedback.models import RetrainProposal
from feedback.policy import policy_of
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Item, Split, TaskReason
from labeling.queue import want_look

LOOKED_THROUGH = 5_000
PRIORITY = 5


@transaction.atomic
def send_slice(*, access: Access, proposal_id: int, count: int) -> int:
    """Ask for looks at unlabeled items of a proposal's slice; return how many were asked for.

    The newest 5,000 unlabeled items are looked through.

    Raises:
        Http404: the project has no such proposal, or no longer has the slice.
        Invalid: the count is not between 1 and 100.
        Conflict: the proposal is about no slice, or no unlabeled item belongs to it.
    """
    if not 1 <= count <= MOST:
        raise Invalid(f"count: it must lie between 1 and {MOST}.")
    proposal = get_object_or_404(
        RetrainProposal.objects.filter(project=access.project), pk=proposal_id
    )
    if not proposal.slice_name:
        raise Conflict(f"Proposal {proposal.pk} is about no slice.")
    chosen = get_object_or_404(access.project.slices.all(), name=proposal.slice_name)
    rows = Item.objects.filter(project=access.project, split=Split.POOL, resolution=None)
    items = list(rows.select_related("import_job").order_by("-id")[:LOOKED_THROUGH])
    inside = mask(chosen, [_facts(item) for item in items])
    found = [item for item, belongs in zip(items, inside, strict=True) if belongs][:count]
    if not found:
        raise Conflict(f"No unlabeled item belongs to '{chosen.name}': import some first.")
    looks = policy_of(access.project).looks
    for item in found:
        _ask(access, item, chosen.name, looks)
    record(
        project=access.project,
        actor=access.user,
        verb="sent to labeling",
        subject=proposal,
        after=f"{len(found)} items",
        reason=f"slice {chosen.name}",
    )
    return len(found)


def _facts(item: Item) -> Facts:
    return Facts(
        text=join_text(item.title, item.body),
        source=item.import_job.source if item.import_job else "",
        day=timezone.localdate(item.created_at),
        method="",
    )


def _ask(access: Access, item: Item, name: str, looks: int) -> None:
    want_look(
        project=access.project,
        item=item,
        reason=TaskReason.WEAK_SLICE,
        looks=looks,
        priority=PRIORITY,
        actor=access.user,
        note=f"Of the slice '{name}', on which the champion is weak",
    )
