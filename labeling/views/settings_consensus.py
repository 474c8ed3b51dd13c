"""The policy by which votes settle labels: each form posts to an address of its own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from labeling.access import Access, project_page
from labeling.forms.consensus import ConsensusForm
from labeling.models import Role
from labeling.policies import set_policy, weigh_now
from labeling.views.refusals import RefusalsTold
from labeling.views.settings import change_section, section_url


@require_POST
@project_page(Role.MANAGER)
def consensus(request: HttpRequest, access: Access) -> HttpResponse:
    """Change when votes settle a label."""
    form = ConsensusForm(request.POST, auto_id="consensus_%s")

    def change() -> str:
        set_policy(access=access, **form.cleaned_data)
        return "Consensus saved. Items are settled by it in the background."

    return change_section(request, access, "consensus", form, change)


@require_POST
@project_page(Role.MANAGER)
def weigh(request: HttpRequest, access: Access) -> HttpResponse:
    """Have votes weighed anew."""
    with RefusalsTold(request):
        weigh_now(access=access)
        messages.success(request, "Votes are weighed anew in the background.")
    return redirect(section_url(access, "consensus"))
