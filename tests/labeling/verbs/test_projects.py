"""Creating a project and changing its labels, guideline and people."""

from typing import Any

import pytest

from accounts.models import User
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.guidelines import publish_guideline
from labeling.models import Event, Membership, Project, Role
from labeling.projects import (
    KEYS,
    NewLabel,
    add_label,
    create_project,
    remove_member,
    set_member,
    update_settings,
)
from tests.conftest import join, make_user

TWO = [NewLabel("yes"), NewLabel("no")]


def create(user: User, **fields: Any) -> Project:
    """Create a project, with these fields instead of the usual ones."""
    usual: dict[str, Any] = {"name": "New", "slug": "new", "labels": TWO}
    return create_project(user=user, **(usual | fields))


def keys_of(project: Project) -> list[tuple[str, str]]:
    """Return a project's labels with their keys, in order."""
    return list(project.labels.values_list("name", "key"))


class TestCreate:
    def test_makes_the_creator_its_manager(self, manager: User) -> None:
        project = create(manager, guideline="Say yes.", overlap=3)
        assert (project.overlap, project.max_looks) == (3, 3)
        member = project.memberships.get()
        assert (member.user, member.role) == (manager, Role.MANAGER)
        guideline = project.guidelines.get()
        assert (guideline.version, guideline.text) == (1, "Say yes.")
        event = Event.objects.get(project=project)
        assert (event.verb, event.actor, event.after) == ("created", manager, "New")

    def test_gives_keys_that_are_free(self, manager: User) -> None:
        labels = [NewLabel("a"), NewLabel("b", "1"), NewLabel("c"), NewLabel("d", "y")]
        assert keys_of(create(manager, labels=labels)) == [
            ("a", "2"),
            ("b", "1"),
            ("c", "3"),
            ("d", "y"),
        ]

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"labels": TWO[:1]}, "at least two"),
            ({"labels": [NewLabel("a"), NewLabel("a")]}, "already exists|name_once"),
            ({"labels": [NewLabel("a", "y"), NewLabel("b", "y")]}, "label_key_once|already exists"),
            ({"labels": [NewLabel("a", "Z"), NewLabel("b")]}, "key: 'Z' does something else"),
            ({"labels": [NewLabel(""), NewLabel("b")]}, "name: This field cannot be blank"),
            ({"labels": [NewLabel(f"l{n}") for n in range(78)]}, "labels: a project has 77"),
            ({"overlap_share": 1.5}, "overlap_share: .* less than or equal to 1"),
            ({"slug": "no spaces"}, "slug: Enter a valid"),
            ({"name": ""}, "name: This field cannot be blank"),
            ({"overlap": 0}, "overlap: "),
            ({"overlap": 3, "max_looks": 2}, "project_looks_in_order"),
        ],
    )  # fmt: skip
    def test_refuses_what_makes_no_project(
        self, manager: User, fields: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(Invalid, match=message):
            create(manager, **fields)
        assert not Project.objects.exists()

    def test_refuses_a_slug_that_is_taken(self, manager: User) -> None:
        create(manager)
        with pytest.raises(Invalid, match="slug: 'new' is taken"):
            create(manager, name="Another")


class TestSettings:
    def test_change(self, manager_access: Access) -> None:
        update_settings(
            access=manager_access,
            name="Renamed",
            description="d",
            overlap=1,
            overlap_share=0.5,
            max_looks=4,
            lease_minutes=30,
        )
        found = Project.objects.get()
        assert (found.name, found.overlap, found.max_looks) == ("Renamed", 1, 4)
        assert found.overlap_share == 0.5
        assert Event.objects.filter(verb="changed settings").count() == 1

    def test_refuse_a_limit_below_the_overlap(self, manager_access: Access) -> None:
        with pytest.raises(Invalid, match="max_looks: it must be at least the overlap"):
            update_settings(
                access=manager_access,
                name="Renamed",
                description="",
                overlap=3,
                overlap_share=1.0,
                max_looks=2,
                lease_minutes=15,
            )
        assert Project.objects.get().name == "Test project"


class TestLabels:
    def test_beyond_the_keys_have_none(self, manager: User) -> None:
        project = create(manager, labels=[NewLabel(f"l{n}") for n in range(77)])
        keys = list(project.labels.values_list("key", flat=True))
        assert len(set(filter(None, keys))) == len(KEYS)
        assert keys[len(KEYS) :] == [""] * (77 - len(KEYS))

    def test_one_more_gets_the_next_key(self, manager_access: Access) -> None:
        add_label(access=manager_access, label=NewLabel("delta"))
        assert keys_of(manager_access.project)[-1] == ("delta", "4")

    @pytest.mark.parametrize("label", [NewLabel("alpha"), NewLabel("delta", "1")])
    def test_refuses_a_repeated_name_or_key(self, manager_access: Access, label: NewLabel) -> None:
        with pytest.raises(Invalid):
            add_label(access=manager_access, label=label)


class TestGuideline:
    def test_a_new_text_is_a_new_version(self, manager_access: Access) -> None:
        made = publish_guideline(access=manager_access, text="Beta comes first.")
        assert (made.version, made.created_by) == (2, manager_access.user)
        assert manager_access.project.guidelines.first() == made

    def test_the_same_text_is_not(self, manager_access: Access) -> None:
        publish_guideline(access=manager_access, text="Alpha comes **first**.")
        assert manager_access.project.guidelines.count() == 1


class TestMembers:
    def test_are_added_and_change_roles(self, manager_access: Access) -> None:
        user = make_user("new")
        for role in (Role.ANNOTATOR, Role.REVIEWER):
            set_member(access=manager_access, username="new", role=role)
        assert Membership.objects.get(user=user).role == Role.REVIEWER
        verbs = Event.objects.filter(subject_type="membership").order_by("id")
        assert list(verbs.values_list("verb", "after")) == [
            ("added", "new: annotator"),
            ("changed role", "new: reviewer"),
        ]

    def test_need_a_user(self, manager_access: Access) -> None:
        with pytest.raises(Invalid, match="username: there is no user 'nobody'"):
            set_member(access=manager_access, username="nobody", role=Role.REVIEWER)

    def test_the_last_manager_stays(self, manager_access: Access) -> None:
        with pytest.raises(Conflict, match="needs a manager"):
            set_member(access=manager_access, username="manager", role=Role.REVIEWER)
        mine = Membership.objects.get(user=manager_access.user)
        with pytest.raises(Conflict, match="needs a manager"):
            remove_member(access=manager_access, membership_id=mine.pk)

    def test_leave(self, manager_access: Access) -> None:
        user = join(manager_access.project, "leaving", Role.MANAGER)
        membership = Membership.objects.get(user=user)
        remove_member(access=manager_access, membership_id=membership.pk)
        assert not Membership.objects.filter(user=user).exists()
        with pytest.raises(Conflict, match="no longer a member"):
            remove_member(access=manager_access, membership_id=membership.pk)

    def test_of_another_project_are_out_of_reach(
        self, manager_access: Access, other_project: Project
    ) -> None:
        theirs = other_project.memberships.get()
        with pytest.raises(Conflict):
            remove_member(access=manager_access, membership_id=theirs.pk)
        assert other_project.memberships.exists()
