"""Changes of the guideline that reviewers propose, and what managers make of them."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from labeling.access import Access
from labeling.errors import Conflict, Invalid, Missing
from labeling.events import record
from labeling.models import GuidelineProposal, Project, ProposalState, Task

TEXT_LIMIT = 4000


def open_proposals(project: Project) -> QuerySet[GuidelineProposal]:
    """Return the proposals that nobody has decided, the oldest first."""
    waiting = project.proposals.filter(state=ProposalState.OPEN)
    return waiting.select_related("item", "proposed_by").order_by("id")


@transaction.atomic
def propose_change(*, access: Access, task_id: int, text: str) -> GuidelineProposal:
    """Propose a change of the guideline because of the item of a task.

    Raises:
        Invalid: no text, or one that is too long.
        Missing: there is no such task in this project.
    """
    text = text.strip()
    if not 0 < len(text) <= TEXT_LIMIT:
        raise Invalid(f"text: write 1 to {TEXT_LIMIT:,} characters: what the guideline should say.")
    task = Task.objects.filter(project=access.project, pk=task_id).first()
    if task is None:
        raise Missing("There is no such case in this project.")
    proposal = GuidelineProposal.objects.create(
        project=access.project, item_id=task.item_id, proposed_by=access.user, text=text
    )
    record(project=access.project, actor=access.user, verb="proposed", subject=proposal)
    return proposal


@transaction.atomic
def decide_proposal(*, access: Access, proposal_id: int, taken: bool) -> GuidelineProposal:
    """Take a proposal, to write it into the guideline, or decline it.

    Raises:
        Missing: there is no such proposal in this project.
        Conflict: somebody has decided it already.
    """
    state = ProposalState.TAKEN if taken else ProposalState.DECLINED
    mine = access.project.proposals.filter(pk=proposal_id)
    won = mine.filter(state=ProposalState.OPEN).update(
        state=state, decided_by=access.user, decided_at=timezone.now()
    )
    proposal = mine.select_related("proposed_by", "decided_by", "item").first()
    if proposal is None:
        raise Missing("There is no such proposal in this project.")
    if not won:
        raise Conflict(f"{proposal.decided_by or 'Somebody'} has {proposal.state} it already.")
    record(
        project=access.project,
        actor=access.user,
        verb="decided",
        subject=proposal,
        before=ProposalState.OPEN,
        after=state,
    )
    return proposal
