"""GET /api/projects/SLUG/deletions/ and POST …/deletions/ID/restore/"""

from collections.abc import Callable

from accounts.models import User
from labeling.bulk.delete import delete_items
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused

MakeItem = Callable[..., Item]


def test_lists_and_restores(
    project: Project, manager: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    deletion = delete_items(project=project, actor=manager, items=[make_item().pk])
    client = api_for(manager)
    [listed] = ok(client.get(path("deletions/")))["results"]
    assert (listed["id"], listed["items"], listed["created_by"]) == (deletion.pk, 1, "manager")
    assert listed["restored_at"] is None
    url = path(f"deletions/{deletion.pk}/restore/")
    assert ok(client.post(url))["restored_at"] is not None
    assert project.items.count() == 1
    assert "restored already" in refused(client.post(url), 409)


def test_a_deletion_of_another_project_is_not_found(
    project: Project, outsider: User, manager: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    deletion = delete_items(project=project, actor=manager, items=[make_item().pk])
    refused(api_for(outsider).post(path(f"deletions/{deletion.pk}/restore/", "other")), 404)


def test_is_for_managers(project: Project, reviewer: User, api_for: ApiFor) -> None:
    refused(api_for(reviewer).get(path("deletions/")), 403)
