"""The list of a person's projects."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.models import Item, Project
from tests.labeling.pages.browse import text_of
from tests.labeling.steps import disagree

ClientFor = Callable[[User], Client]


@pytest.mark.usefixtures("other_project")
def test_it_tells_the_role_and_what_waits(
    pair: tuple[User, User],
    reviewer: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
) -> None:
    disagree(make_item(), *pair)
    make_item()
    make_item()
    page = text_of(client_for(reviewer).get("/projects/"))
    assert "Other" not in page
    assert "<td>Reviewer</td>" in page
    assert '<a href="/p/test/items/">3</a>' in page
    assert '<a href="/p/test/items/?status=labeled">0</a>' in page
    assert '<a href="/p/test/label/">2</a>' in page
    assert '<a href="/p/test/review/">1</a>' in page


def test_many_items_are_not_counted_to_the_end(
    project: Project,
    reviewer: User,
    client_for: ClientFor,
    make_item: Callable[..., Item],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labeling.standing.COUNTED", 2)
    monkeypatch.setattr("labeling.views.projects.COUNTED", 2)
    for _ in range(4):
        make_item()
    page = text_of(client_for(reviewer).get("/projects/"))
    assert '<a href="/p/test/items/">2+' in page


def test_the_queries_do_not_grow_with_the_projects(
    project: Project,
    annotator: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(annotator)
    for number in range(5):
        other = Project.objects.create(slug=f"p{number}", name=f"P {number}")
        other.memberships.create(user=annotator)
    with django_assert_max_num_queries(3):
        client.get("/projects/")


def test_an_annotator_gets_no_link_that_would_be_refused(
    annotator: User, client_for: ClientFor
) -> None:
    page = client_for(annotator).get("/projects/").content.decode()
    assert "/p/test/items/" not in page
    assert "/p/test/review/" not in page
