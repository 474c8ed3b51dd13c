"""Agreement by coefficient, pair, guideline and source."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from labeling.models import Annotation, Item, Project, Role
from tests.conftest import join
from tests.labeling.pages.browse import at, text_of
from tests.labeling.votes import vote

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
# 20 items, two disagreements: 21 votes for alpha, 19 for beta.
VOTES = ["aa"] * 10 + ["bb"] * 8 + ["ab", "ba"]


def section(page: str, name: str) -> str:
    """Return a section of a page."""
    start = page.index(f'id="{name}"')
    return page[start : page.index("</section>", start)]


def test_every_coefficient_has_its_interval_and_leads_to_the_items(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    vote(make_item, pair, VOTES)
    response = client_for(reviewer).get(at("quality-agreement"))
    found = {title: one.value for title, _, one in response.context["coefficients"]}
    shares = (22 / 40) ** 2 + (18 / 40) ** 2
    by_hand = {
        "Percent agreement": 0.9,
        # 40 votes, 22 for alpha and 18 for beta; 4 of 40 ordered pairs disagree.
        "Krippendorff's alpha": 1 - 39 * 4 / (2 * 22 * 18),
        "Fleiss' kappa": (0.9 - shares) / (1 - shares),
        "Gwet's AC1": (0.9 - (1 - shares)) / shares,
    }
    assert found == pytest.approx(by_hand)
    part = section(text_of(response), "coefficients")
    assert "0.90 <span>[0.75, 1.00]</span>" in part
    assert part.count('<a href="/p/test/items/?agreement=compared">20</a>') == 4


def test_pairs_lead_to_what_both_answered(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, client_for: ClientFor
) -> None:
    vote(make_item, pair, VOTES)
    response = client_for(reviewer).get(at("quality-agreement"))
    (row,) = response.context["pairs"]
    assert (row.first, row.second, row.kappa.items) == ("annotator", "second", 20)
    # Both gave alpha to 11 of 20 and beta to 9.
    chance = (11 * 11 + 9 * 9) / 400
    assert row.kappa.value == pytest.approx((0.9 - chance) / (1 - chance))
    assert '<a href="/p/test/items/?annotator=annotator&amp;also=second">20</a>' in text_of(
        response
    )
    assert "?annotator=annotator&amp;also=second&amp;agreement=disagree" in text_of(response)


def test_the_most_shared_pair_comes_first_by_name(
    project: Project,
    pair: tuple[User, User],
    make_item: MakeItem,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    zoe, abe = (join(project, name, Role.ANNOTATOR) for name in ("zoe", "abe"))
    vote(make_item, (zoe, abe), ["ab"] * 2)
    vote(make_item, pair, ["aa"])
    rows = client_for(reviewer).get(at("quality-agreement")).context["pairs"]
    assert [(row.first, row.second, row.kappa.items) for row in rows] == [
        ("abe", "zoe", 2),
        ("annotator", "second", 1),
    ]
    assert rows[1].kappa.reason == "Undefined: both gave 1 item the same one label."


def test_guidelines_count_items_with_two_votes_under_one(
    project: Project,
    pair: tuple[User, User],
    make_item: MakeItem,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    first, second, third = vote(make_item, pair, ["aa", "bb", "ab"])
    newer = project.guidelines.create(version=2, text="Newer")
    Annotation.objects.filter(item__in=[third, first], annotator=pair[1]).update(guideline=newer)
    Annotation.objects.filter(item=third).update(guideline=newer)
    groups = client_for(reviewer).get(at("quality-agreement")).context["guidelines"]
    assert [(one.key, one.votes, one.alpha.items) for one in groups] == [(2, 3, 1), (1, 3, 1)]
    assert groups[0].alpha.value == 0
    page = text_of(client_for(reviewer).get(at("quality-agreement")))
    assert '<a href="/p/test/items/?guideline=2&amp;agreement=compared">1</a>' in page
    assert second.pk > first.pk


def test_sources_are_told_apart_by_name(
    project: Project,
    pair: tuple[User, User],
    make_item: MakeItem,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    made = vote(make_item, pair, ["aa", "bb", "ab", "ba", "aa"])
    for place, source in enumerate(["feed.csv", "feed.csv", "REST", "REST"]):
        job = project.imports.create(source=source)
        Item.objects.filter(pk=made[place].pk).update(import_job=job)
    response = client_for(reviewer).get(at("quality-agreement"))
    groups = {one.key: one for one in response.context["sources"]}
    assert {key: (one.votes, one.alpha.items) for key, one in groups.items()} == {
        "feed.csv": (4, 2),
        "REST": (4, 2),
        "": (2, 1),
    }
    assert groups["feed.csv"].alpha.value == 1
    # Two votes of each label and four disagreeing pairs of four.
    assert groups["REST"].alpha.value == pytest.approx(1 - 3 * 4 / (2 * 2 * 2))
    assert groups[""].alpha.reason == "Undefined: all 2 votes on 1 item are for one label."
    page = text_of(response)
    assert "/p/test/items/?origin=feed.csv&amp;agreement=compared" in page
    assert "/p/test/items/?source=0&amp;agreement=compared" in page


def test_what_is_undefined_says_why(
    project: Project, reviewer: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(reviewer).get(at("quality-agreement")))
    assert section(page, "coefficients").count("none of the 0 labeled items has two votes.") == 8
    assert "No two people have labeled the same item yet." in page
    assert "No vote says which version" in page


def test_deleted_items_do_not_count(
    project: Project,
    pair: tuple[User, User],
    make_item: MakeItem,
    reviewer: User,
    client_for: ClientFor,
) -> None:
    made = vote(make_item, pair, ["aa", "bb", "ab"])
    Item.objects.filter(pk=made[2].pk).update(deletion=project.deletions.create())
    response = client_for(reviewer).get(at("quality-agreement"))
    assert {one.value for _, _, one in response.context["coefficients"]} == {1.0}
    assert {one.items for _, _, one in response.context["coefficients"]} == {2}


def test_it_is_for_reviewers(annotator: User, client_for: ClientFor) -> None:
    assert client_for(annotator).get(at("quality-agreement")).status_code == 403
