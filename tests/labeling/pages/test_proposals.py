"""Proposals to change the guideline: from the review page to the editor."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import GuidelineProposal, Item, Task
from tests.labeling.pages.browse import at, text_of, told
from tests.labeling.steps import disagree

ClientFor = Callable[[User], Client]
TEXT = "Say <b>when</b> beta wins"


@pytest.fixture
def case(pair: tuple[User, User], make_item: Callable[..., Item]) -> Task:
    """An item on which two annotators disagree."""
    return disagree(make_item("Disputed"), *pair)


@pytest.fixture
def proposal(case: Task, reviewer: User, client_for: ClientFor) -> GuidelineProposal:
    """What a reviewer proposed because of it."""
    client = client_for(reviewer)
    assert at("review-propose", case.pk) in text_of(client.get(at("review")))
    done = client.post(at("review-propose", case.pk), {"text": f" {TEXT} "})
    assert done["Location"] == at("review-case", case.pk)
    assert told(done) == ["Proposed: a manager finds it beside the guideline."]
    return GuidelineProposal.objects.get()


def test_it_names_who_item_and_text(
    proposal: GuidelineProposal, case: Task, reviewer: User, manager: User, client_for: ClientFor
) -> None:
    found = (proposal.proposed_by, proposal.item_id, proposal.text, proposal.state)
    assert found == (reviewer, case.item_id, TEXT, "open")
    page = text_of(client_for(manager).get(at("settings")))
    assert "Say &lt;b&gt;when&lt;/b&gt; beta wins" in page
    assert f'<a href="/p/test/items/{case.item_id}/">Disputed</a>' in page


def test_taken_it_opens_the_editor(
    proposal: GuidelineProposal, manager: User, client_for: ClientFor
) -> None:
    client = client_for(manager)
    done = client.post(at("settings-proposal", proposal.pk), {"take": "1"})
    assert done["Location"] == f"/p/test/settings/?proposal={proposal.pk}#guideline"
    page = text_of(client.get(done["Location"]))
    assert 'value="As reviewer proposed: Say &lt;b&gt;when&lt;/b&gt; beta wins"' in page
    assert "Proposed changes" not in page
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("taken", manager)


def test_it_is_decided_once(
    proposal: GuidelineProposal, manager: User, client_for: ClientFor
) -> None:
    client = client_for(manager)
    url = at("settings-proposal", proposal.pk)
    assert told(client.post(url, {"decline": "1"})) == ["Declined."]
    assert told(client.post(url, {"take": "1"}))[-1] == "manager has declined it already."
    proposal.refresh_from_db()
    assert proposal.state == "declined"


def test_an_empty_one_is_refused(case: Task, reviewer: User, client_for: ClientFor) -> None:
    done = client_for(reviewer).post(at("review-propose", case.pk), {"text": " "})
    assert told(done) == ["text: write 1 to 4,000 characters: what the guideline should say."]
    assert not GuidelineProposal.objects.exists()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("wanted", ["0", "x", "²", "9" * 30])
def test_a_wrong_proposal_opens_the_editor_as_it_is(
    wanted: str, manager: User, client_for: ClientFor
) -> None:
    response = client_for(manager).get(at("settings") + f"?proposal={wanted}")
    assert response.status_code == 200
    assert "proposed:" not in text_of(response)
