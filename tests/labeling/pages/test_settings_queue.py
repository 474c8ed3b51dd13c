"""The queue and the pauses on the settings page."""

from django.test import Client

from accounts.models import User
from labeling.models import Project
from tests.labeling.pages.browse import text_of


def signed_in(user: User) -> Client:
    """Return a browser that a person has signed in to."""
    client = Client()
    client.force_login(user)
    return client


def test_saves_the_order_and_the_rules(project: Project, manager: User) -> None:
    rules = {"unclear": "another", "out_of_scope": "nobody", "broken": "nobody"}
    sent = {f"skip_{reason}": to for reason, to in (rules | {"other": "reviewer"}).items()}
    client = signed_in(manager)
    response = client.post("/p/test/settings/queue/", sent | {"order": "diverse"})
    assert response["Location"] == "/p/test/settings/#queue"
    project.refresh_from_db()
    assert project.order == "diverse"
    assert project.skip_rules == rules | {"other": "reviewer"}


def test_shows_what_it_cannot_take(project: Project, manager: User) -> None:
    response = signed_in(manager).post("/p/test/settings/queue/", {"order": "best"})
    assert response.status_code == 422
    assert "Select a valid choice. best is not one of" in text_of(response)


def test_pauses_and_resumes_a_member(project: Project, manager: User, annotator: User) -> None:
    client, member = signed_in(manager), project.memberships.get(user=annotator)
    url = f"/p/test/settings/member/{member.pk}/"
    client.post(f"{url}pause/", {"reason": "On holiday"})
    page = text_of(client.get("/p/test/settings/"))
    assert "by manager: On holiday" in page
    assert "annotator is paused." in page
    client.post(f"{url}resume/")
    member.refresh_from_db()
    assert (member.paused_at, member.pause_reason) == (None, "")


def test_a_pause_needs_a_reason(project: Project, manager: User, annotator: User) -> None:
    client, member = signed_in(manager), project.memberships.get(user=annotator)
    client.post(f"/p/test/settings/member/{member.pk}/pause/", {"reason": ""})
    assert "reason: write 1 to 200 characters" in text_of(client.get("/p/test/settings/"))
    member.refresh_from_db()
    assert member.paused_at is None
