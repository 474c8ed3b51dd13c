"""Versions of the guideline: their history, and the change as annotators see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.guidelines import publish_guideline
from labeling.models import Event, Item, Project
from tests.labeling.pages.browse import PART, at, text_of, told
from tests.labeling.steps import answer, give, take

ClientFor = Callable[[User], Client]
MakeItem = Callable[..., Item]
FIRST = "Alpha comes **first**."


@pytest.fixture
def second(annotator: User, manager_access: Access) -> None:
    """A second version, published after the annotator joined."""
    publish_guideline(
        access=manager_access, text=f"{FIRST}\n<script>x</script>", note="More & more"
    )


class TestNews:
    """The change, on the label page."""

    def test_who_joined_under_the_version_sees_none(
        self, annotator: User, manager: User, client_for: ClientFor
    ) -> None:
        for user in (annotator, manager):
            assert "guideline-news" not in text_of(client_for(user).get(at("label")))

    @pytest.mark.usefixtures("second")
    def test_the_change_is_shown_and_escaped(self, annotator: User, client_for: ClientFor) -> None:
        page = text_of(client_for(annotator).get(at("label")))
        assert "The guideline has changed: version 1 → 2" in page
        assert "<q>More &amp; more</q>" in page
        assert '<p class="diff-line">Alpha comes **first**.</p>' in page
        assert "<ins>&lt;script&gt;x&lt;/script&gt;</ins>" in page
        assert "<script>x" not in page
        assert 'data-key="Shift+g"' in page

    @pytest.mark.usefixtures("second")
    def test_it_goes_when_put_away_and_not_by_looking(
        self, project: Project, annotator: User, client_for: ClientFor
    ) -> None:
        client = client_for(annotator)
        client.get(at("label"))
        assert "guideline-news" in text_of(client.get(at("label")))
        done = client.post(at("guideline-seen", 2), headers=PART)
        assert (done.status_code, done.content) == (200, b"")
        member = project.memberships.get(user=annotator)
        assert member.guideline_seen == project.guidelines.get(version=2)
        assert "guideline-news" not in text_of(client.get(at("label")))
        assert Event.objects.filter(verb="read", actor=annotator).count() == 1
        client.post(at("guideline-seen", 2))
        assert Event.objects.filter(verb="read").count() == 1

    @pytest.mark.usefixtures("second")
    def test_it_compares_with_what_was_seen_last(
        self, annotator: User, manager_access: Access, client_for: ClientFor
    ) -> None:
        publish_guideline(access=manager_access, text="All new", note="")
        client = client_for(annotator)
        assert "version 1 → 3" in text_of(client.get(at("label")))
        client.post(at("guideline-seen", 2))
        assert "version 2 → 3" in text_of(client.get(at("label")))
        assert client.post(at("guideline-seen", 4)).status_code == 404

    @pytest.mark.usefixtures("second")
    def test_who_published_it_knows_it(self, manager: User, client_for: ClientFor) -> None:
        assert "guideline-news" not in text_of(client_for(manager).get(at("label")))

    @pytest.mark.usefixtures("second")
    def test_without_scripts_it_is_a_form(self, annotator: User, client_for: ClientFor) -> None:
        assert client_for(annotator).post(at("guideline-seen", 2))["Location"] == at("label")


class TestHistory:
    """The page of versions."""

    @pytest.mark.usefixtures("second")
    def test_it_shows_author_note_and_the_change(
        self, annotator: User, client_for: ClientFor
    ) -> None:
        page = text_of(client_for(annotator).get(at("guideline")))
        assert "<td>manager</td>" in page
        assert '<td class="wrap">More &amp; more</td>' in page
        assert "From version 1 to 2" in page
        assert "<ins>&lt;script&gt;x&lt;/script&gt;</ins>" in page

    @pytest.mark.usefixtures("second")
    def test_any_two_can_be_compared(self, annotator: User, client_for: ClientFor) -> None:
        client = client_for(annotator)
        page = text_of(client.get(at("guideline") + "?from=2&to=1"))
        assert "<del>&lt;script&gt;x&lt;/script&gt;</del>" in page
        assert "These versions say the same." in text_of(
            client.get(at("guideline") + "?from=2&to=2")
        )
        assert client.get(at("guideline") + "?from=1&to=7").status_code == 404
        assert "From version 1 to 2" in text_of(client.get(at("guideline") + "?from=x&to=²"))

    def test_agreement_is_told_for_each_version(
        self,
        pair: tuple[User, User],
        reviewer: User,
        manager_access: Access,
        make_item: MakeItem,
        client_for: ClientFor,
    ) -> None:
        """Half of four items agree under the first version, all of two under the second."""
        project = manager_access.project
        for labels in (("alpha", "alpha"), ("beta", "beta"), ("alpha", "beta"), ("beta", "alpha")):
            make_item()
            for user, name in zip(pair, labels, strict=True):
                answer(project, user, name)
        publish_guideline(access=manager_access, text="Clearer")
        for name in ("alpha", "beta"):
            make_item()
            for user in pair:
                answer(project, user, name)
        page = text_of(client_for(reviewer).get(at("guideline")))
        assert '<a href="/p/test/items/?guideline=2">4</a>' in page
        assert '<a href="/p/test/items/?guideline=2">1.00</a>' in page
        # Alpha is 1 - 7 * (8 - 4) / (64 - 32): Krippendorff's for 4 units, half of them split.
        assert '<a href="/p/test/items/?guideline=1">0.13</a>' in page
        items = text_of(client_for(reviewer).get(at("items") + "?guideline=2"))
        assert "2 items match" in items


class TestVersionOfAnAnswer:
    """An answer records the version in force when its look was leased."""

    def test_a_version_that_came_while_the_item_was_on_screen_was_not_read(
        self, annotator: User, manager_access: Access, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(manager_access.project, annotator)
        publish_guideline(access=manager_access, text="Second")
        first = give(look, annotator, "alpha")
        make_item()
        later = answer(manager_access.project, annotator, "alpha")
        assert [str(one.guideline) for one in (first, later)] == ["version 1", "version 2"]

    def test_before_the_first_version_there_is_none(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        project.guidelines.update(created_at=timezone.now() + timedelta(hours=1))
        make_item()
        assert answer(project, annotator, "alpha").guideline is None


class TestPublish:
    """Saving a version in the settings."""

    def test_it_asks_what_changed(
        self, project: Project, manager: User, client_for: ClientFor
    ) -> None:
        client, sent = client_for(manager), {"text": "New", "based_on": "1"}
        refused = client.post(at("settings-guideline"), sent)
        assert refused.status_code == 422
        assert "Say what changed and why: annotators read it." in text_of(refused)
        client.post(at("settings-guideline"), sent | {"note": "Clearer"})
        newest = project.guidelines.first()
        assert newest is not None
        assert (newest.version, newest.note, newest.created_by) == (2, "Clearer", manager)

    def test_other_line_ends_are_no_other_text(
        self, project: Project, manager: User, client_for: ClientFor
    ) -> None:
        client = client_for(manager)
        for number, text in enumerate(("a\nb", "a\r\nb"), start=1):
            sent = {"text": text, "note": "Two lines", "based_on": str(number)}
            client.post(at("settings-guideline"), sent)
        assert list(project.guidelines.values_list("version", flat=True)) == [2, 1]

    def test_two_managers_that_save_at_once(
        self, project: Project, manager: User, client_for: ClientFor
    ) -> None:
        client = client_for(manager)
        sent = {"note": "Mine", "based_on": "1"}
        client.post(at("settings-guideline"), sent | {"text": "One"})
        second = client.post(at("settings-guideline"), sent | {"text": "Two"})
        page = text_of(second)
        assert second.status_code == 422
        assert "manager has put version 2 in force meanwhile" in page
        assert ">Two</textarea>" in page.replace(" Two", "Two")
        assert 'name="based_on" value="2"' in page
        assert project.guidelines.count() == 2
        done = client.post(at("settings-guideline"), sent | {"text": "Two", "based_on": "2"})
        assert told(done)[-1] == "Version 3 of the guideline is in force."
