"""A project's settings, labels, guideline and people: each form posts to an address of its own."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from labeling import pausing, projects
from labeling.access import Access, project_page
from labeling.anchoring import set_anchoring, switch_suggestions, why_off
from labeling.check_rules import set_checks
from labeling.forms.anchoring import AnchoringForm, SwitchForm
from labeling.forms.checks import ChecksForm
from labeling.forms.consensus import ConsensusForm
from labeling.forms.project import GeneralForm, GuidelineForm, LabelForm, MemberForm
from labeling.forms.queue import PauseForm, QueueForm
from labeling.guidelines import NOTE_LIMIT, publish_guideline
from labeling.markdown import to_html
from labeling.models import Consensus, Membership, Order, Project, Role
from labeling.ordering import set_order
from labeling.policies import standing_of_weights
from labeling.proposals import open_proposals
from labeling.skip_rules import set_skip_rules
from labeling.views.refusals import RefusalsIn, RefusalsTold

# Forms that stand in the section of another.
SECTIONS = {"switch": "suggestions"}
ID_DIGITS = 18


@require_safe
@project_page(Role.MANAGER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show everything that a manager may change."""
    return _page(request, access)


@require_POST
@project_page(Role.MANAGER)
def general(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the name, the description and how many looks are wanted."""
    form = GeneralForm(request.POST, auto_id="general_%s")

    def change() -> str:
        projects.update_settings(access=access, **form.cleaned_data)
        return "Settings saved."

    return change_section(request, access, "general", form, change)


@require_POST
@project_page(Role.MANAGER)
def queue(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the order of the items and whom skipped ones go to."""
    form = QueueForm(request.POST, auto_id="queue_%s")

    def change() -> str:
        set_order(access=access, order=Order(form.cleaned_data["order"]))
        set_skip_rules(access=access, rules=form.rules())
        return "Queue saved."

    return change_section(request, access, "queue", form, change)


@require_POST
@project_page(Role.MANAGER)
def checks(request: HttpRequest, access: Access) -> HttpResponse:
    """Change how annotators are checked, and what follows."""
    form = ChecksForm(request.POST, auto_id="checks_%s")

    def change() -> str:
        set_checks(access=access, **form.cleaned_data)
        return "Checks saved."

    return change_section(request, access, "checks", form, change)


@require_POST
@project_page(Role.MANAGER)
def suggestions(request: HttpRequest, access: Access) -> HttpResponse:
    """Change how often suggestions are hidden, and when they go off."""
    form = AnchoringForm(request.POST, auto_id="suggestions_%s")

    def change() -> str:
        share, limit = (form.cleaned_data[name] for name in ("hidden_share", "anchoring_limit"))
        set_anchoring(access=access, hidden_share=share, limit=limit)
        return "Suggestions saved."

    return change_section(request, access, "suggestions", form, change)


@require_POST
@project_page(Role.MANAGER)
def suggestions_switch(request: HttpRequest, access: Access) -> HttpResponse:
    """Turn suggestions on or off, with the reason."""
    form = SwitchForm(request.POST, auto_id="switch_%s")

    def change() -> str:
        project = switch_suggestions(access=access, **form.cleaned_data)
        return f"Suggestions are {'on' if project.suggestions_on else 'off'}."

    return change_section(request, access, "switch", form, change)


@require_POST
@project_page(Role.MANAGER)
def label(request: HttpRequest, access: Access) -> HttpResponse:
    """Add a label."""
    labels = list(access.project.labels.all())
    form = LabelForm(request.POST, labels=labels, auto_id="label_%s")

    def change() -> str:
        added = projects.add_label(access=access, label=form.new_label())
        on_key = f", on the key {added.key}" if added.key else "; all keys are taken"
        return f"Label {added.name} added{on_key}."

    return change_section(request, access, "labels", form, change)


@require_POST
@project_page(Role.MANAGER)
def guideline(request: HttpRequest, access: Access) -> HttpResponse:
    """Put a new version of the guideline in force."""
    form = GuidelineForm(request.POST, auto_id="guideline_%s")

    def change() -> str:
        published = publish_guideline(access=access, **form.cleaned_data)
        return f"Version {published.version} of the guideline is in force."

    return change_section(request, access, "guideline", form, change)


@require_POST
@project_page(Role.MANAGER)
def member(request: HttpRequest, access: Access) -> HttpResponse:
    """Give a person a role, or another one."""
    form = MemberForm(request.POST, auto_id="member_%s")

    def change() -> str:
        role = Role(form.cleaned_data["role"])
        changed = projects.set_member(
            access=access, username=form.cleaned_data["username"], role=role
        )
        return f"{changed.user.username} is {role.label.lower()} now."

    return change_section(request, access, "members", form, change)


@require_POST
@project_page(Role.MANAGER)
def pause(request: HttpRequest, access: Access, membership_id: int) -> HttpResponse:
    """Give a person no more items for now."""
    _member_or_404(access, membership_id)
    form = PauseForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    with RefusalsTold(request):
        member = pausing.pause(access=access, membership_id=membership_id, reason=reason)
        messages.success(request, f"{member.user} is paused.")
    return redirect(section_url(access, "members"))


@require_POST
@project_page(Role.MANAGER)
def resume(request: HttpRequest, access: Access, membership_id: int) -> HttpResponse:
    """Let a paused person get items again."""
    _member_or_404(access, membership_id)
    with RefusalsTold(request):
        member = pausing.resume(access=access, membership_id=membership_id)
        messages.success(request, f"{member.user} gets items again.")
    return redirect(section_url(access, "members"))


@require_POST
@project_page(Role.MANAGER)
def remove(request: HttpRequest, access: Access, membership_id: int) -> HttpResponse:
    """Take a person out of the project."""
    gone = _member_or_404(access, membership_id)
    with RefusalsTold(request):
        projects.remove_member(access=access, membership_id=membership_id)
        messages.success(request, f"{gone.user.username} is no longer a member.")
        if gone.user == access.user:
            return redirect("home")
    return redirect(section_url(access, "members"))


def _member_or_404(access: Access, membership_id: int) -> Membership:
    members = Membership.objects.select_related("user")
    return get_object_or_404(members, project=access.project, pk=membership_id)


def change_section(
    request: HttpRequest,
    access: Access,
    section: str,
    form: forms.Form,
    change: Callable[[], str],
) -> HttpResponse:
    """Make a change and go back to its section, or show the page again with what was typed."""
    if form.is_valid():
        with RefusalsIn(form):
            messages.success(request, change())
            return redirect(_after(access, SECTIONS.get(section, section)))
        # A refused change may have been tried on the object in memory.
        access.project.refresh_from_db()
    return _page(request, access, status=422, **{section: form})


def _after(access: Access, section: str) -> str:
    """Return where to go after a change: a manager may just have given up the role."""
    still = access.project.memberships.filter(user=access.user, role=Role.MANAGER).exists()
    return section_url(access, section) if still else reverse("loop", args=[access.project.slug])


def _weighs(project: Project) -> bool:
    return project.consensus == Consensus.WEIGHTED


def _proposed(request: HttpRequest, access: Access) -> str:
    """Return the proposal that was just taken, to start the note with."""
    wanted = request.GET.get("proposal", "")
    if not wanted.isascii() or not wanted.isdigit() or len(wanted) > ID_DIGITS:
        return ""
    proposal = access.project.proposals.select_related("proposed_by").filter(pk=wanted).first()
    if proposal is None:
        return ""
    return f"As {proposal.proposed_by or 'a reviewer'} proposed: {proposal.text}"[:NOTE_LIMIT]


def section_url(access: Access, section: str) -> str:
    """Return the address of one section of the settings."""
    return f"{reverse('settings', args=[access.project.slug])}#{section}"


def _page(
    request: HttpRequest, access: Access, *, status: int = 200, **bound: forms.Form
) -> HttpResponse:
    project = access.project
    newest = project.guidelines.select_related("created_by").first()
    text = newest.text if newest else ""
    labels = list(project.labels.all())
    context: dict[str, Any] = {
        "general": GeneralForm.of(project),
        "queue": QueueForm.of(project),
        "consensus": ConsensusForm.of(project),
        "checks": ChecksForm.of(project),
        "suggestions": AnchoringForm.of(project),
        "switch": SwitchForm(initial={"on": not project.suggestions_on}, auto_id="switch_%s"),
        "labels": LabelForm(labels=labels, auto_id="label_%s"),
        "guideline": GuidelineForm(
            initial={"text": text, "note": _proposed(request, access)}, auto_id="guideline_%s"
        ),
        "members": MemberForm(auto_id="member_%s"),
    }
    context |= bound
    context |= {
        "project": project,
        "project_labels": labels,
        "newest": newest,
        "proposals": open_proposals(project),
        "newest_html": to_html(text),
        "memberships": project.memberships.select_related("user", "paused_by").order_by(
            "user__username"
        ),
        "roles": Role.choices,
        "why_off": why_off(project),
        "weights": standing_of_weights(project) if _weighs(project) else None,
        "failed": next((SECTIONS.get(name, name) for name in bound), ""),
    }
    return render(request, "labeling/settings.html", context, status=status)
