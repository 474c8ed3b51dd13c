"""The review page: what it shows."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Annotation, Item, Project, Task, TaskReason
from labeling.queue import want_look
from tests.labeling.api.calls import ApiFor, ok, path
from tests.labeling.pages.browse import at, text_of, told
from tests.labeling.steps import answer, disagree, pass_on

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(reviewer: User, client_for: ClientFor) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


@pytest.fixture
def case(pair: tuple[User, User], make_item: MakeItem) -> Task:
    """An item on which two annotators disagree: alpha and beta."""
    return disagree(make_item("Disputed <script>"), *pair)


def report(item: Item) -> Task:
    """Bring an item before a reviewer as reported."""
    task, _ = want_look(
        project=item.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=0,
        priority=30,
        suggestion=item.project.labels.get(name="gamma"),
        confidence=0.8,
        source="model 7",
        note="It is about <b>money</b>.",
        review=True,
    )
    return task


def test_it_shows_the_votes_without_names(client: Client, case: Task) -> None:
    Annotation.objects.filter(label__name="beta").update(seconds=15, note="Both fit")
    page = text_of(client.get(at("review")))
    assert "Disputed &lt;script&gt;" in page
    assert '<span class="muted">annotator A · guideline 1</span>' in page
    assert '<span class="muted">annotator B · 15.0 s · guideline 1</span><q>Both fit</q>' in page
    assert '<span class="case-value num">1 : 1</span>' in page
    assert ">second<" not in page
    assert ">annotator<" not in page


@pytest.mark.parametrize(
    ("reason", "words"), [(TaskReason.DRIFT, "drift"), (TaskReason.WEAK_SLICE, "weak slice")]
)
def test_what_drift_and_weak_slices_ask_for_is_told_apart(
    client: Client, api_for: ApiFor, reviewer: User, make_item: MakeItem, reason: str, words: str
) -> None:
    report(make_item("Reported", task=False))
    item = make_item("Sent", task=False)
    want_look(
        project=item.project,
        item=item,
        reason=TaskReason(reason),
        looks=0,
        priority=5,
        review=True,
    )
    page = text_of(client.get(at("review"), {"reason": reason}))
    assert "Sent" in page
    assert "Reported" not in page
    assert f">{words}<" in page
    listed = ok(api_for(reviewer).get(path("items/"), {"reason": reason}))["results"]
    assert [row["title"] for row in listed] == ["Sent"]


def test_a_tie_has_no_leading_answer(client: Client, case: Task) -> None:
    assert 'data-key="Enter"' not in client.get(at("review")).content.decode()


def test_a_majority_leads(client: Client, case: Task, manager: User, project: Project) -> None:
    vote = Annotation.objects.get(label__name="beta")
    look = case.assignments.create(
        project=project, slot=3, state="done", annotator=manager, done_at=vote.created_at
    )
    Annotation.objects.create(
        project=project,
        item=case.item,
        assignment=look,
        annotator=manager,
        label=vote.label,
        idempotency_key="third",
    )
    page = text_of(client.get(at("review")))
    assert '<span class="case-value num">2 : 1</span>' in page
    assert 'value="beta" data-key="Enter"' in page


def test_a_report_comes_first_with_its_text(
    client: Client, case: Task, make_item: MakeItem
) -> None:
    report(make_item("Reported", task=False))
    page = text_of(client.get(at("review")))
    assert '<h2 class="item-title" id="case-title">Reported</h2>' in page
    assert "It is about &lt;b&gt;money&lt;/b&gt;." in page
    assert 'data-key="Enter"' not in page


def test_the_people_lead_where_a_reported_answer_contradicts_them(
    client: Client, project: Project, pair: tuple[User, User], make_item: MakeItem
) -> None:
    item = make_item("Reported")
    for user in pair:
        answer(project, user, "alpha")
    report(item)
    page = text_of(client.get(at("review")))
    assert 'value="alpha" data-key="Enter"' in page
    assert "earlier task" in page


def test_an_answer_under_an_older_guideline_is_told(
    client: Client, case: Task, project: Project
) -> None:
    project.guidelines.create(version=2, text="Beta comes **first**.")
    page = text_of(client.get(at("review")))
    assert page.count('guideline 1 <span class="older">older</span>') == 2


def test_the_list_can_be_narrowed_to_a_reason(
    client: Client, case: Task, make_item: MakeItem
) -> None:
    report(make_item("Reported", task=False))
    page = text_of(client.get(at("review") + "?reason=new"))
    assert 'aria-current="true">disagreement <span class="count">1</span></a>' in page
    assert '<h2 class="item-title" id="case-title">Disputed &lt;script&gt;</h2>' in page
    assert "2 waiting" in page


def test_an_item_skipped_twice_is_a_case(
    client: Client, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    make_item()
    pass_on(project, annotator, "unclear")
    pass_on(project, second_annotator, "out_of_scope")
    page = text_of(client.get(at("review")))
    assert '<span class="reason">skipped</span>' in page
    assert "skipped: unclear" in page
    assert "skipped: out of scope" in page


def test_a_case_can_be_opened_by_its_address(
    client: Client, case: Task, make_item: MakeItem
) -> None:
    report(make_item("Reported", task=False))
    page = text_of(client.get(at("review-case", case.pk)))
    assert '<h2 class="item-title" id="case-title">Disputed &lt;script&gt;</h2>' in page


def test_a_decided_case_gives_way(
    client: Client, case: Task, project: Project, manager: User
) -> None:
    decide(project=project, user=manager, task_id=case.pk, label_name="alpha")
    response = client.get(at("review-case", case.pk))
    assert response["Location"] == "/p/test/review/"
    assert told(response) == ["That case no longer waits for a reviewer."]


def test_another_projects_case_is_not_found(
    case: Task, outsider: User, client_for: ClientFor
) -> None:
    assert client_for(outsider).get(f"/p/other/review/{case.pk}/").status_code == 404


class TestOwnCase:
    """Nobody decides an item on which they gave an answer."""

    @pytest.fixture
    def own(self, annotator: User, reviewer: User, make_item: MakeItem) -> Task:
        """A case in which the reviewer is a party."""
        return disagree(make_item("Mine"), annotator, reviewer)

    def test_it_is_counted_but_not_listed(self, client: Client, own: Task) -> None:
        page = text_of(client.get(at("review")))
        assert "0 waiting" in page
        assert "1 more waits for another reviewer: you gave an answer on it yourself." in page
        assert "No case waits for you" in page

    def test_opened_by_its_address_it_cannot_be_decided(self, client: Client, own: Task) -> None:
        page = text_of(client.get(at("review-case", own.pk)))
        assert "another reviewer has to decide it." in page
        assert "decide-form" not in page


def test_the_page_costs_few_queries(
    client: Client,
    project: Project,
    pair: tuple[User, User],
    make_item: MakeItem,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        disagree(make_item(), *pair)
    with django_assert_max_num_queries(8):
        client.get(at("review"))
