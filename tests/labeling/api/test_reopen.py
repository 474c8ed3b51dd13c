"""POST /api/projects/SLUG/items/ID/reopen/ and /api/projects/SLUG/review/TASK/undo/"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Adjudication, Item, Project, Reopening, Task
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import disagree, label_of

MakeItem = Callable[..., Item]


@pytest.fixture
def decision(
    project: Project,
    reviewer: User,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> Adjudication:
    """A reviewer's decision for gamma."""
    case = disagree(make_item(), annotator, second_annotator)
    return decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")


def url(decision: Adjudication, slug: str = "test") -> str:
    """Return where to reopen a decision."""
    return path(f"items/{decision.item_id}/reopen/", slug)


def undo_url(decision: Adjudication, slug: str = "test") -> str:
    """Return where its maker takes it back."""
    return path(f"review/{decision.task_id}/undo/", slug)


def body(decision: Adjudication, reason: str = "Rule 2") -> dict[str, Any]:
    """Return what names the decision and says why."""
    return {"decision": decision.pk, "reason": reason}


class TestReopen:
    def test_answers_with_the_case(
        self, decision: Adjudication, manager: User, api_for: ApiFor
    ) -> None:
        case = ok(api_for(manager).post(url(decision), body(decision)))
        assert case == {
            "id": decision.task_id,
            "state": "review",
            "note": "Reopened by manager: Rule 2",
        }
        assert label_of(decision.item) is None

    def test_the_item_tells_that_it_was(
        self, decision: Adjudication, manager: User, api_for: ApiFor
    ) -> None:
        item = path(f"items/{decision.item_id}/")
        [before] = ok(api_for(manager).get(item))["decisions"]
        ok(api_for(manager).post(url(decision), body(decision)))
        [after] = ok(api_for(manager).get(item))["decisions"]
        assert before["reopened_at"] is None
        assert after["reopened_at"] is not None
        assert after == before | {"reopened_at": after["reopened_at"]}

    @pytest.mark.parametrize("missing", ["decision", "reason"])
    def test_needs_both_fields(
        self, decision: Adjudication, manager: User, api_for: ApiFor, missing: str
    ) -> None:
        sent = {name: value for name, value in body(decision).items() if name != missing}
        assert missing in refused(api_for(manager).post(url(decision), sent), 400)
        assert not Reopening.objects.exists()

    def test_happens_once(self, decision: Adjudication, manager: User, api_for: ApiFor) -> None:
        ok(api_for(manager).post(url(decision), body(decision)))
        said = refused(api_for(manager).post(url(decision), body(decision)), 409)
        assert "reopened or replaced meanwhile" in said

    def test_is_not_for_who_answered(
        self,
        project: Project,
        manager: User,
        annotator: User,
        reviewer: User,
        make_item: MakeItem,
        api_for: ApiFor,
    ) -> None:
        case = disagree(make_item(), annotator, reviewer)
        made = decide(project=project, user=manager, task_id=case.pk, label_name="gamma")
        refused(api_for(reviewer).post(url(made), body(made)), 403)
        assert label_of(case.item) == "gamma"

    def test_finds_items_of_the_project_alone(
        self, decision: Adjudication, annotator: User, outsider: User, api_for: ApiFor
    ) -> None:
        refused(api_for(annotator).post(url(decision), body(decision)), 403)
        refused(api_for(outsider).post(url(decision), body(decision)), 404)
        refused(api_for(outsider).post(url(decision, "other"), body(decision)), 404)


class TestUndo:
    def test_answers_with_the_decision_that_stands_no_longer(
        self, decision: Adjudication, reviewer: User, api_for: ApiFor
    ) -> None:
        found = ok(api_for(reviewer).post(undo_url(decision)))
        assert (found["id"], found["label"]) == (decision.pk, "gamma")
        assert found["reopened_at"] is not None
        assert label_of(decision.item) is None
        assert Task.objects.get(item=decision.item).state == "review"

    def test_is_for_its_maker(self, decision: Adjudication, manager: User, api_for: ApiFor) -> None:
        assert "no decision of yours" in refused(api_for(manager).post(undo_url(decision)), 409)
        assert label_of(decision.item) == "gamma"

    def test_finds_cases_of_the_project_alone(
        self, decision: Adjudication, annotator: User, outsider: User, api_for: ApiFor
    ) -> None:
        refused(api_for(annotator).post(undo_url(decision)), 403)
        refused(api_for(outsider).post(undo_url(decision)), 404)
        refused(api_for(outsider).post(undo_url(decision, "other")), 404)
