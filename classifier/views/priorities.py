"""What people label next: what was chosen, when and by which rules."""

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.models import MOST_PICKS, Pick, PickKind, PickStrategy, PriorityPolicy
from classifier.priorities import FIELDS, cancel, prioritise, rules_and_champion, set_policy
from labeling.access import Access, project_page
from labeling.models import Role, TaskState
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsIn, RefusalsTold

CHOICES_SHOWN = 10


class PriorityForm(forms.Form):
    """The rules of the next choice."""

    automatic = forms.BooleanField(
        required=False, label="Choose anew whenever another model becomes champion"
    )
    strategy = forms.ChoiceField(label="How to choose", choices=PickStrategy.choices)
    size = forms.IntegerField(
        label="How many items come first",
        min_value=1,
        max_value=MOST_PICKS,
        help_text="The rest follows in the order of the project.",
    )
    random_share = forms.FloatField(
        label="Share that is drawn at random",
        min_value=0.0,
        max_value=1.0,
        widget=forms.NumberInput(attrs={"step": "0.05"}),
        help_text="Shown without suggestion. Of what is labeled from now on, only these may join "
        "the holdout that measures models: at 0 it stops growing.",
    )

    @classmethod
    def of(cls, policy: PriorityPolicy) -> "PriorityForm":
        """Return the form as the rules stand."""
        return cls(initial={name: getattr(policy, name) for name in FIELDS})


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the picks that stand, the choices so far, and the rules."""
    return _page(request, access)


@require_safe
@project_page(Role.REVIEWER)
def live(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the choices alone: what a page that watches one asks for."""
    _, champion = rules_and_champion(access.project)
    return render(request, "classifier/priorities_choices.html", _choices(access, champion))


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the rules."""
    form = PriorityForm(request.POST)
    if form.is_valid():
        with RefusalsIn(form):
            set_policy(access=access, **form.cleaned_data)
            messages.success(request, "The next choice goes by these rules.")
            return redirect("priorities", access.project.slug)
    return _page(request, access, form, status=422)


@require_POST
@project_page(Role.MANAGER)
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose anew."""
    with RefusalsTold(request):
        prioritise(project=access.project, user=access.user)
    return redirect("priorities", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def stop(request: HttpRequest, access: Access, choice_id: int) -> HttpResponse:
    """Cancel a choice that has not ended."""
    with RefusalsTold(request):
        cancel(access=access, job_id=choice_id)
        messages.success(request, "The choice is stopped; the queue is as it was.")
    return redirect("priorities", access.project.slug)


def _page(
    request: HttpRequest, access: Access, form: PriorityForm | None = None, *, status: int = 200
) -> HttpResponse:
    policy, champion = rules_and_champion(access.project)
    picks = Pick.objects.filter(job__project=access.project).select_related("task__item")
    context = _choices(access, champion) | {
        "form": form or PriorityForm.of(policy),
        "counts": picks.aggregate(
            all=Count("pk"),
            random=Count("pk", filter=Q(kind=PickKind.RANDOM)),
            waiting=Count("pk", filter=Q(task__state=TaskState.OPEN)),
        ),
        "page": keyset(request.GET, picks),
    }
    return render(request, "classifier/priorities.html", context, status=status)


def _choices(access: Access, champion: int | None) -> dict[str, object]:
    jobs = access.project.priority_jobs.select_related("model_version", "created_by")
    found = list(jobs.defer("log", "model_version__manifest")[:CHOICES_SHOWN])
    return {
        "project": access.project,
        "choices": found,
        "active": next((job for job in found if job.active), None),
        "champion": champion,
        "may_act": access.may(Role.MANAGER),
    }


urlpatterns = [
    path("models/next/", page, name="priorities"),
    path("models/next/live/", live, name="priorities-live"),
    path("models/next/rules/", change, name="priorities-change"),
    path("models/next/start/", start, name="priorities-start"),
    path("models/next/<int:choice_id>/cancel/", stop, name="priorities-cancel"),
]
