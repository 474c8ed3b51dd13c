"""The start page."""

from collections.abc import Callable

from django.test import Client

from accounts.models import User
from labeling.models import Membership, Project

ClientFor = Callable[[User], Client]


def test_the_only_project_opens_at_once(
    project: Project, annotator: User, client_for: ClientFor
) -> None:
    assert client_for(annotator).get("/")["Location"] == "/p/test/"


def test_with_several_projects_there_is_a_choice(
    project: Project, other_project: Project, annotator: User, client_for: ClientFor
) -> None:
    Membership.objects.create(project=other_project, user=annotator)
    assert client_for(annotator).get("/")["Location"] == "/projects/"


def test_without_a_project_the_list_says_what_to_do(db: None, client_for: ClientFor) -> None:
    client = client_for(User.objects.create_user("alone"))
    assert client.get("/")["Location"] == "/projects/"
    page = client.get("/projects/").content.decode()
    assert "You are in no project yet" in page
    assert '<a class="button" href="/projects/new/">New project</a>' in page
