"""What to label next, by page, REST and command."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, Pick, PriorityJob
from labeling.access import Access
from labeling.models import Event, Item, Project
from tests.classifier.next.conftest import Chosen

PAGE = "/p/test/models/next/"
API = "/api/projects/test/priorities/"
ClientFor = Callable[[User], Client]
ApiFor = Callable[[User], APIClient]


@pytest.fixture
def browser(client_for: ClientFor, manager: User, project: Project) -> Client:
    """The manager's browser."""
    return client_for(manager)


@pytest.fixture
def api(api_for: ApiFor, manager: User, project: Project) -> APIClient:
    """The manager's REST client."""
    return api_for(manager)


def test_without_a_model_the_page_says_what_to_do(browser: Client) -> None:
    page = browser.get(PAGE).content.decode()
    assert "No model to ask" in page
    assert "Choose anew by" not in page


def test_without_a_choice_the_page_says_what_one_does(
    browser: Client, champion: ModelVersion
) -> None:
    page = browser.get(PAGE).content.decode()
    assert "Nothing was chosen yet" in page
    assert "Choose anew by model 1" in page


def test_the_page_shows_what_was_picked_and_why(
    browser: Client, sure_and_unsure: list[Item], chosen: Chosen
) -> None:
    chosen(size=5)
    page = browser.get(PAGE).content.decode()
    assert "5 items, 1 of them drawn at random; 5 still wait for annotators." in page
    first = Pick.objects.get(place=0).task.item
    assert page.index(first.title) < page.index(Pick.objects.get(place=4).task.item.title)
    assert "0.1000" in page


def test_a_reviewer_reads_the_rules_and_changes_nothing(
    client_for: ClientFor, reviewer: User, champion: ModelVersion
) -> None:
    browser = client_for(reviewer)
    page = browser.get(PAGE).content.decode()
    assert "whenever another model becomes champion" in page
    assert "Choose anew by" not in page
    assert browser.post(f"{PAGE}start/").status_code == 403


def test_the_button_queues_a_choice_once(
    browser: Client, champion: ModelVersion, project: Project
) -> None:
    for _ in range(2):
        assert browser.post(f"{PAGE}start/").status_code == 302
    job = project.priority_jobs.get()
    assert (job.state, job.strategy, job.size, job.random_share) == ("queued", "diverse", 500, 0.2)
    assert "A choice is being made" in browser.get(PAGE).content.decode()
    assert "Waiting for a worker" in browser.get(f"{PAGE}live/").content.decode()


def test_a_choice_can_be_stopped_once(
    browser: Client, champion: ModelVersion, project: Project, other_project: Project
) -> None:
    browser.post(f"{PAGE}start/")
    job = project.priority_jobs.get()
    browser.post(f"{PAGE}{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == "cancelled"
    browser.post(f"{PAGE}{job.pk}/cancel/")
    assert f"Choice {job.pk} has ended already: cancelled." in browser.get(PAGE).content.decode()
    PriorityJob.objects.update(project=other_project, state="queued")
    assert browser.post(f"{PAGE}{job.pk}/cancel/").status_code == 404


def test_the_rules_are_changed_with_an_event(browser: Client, project: Project) -> None:
    sent = {"strategy": "entropy", "size": "50", "random_share": "0.3"}
    assert browser.post(f"{PAGE}rules/", sent).status_code == 302
    policy = project.priority_policy
    assert (policy.automatic, policy.strategy, policy.size) == (False, "entropy", 50)
    event = Event.objects.get(verb="changed what is labeled next")
    assert event.before == "automatic, diverse, 500 items, 0.2 at random"
    assert event.after == "by hand, entropy, 50 items, 0.3 at random"


@pytest.mark.parametrize(
    ("field", "value"), [("size", "0"), ("size", "5001"), ("random_share", "1.1")]
)
def test_rules_out_of_range_are_refused_beside_their_field(
    browser: Client, project: Project, field: str, value: str
) -> None:
    sent = {"strategy": "margin", "size": "50", "random_share": "0.3"} | {field: value}
    response = browser.post(f"{PAGE}rules/", sent)
    assert response.status_code == 422
    assert f'name="{field}" value="{value}"' in response.content.decode()
    assert not Event.objects.filter(verb="changed what is labeled next").exists()


def test_rest_starts_lists_and_cancels(api: APIClient, champion: ModelVersion) -> None:
    made = api.post(API)
    assert (made.status_code, made.json()["state"]) == (201, "queued")
    assert api.post(API).status_code == 409
    one = f"{API}{made.json()['id']}/"
    assert api.get(one).json()["model_version"] == 1
    assert api.post(f"{one}cancel/").json()["state"] == "cancelled"
    assert api.post(f"{one}cancel/").status_code == 409
    assert [job["state"] for job in api.get(API).json()["results"]] == ["cancelled"]


def test_rest_needs_a_champion(api: APIClient) -> None:
    refused = api.post(API)
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith("There is no model in service to ask")


def test_rest_gives_the_picks_with_their_probability(
    api: APIClient, sure_and_unsure: list[Item], chosen: Chosen
) -> None:
    chosen(size=5)
    picks = api.get(f"{API}picks/").json()["results"]
    assert [pick["place"] for pick in picks] == [0, 1, 2, 3, 4]
    last = picks[-1]
    assert (last["kind"], last["inclusion_probability"]) == ("random", 0.1)
    assert (last["task_state"], picks[0]["inclusion_probability"]) == ("open", None)


def test_rest_changes_the_rules(api: APIClient, project: Project) -> None:
    url = f"{API}policy/"
    assert api.get(url).json() == {
        "automatic": True,
        "strategy": "diverse",
        "size": 500,
        "random_share": 0.2,
    }
    assert api.patch(url, {"size": 40}, format="json").json()["size"] == 40
    assert api.patch(url, {"size": 0}, format="json").status_code == 400
    assert project.priority_policy.size == 40


def test_the_command_chooses_here_and_now(
    sure_and_unsure: list[Item], champion: ModelVersion
) -> None:
    said = StringIO()
    call_command("prioritise", "test", stdout=said)
    assert said.getvalue() == "10 of 10 items come first in test, 2 of them drawn at random.\n"
    assert PriorityJob.objects.get().created_by is None


def test_the_command_can_leave_it_to_a_worker(champion: ModelVersion) -> None:
    said = StringIO()
    call_command("prioritise", "test", "--queue", stdout=said)
    assert said.getvalue().endswith("of test is queued.\n")
    assert PriorityJob.objects.get().state == "queued"


def test_the_command_says_what_is_wrong(project: Project, manager_access: Access) -> None:
    with pytest.raises(CommandError, match="There is no project 'none'"):
        call_command("prioritise", "none")
    with pytest.raises(CommandError, match="There is no model in service"):
        call_command("prioritise", "test")
