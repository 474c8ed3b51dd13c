"""Checks in the browser: unmarked among the looks, told where wanted, shown to whom they may be."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.guidelines import publish_guideline
from labeling.lessons import part_about
from labeling.models import Annotation, Assignment, Item, Project
from labeling.queue import claim
from tests.labeling.gold import check_with, make_gold, only
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import answer

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
FORM = {
    "gold_first": "3",
    "gold_rate": "0.2",
    "repeat_rate": "0.05",
    "gold_show": "on",
    "skill_warn": "0.9",
    "skill_review": "0.7",
    "skill_pause": "0.5",
}


@pytest.fixture
def gold(project: Project, make_item: MakeItem) -> Item:
    """A gold item of label alpha, beside two items that wait."""
    only(project, first=1)
    made = make_gold(make_item("Gold title", task=False))
    make_item("Plain title")
    make_item("Third title")
    return made


def send(client: Client, look: Assignment, label: str) -> str:
    """Answer a look as the page does, and return the reply."""
    fields = {"token": look.token, "label": label, "idempotency_key": f"k{look.pk}"}
    return text_of(client.post(at("label-submit", look.pk), fields, headers=PART))


def leveled(page: str) -> str:
    """Return a page without what differs from look to look: ids, tokens, titles and times."""
    page = re.sub(r'"(\d+|[A-Za-z0-9]{24}|20\d\d-[^"]*)"', '"-"', page)
    return re.sub(r"(Gold|Plain|Third) title|<time.*?</time>", "-", page)


def test_a_check_reads_like_any_other(
    project: Project, annotator: User, gold: Item, client_for: ClientFor
) -> None:
    client = client_for(annotator)
    page = text_of(client.post(at("label-next"), {"tab": "t"}, headers=PART))
    first, second = re.findall(r"<div data-look=.*?</article>", page)
    assert "Gold title" in first
    assert "Plain title" in second
    assert leveled(first) == leveled(second)
    assert "gold" not in page.replace("Gold title", "")


def test_without_telling_the_replies_are_alike(
    project: Project, annotator: User, gold: Item, client_for: ClientFor
) -> None:
    client, replies = client_for(annotator), []
    for _ in range(2):
        look = claim(project=project, user=annotator)
        assert look is not None
        replies.append(send(client, look, "beta"))
    assert all("Saved as beta." in reply for reply in replies)
    assert not [reply for reply in replies if "data-lesson" in reply]


def test_an_answer_to_gold_is_told_where_wanted(
    project: Project, annotator: User, gold: Item, client_for: ClientFor, manager_access: object
) -> None:
    project.gold_show = True
    project.save()
    publish_guideline(
        access=manager_access,  # type: ignore[arg-type]
        text="# Labels\n## Alpha\nComes first.\n## beta\nComes second.",
    )
    look = claim(project=project, user=annotator)
    assert look is not None
    reply = send(client_for(annotator), look, "beta")
    assert '<p data-lesson="bad">Not quite: this was a gold item, and its label is alpha.' in reply
    assert "Comes first.</p>" in reply
    look = claim(project=project, user=annotator)
    assert look is not None
    assert "data-lesson" not in send(client_for(annotator), look, "beta")


@pytest.mark.parametrize(
    ("guideline", "part"),
    [
        ("# alpha\nOne\ntwo\n# beta\nThree", "One two"),
        ("## What is Beta?\nThree", ""),
        ("# alphabet\nNo\n# The label alpha\nYes", "Yes"),
        ("", ""),
    ],
)
def test_the_part_of_the_guideline(guideline: str, part: str) -> None:
    assert part_about(guideline, "alpha") == part


def test_the_quality_page_leads_to_the_answers(
    project: Project, annotator: User, reviewer: User, gold: Item, client_for: ClientFor
) -> None:
    check_with(project, annotator, "beta")
    client = client_for(reviewer)
    page = text_of(client.get(at("quality")))
    where = at("quality-person", annotator.pk)
    assert f'<a href="{where}?kind=gold">0.82</a>' in page
    assert "n = 1" in page
    page = text_of(client.get(where, {"kind": "gold"}))
    assert f'<a href="/p/test/items/{gold.pk}/">Gold title</a>' in page
    assert "0 of 1" in page
    assert "differs" in page
    assert "None yet." in text_of(client.get(where, {"kind": "repeat"}))


def test_an_annotator_sees_the_own_alone_and_not_yet(
    project: Project,
    annotator: User,
    second_annotator: User,
    gold: Item,
    client_for: ClientFor,
) -> None:
    check_with(project, annotator, "beta")
    client = client_for(annotator)
    assert client.get(at("quality-person", second_annotator.pk)).status_code == 403
    page = text_of(client.get(at("quality-person", annotator.pk)))
    assert "Gold title" not in page
    assert "no data" in page
    assert "n = 1" not in text_of(client.get(at("quality")))
    project.gold_show = True
    project.save()
    page = text_of(client.get(at("quality-person", annotator.pk)))
    assert "Gold title" in page
    assert "/p/test/items/" not in page
    assert "0 of 1" in page


def test_the_own_count_of_answers_does_not_tell(
    project: Project, annotator: User, gold: Item, client_for: ClientFor
) -> None:
    check_with(project, annotator, "beta")
    answer(project, annotator, "alpha")
    row = client_for(annotator).get(at("quality")).context["rows"][0]
    assert (row.votes, row.settled) == (2, 0)


def test_the_csv_has_a_row_a_person(
    project: Project, annotator: User, manager: User, gold: Item, client_for: ClientFor
) -> None:
    check_with(project, annotator, "alpha")
    lines = client_for(manager).get(at("quality-people-csv")).content.decode().splitlines()
    assert lines[0].startswith("person,gold_right,gold_answered,skill,skill_low,skill_high,")
    assert lines[1].startswith("annotator,1,1,0.909")
    assert len(lines) == 2


def test_a_manager_lifts_on_the_page(
    project: Project, annotator: User, manager: User, client_for: ClientFor
) -> None:
    member = project.memberships.get(user=annotator)
    client, where = client_for(manager), at("quality-person", annotator.pk)
    assert "Lift" not in text_of(client.get(where))
    assert told(client.post(f"{where}lift/")) == ["Nothing was held against annotator."]
    member.review_since = member.created_at
    member.save()
    page = text_of(client.get(where))
    assert "answers go to a reviewer" in page
    assert "Lift…" in page
    client.post(f"{where}lift/")
    member.refresh_from_db()
    assert member.review_since is None


def test_the_settings_take_the_checks(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    client = client_for(manager)
    response = client.post(at("settings-checks"), FORM)
    assert response["Location"] == "/p/test/settings/#checks"
    project.refresh_from_db()
    assert (project.gold_first, project.gold_rate, project.repeat_rate) == (3, 0.2, 0.05)
    assert project.gold_show
    assert (project.skill_warn, project.skill_review, project.skill_pause) == (0.9, 0.7, 0.5)
    wrong = client.post(at("settings-checks"), FORM | {"gold_rate": "0.6"})
    assert wrong.status_code == 422
    assert "less than or equal to 0.5" in text_of(wrong)
    assert Annotation.objects.count() == 0
