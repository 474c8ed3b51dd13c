"""GET /api/projects/SLUG/quality/…/: the tables of the Quality pages, and their files."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from labeling.models import Annotation, Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer
from tests.labeling.votes import decide_as, vote

MakeItem = Callable[..., Item]
TABLES = (
    *("coefficients", "labels", "pairs", "weeks", "guidelines", "sources"),
    *("confusion", "worst"),
)


def url(table: str) -> str:
    """Return the address of a table."""
    return path(f"quality/{table}/")


@pytest.fixture
def pair(annotator: User, second_annotator: User) -> tuple[User, User]:
    """Two annotators of the project."""
    return annotator, second_annotator


@pytest.fixture
def items(pair: tuple[User, User], make_item: MakeItem, reviewer: User) -> list[Item]:
    """Two agreements, on alpha and beta, and a disagreement, decided as alpha."""
    made = vote(make_item, pair, ["aa", "bb", "ab"])
    decide_as(made[2], reviewer, "alpha")
    return made


def file_of(response: Any) -> list[dict[str, str]]:
    """Return the rows of a file."""
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(response.content.decode().splitlines()))


@pytest.mark.usefixtures("items")
def test_coefficients(reviewer: User, api_for: ApiFor) -> None:
    found = ok(api_for(reviewer).get(url("coefficients")))
    values = {row["coefficient"]: row["agreement"]["value"] for row in found}
    # Of six votes half are for each label; of three items two agree.
    assert values == pytest.approx(
        {"percent": 2 / 3, "alpha": 4 / 9, "fleiss": 1 / 3, "ac1": 1 / 3}
    )
    assert {row["agreement"]["items"] for row in found} == {3}


@pytest.mark.usefixtures("items")
def test_labels(reviewer: User, api_for: ApiFor) -> None:
    alpha, _, gamma = ok(api_for(reviewer).get(url("labels")))
    assert (alpha["label"], alpha["votes"]) == ("alpha", 3)
    assert alpha["alpha"]["value"] == pytest.approx(4 / 9)
    assert alpha["specific"]["value"] == pytest.approx(2 / 3)
    assert gamma["alpha"]["reason"] == "Undefined: none of the 6 votes is for this label."


@pytest.mark.usefixtures("items")
def test_pairs(reviewer: User, api_for: ApiFor) -> None:
    (row,) = ok(api_for(reviewer).get(url("pairs")))
    assert (row["first"], row["second"], row["kappa"]["items"]) == ("annotator", "second", 3)
    assert row["kappa"]["value"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))


def test_weeks(items: list[Item], reviewer: User, api_for: ApiFor) -> None:
    sunday = datetime(2026, 3, 8, 23, tzinfo=UTC)
    Annotation.objects.filter(item__in=items[:2]).update(created_at=sunday)
    newest = Annotation.objects.filter(item=items[1]).last()
    assert newest is not None
    monday = datetime(2026, 3, 9, tzinfo=UTC)
    Annotation.objects.filter(pk=newest.pk).update(created_at=monday)
    Annotation.objects.filter(item=items[2]).update(imported=True)
    found = ok(api_for(reviewer).get(url("weeks")))
    assert [(row["week"], row["votes"], row["alpha"]["items"]) for row in found] == [
        ("2026-03-02", 2, 1),
        ("2026-03-09", 2, 1),
    ]


@pytest.mark.usefixtures("items")
def test_guidelines_and_sources(project: Project, reviewer: User, api_for: ApiFor) -> None:
    (version,) = ok(api_for(reviewer).get(url("guidelines")))
    assert (version["version"], version["votes"]) == (1, 6)
    (source,) = ok(api_for(reviewer).get(url("sources")))
    assert (source["origin"], source["votes"]) == ("", 6)
    assert source["alpha"]["value"] == version["alpha"]["value"] == pytest.approx(4 / 9)


@pytest.mark.usefixtures("items")
def test_confusion_is_the_annotator_s_own(
    pair: tuple[User, User], reviewer: User, api_for: ApiFor
) -> None:
    found = ok(api_for(reviewer).get(url("confusion")))
    second = [
        {"annotator": "second", "given": "alpha", "label": "alpha", "count": 1},
        {"annotator": "second", "given": "beta", "label": "alpha", "count": 1},
        {"annotator": "second", "given": "beta", "label": "beta", "count": 1},
    ]
    assert found[-3:] == second
    assert {row["annotator"] for row in found} == {"annotator", "second"}
    assert ok(api_for(pair[1]).get(url("confusion"))) == second
    assert file_of(api_for(pair[1]).get(url("confusion") + "?as=csv"))[1]["given"] == "beta"


def test_worst(items: list[Item], reviewer: User, api_for: ApiFor) -> None:
    assert ok(api_for(reviewer).get(url("worst"))) == [
        {
            "item": items[2].pk,
            "external_id": "item-3",
            "title": "Item 3",
            "status": "labeled",
            "label": "alpha",
            "votes": 2,
            "against": 1,
            "by_label": {"alpha": 1, "beta": 1},
        }
    ]


@pytest.mark.usefixtures("items")
@pytest.mark.parametrize("table", TABLES)
def test_each_is_a_file_with_the_same_rows(table: str, reviewer: User, api_for: ApiFor) -> None:
    client = api_for(reviewer)
    response = client.get(url(table) + "?as=csv")
    assert response["Content-Disposition"] == f'attachment; filename="test-{table}.csv"'
    assert len(file_of(response)) == len(ok(client.get(url(table)))) > 0


@pytest.mark.usefixtures("items")
def test_what_is_nested_has_a_column_each(reviewer: User, api_for: ApiFor) -> None:
    (row,) = file_of(api_for(reviewer).get(url("pairs") + "?as=csv"))
    assert list(row) == [
        *("first", "second", "kappa", "kappa_low", "kappa_high", "kappa_items", "kappa_reason")
    ]
    assert float(row["kappa"]) == pytest.approx(0.4)
    (worst,) = file_of(api_for(reviewer).get(url("worst") + "?as=csv"))
    assert worst["by_label"] == "alpha: 1, beta: 1"


def test_no_cell_is_a_formula(
    pair: tuple[User, User], make_item: MakeItem, reviewer: User, api_for: ApiFor
) -> None:
    make_item('=HYPERLINK("http://example.org")', external_id="+1")
    for user, label in zip(pair, ("alpha", "beta"), strict=True):
        answer(reviewer.memberships.get().project, user, label)
    (row,) = file_of(api_for(reviewer).get(url("worst") + "?as=csv"))
    assert (row["title"], row["external_id"]) == ('\'=HYPERLINK("http://example.org")', "'+1")


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_project_has_a_head_and_the_reason(
    table: str, project: Project, reviewer: User, api_for: ApiFor
) -> None:
    client = api_for(reviewer)
    found, rows = ok(client.get(url(table))), file_of(client.get(url(table) + "?as=csv"))
    expected = {"coefficients": 4, "labels": 3}.get(table, 0)
    assert len(found) == len(rows) == expected
    if table == "coefficients":
        reason = "Undefined: none of the 0 labeled items has two votes."
        assert {row["agreement_reason"] for row in rows} == {reason}
        assert {row["agreement"] for row in rows} == {""}


def test_an_unknown_form_is_refused(project: Project, reviewer: User, api_for: ApiFor) -> None:
    said = refused(api_for(reviewer).get(url("labels") + "?as=xlsx"), 400)
    assert "as" in said.split()


@pytest.mark.parametrize("table", TABLES)
def test_who_may_ask(
    table: str, project: Project, annotator: User, outsider: User, api_for: ApiFor
) -> None:
    refused(api_for(outsider).get(url(table)), 404)
    status = api_for(annotator).get(url(table)).status_code
    assert status == (200 if table == "confusion" else 403)


def test_annotators_are_a_file_too(
    items: list[Item], annotator: User, reviewer: User, api_for: ApiFor
) -> None:
    rows = file_of(api_for(reviewer).get(path("annotators/") + "?as=csv"))
    assert [(row["username"], row["votes"]) for row in rows] == [
        ("second", "3"),
        ("annotator", "3"),
    ]
    (own,) = file_of(api_for(annotator).get(path("annotators/") + "?as=csv"))
    assert own["username"] == "annotator"
