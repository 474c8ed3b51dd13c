"""GET /api/projects/SLUG/"""

from collections.abc import Callable

from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project, Split
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, disagree


def test_returns_labels_guideline_counts_and_role(
    project: Project,
    annotator: User,
    second_annotator: User,
    api_for: ApiFor,
    make_item: Callable[..., Item],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    disagree(make_item(), annotator, second_annotator)
    make_item()
    make_item(task=False, split=Split.HOLDOUT)
    with django_assert_max_num_queries(8):
        found = ok(api_for(annotator).get(path("")))
    assert [(label["name"], label["key"]) for label in found["labels"]] == [
        ("alpha", "1"),
        ("beta", "2"),
        ("gamma", "3"),
    ]
    assert found["guideline"]["text"] == "Alpha comes **first**."
    assert found["guideline"]["version"] == 1
    assert found["role"] == "annotator"
    assert (found["overlap"], found["max_looks"], found["lease_minutes"]) == (2, 2, 15)
    assert found["overlap_share"] == 1.0
    assert found["counts"] == {
        "total": 4,
        "labeled": 1,
        "unlabeled": 3,
        "holdout": 1,
        "waiting": 1,
        "in_review": 1,
    }


def test_is_not_there_for_others(project: Project, outsider: User, api_for: ApiFor) -> None:
    assert refused(api_for(outsider).get(path("")), 404) == refused(
        api_for(outsider).get(path("", "nowhere")), 404
    )


def test_its_queue_can_be_changed(project: Project, manager: User, api_for: ApiFor) -> None:
    sent = {"order": "random", "skip_rules": {"broken": "nobody"}}
    found = ok(api_for(manager).patch(path(""), sent))
    assert found["order"] == "random"
    assert found["skip_rules"] == {
        "unclear": "another",
        "out_of_scope": "reviewer",
        "broken": "nobody",
        "other": "another",
    }
    project.refresh_from_db()
    assert (project.order, project.skip_rules) == (found["order"], found["skip_rules"])
    assert project.rank_due is not None


def test_a_queue_of_unknown_words_is_refused(
    project: Project, manager: User, api_for: ApiFor
) -> None:
    assert "order" in refused(api_for(manager).patch(path(""), {"order": "best"}), 400)
    sent = {"skip_rules": {"boring": "nobody"}}
    assert "skip_rules: 'boring' is not one of" in refused(
        api_for(manager).patch(path(""), sent), 422
    )


def test_can_neither_be_replaced_nor_deleted(
    project: Project, manager: User, api_for: ApiFor
) -> None:
    for method in ("post", "put", "delete"):
        response = getattr(api_for(manager), method)(path(""), {})
        refused(response, 405)
        assert response["Allow"] == "GET, PATCH, HEAD, OPTIONS"
