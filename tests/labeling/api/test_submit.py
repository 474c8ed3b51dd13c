"""POST /api/projects/SLUG/assignments/ID/submit/"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.models import Annotation, Assignment, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import label_of, take

MakeItem = Callable[..., Item]


@pytest.fixture
def look(project: Project, annotator: User, make_item: MakeItem) -> Assignment:
    """A look that the annotator holds; one more item waits."""
    make_item()
    make_item()
    return take(project, annotator)


def url(look: Assignment, query: str = "") -> str:
    """Return where to answer a look."""
    return path(f"assignments/{look.pk}/submit/{query}")


def body(look: Assignment, **fields: Any) -> dict[str, Any]:
    """Return an answer to a look, with these fields instead of the usual ones."""
    return {"token": look.token, "label": "alpha", "idempotency_key": "k"} | fields


def test_stores_the_answer_and_returns_the_next_look(
    project: Project, annotator: User, look: Assignment, api_for: ApiFor
) -> None:
    sent = body(look, seconds=2.5, note="odd")
    answered = ok(api_for(annotator).post(url(look), sent))
    stored = Annotation.objects.get()
    assert (answered["annotation"], answered["label"]) == (stored.pk, "alpha")
    assert (stored.seconds, stored.note) == (2.5, "odd")
    assert answered["next"]["item"]["title"] == "Item 2"
    assert answered["next"]["token"] == take(project, annotator).token


def test_claims_no_next_look_where_told(annotator: User, look: Assignment, api_for: ApiFor) -> None:
    answered = ok(api_for(annotator).post(url(look, "?next=false"), body(look)))
    assert answered["next"] is None
    assert not Assignment.objects.filter(state="leased").exists()


def test_says_null_where_no_look_waits(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    look = take(project, annotator)
    assert ok(api_for(annotator).post(url(look), body(look)))["next"] is None


def test_two_that_agree_label_the_item(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        look = take(project, user)
        ok(api_for(user).post(url(look), body(look, label="gamma")))
    assert label_of(item) == "gamma"


def test_the_same_key_again_answers_the_same(
    annotator: User, look: Assignment, api_for: ApiFor
) -> None:
    """As after a lost connection: the caller gets the answer that it missed."""
    first, again = (
        ok(api_for(annotator).post(url(look), body(look, label=label)))
        for label in ("alpha", "beta")
    )
    for name in ("annotation", "label"):
        assert first[name] == again[name]
    assert first["next"]["token"] == again["next"]["token"]
    assert Annotation.objects.count() == 1


def test_the_key_of_another_item_conflicts(
    project: Project, annotator: User, look: Assignment, api_for: ApiFor
) -> None:
    client = api_for(annotator)
    client.post(url(look), body(look))
    following = take(project, annotator)
    response = client.post(url(following), body(following))
    assert "used for another item" in refused(response, 409)
    assert response.json()["code"] == "conflict"


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"token": ""}, 400, "token"),
        ({"token": "guessed"}, 409, "somebody else"),
        ({"label": ""}, 400, "label"),
        ({"label": "delta"}, 422, "'delta' is not one of alpha, beta, gamma"),
        ({"label": None}, 400, "label"),
        ({"idempotency_key": ""}, 400, "idempotency_key"),
        ({"idempotency_key": "x" * 65}, 400, "idempotency_key"),
        ({"seconds": -1}, 400, "seconds"),
        ({"seconds": "nan"}, 400, "seconds"),
        ({"note": "x" * 2001}, 400, "note"),
        ({"note": "x\x00"}, 400, "note"),
    ],
)
def test_refuses_what_is_no_answer(
    annotator: User,
    look: Assignment,
    api_for: ApiFor,
    fields: dict[str, Any],
    status: int,
    said: str,
) -> None:
    assert said in refused(api_for(annotator).post(url(look), body(look, **fields)), status)
    assert not Annotation.objects.exists()


def test_refuses_another_s_look(second_annotator: User, look: Assignment, api_for: ApiFor) -> None:
    refused(api_for(second_annotator).post(url(look), body(look)), 409)
    assert not Annotation.objects.exists()


def test_finds_looks_of_the_project_alone(
    annotator: User, outsider: User, look: Assignment, api_for: ApiFor
) -> None:
    refused(api_for(outsider).post(url(look), body(look)), 404)
    theirs = path(f"assignments/{look.pk}/submit/", "other")
    refused(api_for(outsider).post(theirs, body(look, label="one")), 404)
    refused(api_for(annotator).post(path("assignments/0/submit/"), body(look)), 404)
