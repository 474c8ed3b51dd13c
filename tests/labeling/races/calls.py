"""What racing programs ask for over REST and on pages; each returns the status and the reply."""

from pathlib import Path
from typing import Any

from tests.labeling.races.work import Look

Told = tuple[int, Any]
HOST = "localhost"
LABELS = ["alpha", "beta"]


def send_file(folder: str, slug: str, key: str, content: bytes) -> Told:
    """Send a file with an idempotency key, to a storage that all share."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import override_settings

    shared = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    storages = {**settings.STORAGES, "default": shared}
    with override_settings(STORAGES=storages, MEDIA_ROOT=folder):
        return _post(
            f"{slug}-0",
            f"projects/{slug}/items/import/",
            {"file": SimpleUploadedFile("rows.csv", content)},
            format="multipart",
            headers={"Idempotency-Key": key},
        )


def send_rows(slug: str, key: str) -> Told:
    """Send rows with an idempotency key."""
    body = {"items": [{"title": f"New {n}"} for n in range(50)], "idempotency_key": key}
    return _post(f"{slug}-0", f"projects/{slug}/items/", body)


def answer(slug: str, look: Look, key: str) -> Told:
    """Answer a look."""
    body = {"token": look.token, "label": "alpha", "idempotency_key": key}
    return _post(f"{slug}-0", f"projects/{slug}/assignments/{look.pk}/submit/?next=false", body)


def make_project(username: str, slug: str) -> Told:
    """Make a project over REST."""
    labels = [{"name": name} for name in LABELS]
    return _post(username, "projects/", {"name": slug, "slug": slug, "labels": labels})


def make_project_on_page(username: str, slug: str) -> Told:
    """Make a project on its page."""
    from django.test import Client

    client = Client(raise_request_exception=False, SERVER_NAME=HOST)
    client.force_login(_user(username))
    fields = {"name": slug, "slug": slug, "labels": "\n".join(LABELS), "overlap": "2"}
    response = client.post("/projects/new/", fields)
    return response.status_code, response.content.decode()


def case_of(slug: str) -> int:
    """Bring a new item before a reviewer, and make everybody one; return the case."""
    from labeling.models import Item, Membership, Project, TaskReason
    from labeling.queue import want_look
    from labeling.statistics.text import text_hash

    project = Project.objects.get(slug=slug)
    Membership.objects.filter(project=project, role="annotator").update(role="reviewer")
    title = f"Case {project.items.count()}"
    fields = {"external_id": title, "title": title, "text_hash": text_hash(title, ""), "draw": 0}
    item = Item.objects.create(project=project, **fields)
    reason = TaskReason.REPORT
    task, _ = want_look(project=project, item=item, reason=reason, looks=0, priority=0, review=True)
    return task.pk


def decide(slug: str, person: int, case: int, label: str) -> Told:
    """Decide a case."""
    path = f"projects/{slug}/review/{case}/decide/"
    return _post(f"{slug}-{person}", path, {"label": label})


def set_aside(slug: str, person: int, case: int, how: str) -> Told:
    """Take the decision on a case back (`undo`), or reopen it with a reason (`reopen`)."""
    from labeling.models import Adjudication, Task

    if how == "undo":
        return _post(f"{slug}-{person}", f"projects/{slug}/review/{case}/undo/", {})
    item = Task.objects.get(pk=case).item_id
    made = Adjudication.objects.filter(item=item).latest("id")
    body = {"decision": made.pk, "reason": "Look again"}
    return _post(f"{slug}-{person}", f"projects/{slug}/items/{item}/reopen/", body)


def ending_of(case: int) -> dict[str, Any]:
    """Return how a case ended: its state, decisions and label, and how far the label is derived."""
    from labeling.models import Adjudication, Reopening, Resolution, Task
    from labeling.resolve import recompute

    task = Task.objects.select_related("project").get(pk=case)
    labels = Resolution.objects.filter(item=task.item_id).values_list("label__name", flat=True)
    return {
        "state": task.state,
        "decisions": Adjudication.objects.filter(task=task).count(),
        "reopened": Reopening.objects.filter(task=task).count(),
        "label": labels.first(),
        "changed": recompute(project=task.project),
    }


def imports_of(slug: str) -> list[int]:
    """Return the ids of all imports, the hidden ones too, besides that of `prepare`."""
    from labeling.models import ImportJob

    jobs = ImportJob.objects.filter(project__slug=slug).exclude(source="race")
    return list(jobs.values_list("pk", flat=True))


def files_in(folder: Path) -> int:
    """Return how many files there are."""
    return sum(path.is_file() for path in folder.rglob("*"))


def _post(username: str, path: str, body: dict[str, Any], **options: Any) -> Told:
    from rest_framework.test import APIClient

    client = APIClient(raise_request_exception=False, SERVER_NAME=HOST)
    client.force_authenticate(_user(username))
    response: Any = client.post(f"/api/{path}", body, **options)
    return response.status_code, _json(response)


def _json(response: Any) -> Any:
    return response.json() if "json" in response["Content-Type"] else response.content.decode()


def _user(username: str) -> Any:
    from accounts.models import User

    return User.objects.get(username=username)
