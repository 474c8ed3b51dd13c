"""A model's files as a zip, by page and by REST; what was tampered with is refused."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion
from classifier.recipes.artifact import read_artifact
from labeling.models import Event
from tests.classifier.training.conftest import Caller

PAGE, API = "/p/test/models/1/artifact/", "/api/projects/test/models/1/artifact/"


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def write(name: str, content: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))


@pytest.mark.parametrize("door", ["page", "rest"])
def test_the_zip_holds_the_model(
    as_manager: Client, api: APIClient, candidate: ModelVersion, tmp_path: Path, door: str
) -> None:
    response = as_manager.get(PAGE) if door == "page" else api.get(API)

    with zipfile.ZipFile(io.BytesIO(content_of(response))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "model")
    assert response["Content-Disposition"] == 'attachment; filename="test-model-1-linear.zip"'
    loaded = read_artifact(tmp_path / "model", expected_hash=candidate.artifact_hash)
    assert loaded.manifest.snapshot_hash == candidate.snapshot.hash


def test_it_is_recorded(api: APIClient, manager: User, weak_candidate: ModelVersion) -> None:
    content_of(api.get(API))

    event = Event.objects.get(verb="downloaded")
    assert (event.actor, event.subject_type) == (manager, "modelversion")


def changed(folder: str) -> str:
    write(f"{folder}/keywords.json", b"{}")
    return "keywords.json was changed: its hash is not the recorded."


def changed_manifest(folder: str) -> str:
    write(f"{folder}/manifest.json", b"{}")
    return "manifest.json was changed: its hash is not the recorded."


def missing(folder: str) -> str:
    default_storage.delete(f"{folder}/keywords.json")
    return "keywords.json is missing from the storage."


def added(folder: str) -> str:
    write(f"{folder}/more.bin", b"more")
    return "more.bin is none of the model's files."


@pytest.mark.parametrize("tamper", [changed, changed_manifest, missing, added])
def test_files_that_are_not_the_trained_ones_are_refused(
    as_manager: Client, api: APIClient, weak_candidate: ModelVersion, tamper: Any
) -> None:
    reason = tamper(weak_candidate.artifact)

    answer, page = api.get(API), as_manager.get(PAGE, follow=True)

    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        f"Model 1 cannot be downloaded: {reason} Restore its files from a backup, or retrain."
    )
    assert page.redirect_chain == [("/p/test/models/1/", 302)]
    assert "cannot be downloaded" in page.content.decode()
    assert not Event.objects.filter(verb="downloaded").exists()
    default_storage.delete(f"{weak_candidate.artifact}/more.bin")


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 200), ("annotator", 403), ("outsider", 404)]
)
def test_who_may_take_it(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int
) -> None:
    client, api = caller(who)

    assert client.get(PAGE).status_code == status
    assert api.get(API).status_code == status


def test_a_model_that_is_not_there(as_manager: Client, api: APIClient) -> None:
    assert as_manager.get(PAGE).status_code == 404
    assert api.get(API).status_code == 404
