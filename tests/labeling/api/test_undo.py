"""POST /api/projects/SLUG/tasks/undo/"""

from collections.abc import Callable

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Annotation, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, disagree, label_of

URL = path("tasks/undo/")
MakeItem = Callable[..., Item]


def test_takes_the_answer_back_and_leases_its_look(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    look = ok(api_for(annotator).post(URL))
    assert look["item"]["id"] == item.pk
    assert label_of(item) is None
    sent = {"token": look["token"], "label": "beta", "idempotency_key": "new"}
    ok(api_for(annotator).post(path(f"assignments/{look['id']}/submit/"), sent))
    votes = Annotation.objects.live().values_list("annotator__username", "label__name")
    assert set(votes) == {("annotator", "beta"), ("second", "alpha")}


def test_needs_an_answer(project: Project, annotator: User, api_for: ApiFor) -> None:
    assert "no answer of yours" in refused(api_for(annotator).post(URL), 409)


def test_ends_with_the_decision_of_a_reviewer(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    task = disagree(make_item(), annotator, second_annotator)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="beta")
    assert "reviewer has decided" in refused(api_for(annotator).post(URL), 409)


def test_is_for_members(project: Project, outsider: User, api_for: ApiFor) -> None:
    refused(api_for(outsider).post(URL), 404)
