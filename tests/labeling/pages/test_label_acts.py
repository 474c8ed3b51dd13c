"""Skipping, taking back and keeping an item on the label page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Annotation, Assignment, Item, LookState, Project
from labeling.queue import claim
from tests.labeling.pages.browse import PART, at, strict, text_of, told
from tests.labeling.steps import answer, disagree

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]


@pytest.fixture
def client(annotator: User, client_for: ClientFor) -> Client:
    """The annotator's browser."""
    return client_for(annotator)


@pytest.fixture
def look(client: Client, project: Project, annotator: User, make_item: MakeItem) -> Assignment:
    """The look that the annotator holds; one more item waits."""
    make_item("First")
    make_item("Second")
    look = claim(project=project, user=annotator)
    assert look is not None
    return look


class TestSkip:
    """An item goes to somebody else."""

    def test_the_next_item_comes_with_the_reply(self, client: Client, look: Assignment) -> None:
        sent = {"token": look.token, "reason": "unclear"}
        response = client.post(at("label-skip", look.pk), sent, headers=PART)
        look.refresh_from_db()
        assert (look.state, look.skip_reason) == (LookState.SKIPPED, "unclear")
        page = text_of(response)
        assert '<h2 class="item-title">Second</h2>' in page
        assert "Skipped: it goes to another annotator." in page

    def test_without_scripts(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-skip", look.pk), {"token": look.token, "reason": "broken"})
        assert response["Location"] == "/p/test/label/"
        assert told(response) == ["Skipped: it goes to a reviewer."]

    @pytest.mark.parametrize(
        ("change", "status"), [({"reason": "bored"}, 422), ({"token": "wrong"}, 409)]
    )
    def test_a_refused_skip_keeps_the_item(
        self, change: dict[str, str], status: int, client: Client, look: Assignment
    ) -> None:
        sent = {"token": look.token, "reason": "unclear"} | change
        response = client.post(at("label-skip", look.pk), sent, headers=PART)
        assert response.status_code == status
        assert '<h2 class="item-title">First</h2>' in text_of(response)

    def test_an_unknown_look_is_not_found(self, client: Client, look: Assignment) -> None:
        assert client.post(at("label-skip", 999_999)).status_code == 404


class TestUndo:
    """The last answer is taken back."""

    def test_the_item_is_shown_again(
        self, client: Client, look: Assignment, project: Project, annotator: User
    ) -> None:
        answer(project, annotator, "alpha")
        response = client.post(at("label-undo"), headers=PART)
        page = text_of(response)
        assert '<h2 class="item-title">First</h2>' in page
        assert "Taken back. Here it is again." in page
        assert not Annotation.objects.live().exists()
        assert Annotation.objects.count() == 2

    def test_without_scripts(
        self, client: Client, look: Assignment, project: Project, annotator: User
    ) -> None:
        answer(project, annotator, "alpha")
        response = client.post(at("label-undo"))
        assert response["Location"] == "/p/test/label/"
        assert told(response) == ["Taken back. Here it is again."]

    def test_one_of_the_last_ten(
        self, client: Client, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        for title in ("First", "Second", "Third"):
            make_item(title)
        given = [answer(project, annotator, "alpha") for _ in range(3)]
        look = given[0].assignment_id
        response = client.post(at("label-undo-one", look), {"tab": "t1"}, headers=PART)
        page = text_of(response)
        assert f'data-reply data-first="{look}"' in page
        assert '<h2 class="item-title">First</h2>' in page
        assert set(Annotation.objects.live()) == set(given[1:])

    def test_one_that_a_reviewer_decided_stays(
        self, client: Client, pair: tuple[User, User], reviewer: User, make_item: MakeItem
    ) -> None:
        task = disagree(make_item(), *pair)
        decide(project=task.project, user=reviewer, task_id=task.pk, label_name="gamma")
        look = Annotation.objects.get(annotator=pair[0]).assignment_id
        response = client.post(at("label-undo-one", look), headers=PART)
        assert response.status_code == 409
        assert "A reviewer has decided this item since; the answer stays." in text_of(response)

    def test_another_persons_answer_stays(
        self, client: Client, project: Project, second_annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        given = answer(project, second_annotator, "alpha")
        response = client.post(at("label-undo-one", given.assignment_id), headers=PART)
        assert response.status_code == 409
        assert Annotation.objects.live().get() == given

    def test_an_unknown_look_is_not_found(self, client: Client) -> None:
        assert client.post(at("label-undo-one", 999_999), headers=PART).status_code == 404

    def test_with_nothing_to_take_back_it_says_so(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-undo"), headers=PART)
        page = text_of(response)
        assert response.status_code == 409
        assert "There is no answer of yours to take back." in page
        assert '<h2 class="item-title">First</h2>' in page


class TestExtend:
    """The page keeps its item while it is open."""

    def test_the_lease_runs_anew(self, client: Client, look: Assignment, project: Project) -> None:
        Assignment.objects.filter(pk=look.pk).update(
            lease_expires_at=timezone.now() + timedelta(seconds=30)
        )
        response = client.post(at("label-extend", look.pk), {"token": look.token})
        look.refresh_from_db()
        assert response.status_code == 204
        assert look.lease_expires_at is not None
        left = look.lease_expires_at - timezone.now()
        assert left > timedelta(minutes=project.lease_minutes - 1)

    def test_a_lost_lease_is_told(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-extend", look.pk), {"token": "wrong"})
        assert response.status_code == 409
        assert response.content.decode() == "This item has gone back to the queue."

    def test_an_unknown_look_is_not_found(self, client: Client, look: Assignment) -> None:
        assert client.post(at("label-extend", 999_999)).status_code == 404


class TestRelease:
    """An item that was fetched ahead goes back when the page is closed."""

    def test_it_is_free_again(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-release", look.pk), {"token": look.token})
        look.refresh_from_db()
        assert response.status_code == 204
        assert (look.state, look.annotator) == (LookState.FREE, None)

    def test_only_its_holder_can(self, client: Client, look: Assignment) -> None:
        response = client.post(at("label-release", look.pk), {"token": "wrong"})
        look.refresh_from_db()
        assert response.status_code == 409
        assert look.state == LookState.LEASED

    def test_an_unknown_look_is_not_found(self, client: Client, look: Assignment) -> None:
        assert client.post(at("label-release", 999_999)).status_code == 404

    def test_the_form_field_is_enough_against_forgery(
        self, client: Client, look: Assignment
    ) -> None:
        """A page that closes can send a form, but no header."""
        browser = strict(client)
        url = at("label-release", look.pk)
        assert browser.post(url, {"token": look.token}).status_code == 403
        browser.get(at("label"))
        token = browser.cookies["csrftoken"].value
        sent = {"token": look.token, "csrfmiddlewaretoken": token}
        assert browser.post(url, sent).status_code == 204


class TestAnswers:
    """The last ten, each with its way back."""

    def test_the_newest_come_first_with_label_and_time(
        self, client: Client, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        for number in range(12):
            make_item(f"Item no. {number}")
            answer(project, annotator, "alpha")
        page = text_of(client.get(at("label-answers")))
        assert page.count('class="last-answer-title"') == 10
        assert page.index("Item no. 11") < page.index("Item no. 2<")
        assert "Item no. 1<" not in page
        assert page.count('<span class="chip-name">alpha</span></span> <time datetime=') == 10
        assert page.count("Take back</button>") == 10

    def test_one_that_stays_says_why(
        self, client: Client, pair: tuple[User, User], reviewer: User, make_item: MakeItem
    ) -> None:
        task = disagree(make_item(), *pair)
        decide(project=task.project, user=reviewer, task_id=task.pk, label_name="gamma")
        page = text_of(client.get(at("label-answers")))
        assert "A reviewer has decided this item since; the answer stays." in page
        assert "Take back" not in page

    def test_there_may_be_none(self, client: Client, project: Project) -> None:
        assert "You have given no answer here yet." in text_of(client.get(at("label-answers")))

    @pytest.mark.parametrize("given", [1, 10])
    def test_it_costs_few_queries(
        self,
        given: int,
        client: Client,
        project: Project,
        annotator: User,
        make_item: MakeItem,
        django_assert_max_num_queries: DjangoAssertNumQueries,
    ) -> None:
        for _ in range(given):
            make_item()
            answer(project, annotator, "alpha")
        with django_assert_max_num_queries(8):
            client.get(at("label-answers"))
