"""A tiny encoder with weights drawn by chance, instead of the one in the wheel."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.classifier.recipes.tiny import write_tiny_encoder

os.environ["HF_HUB_OFFLINE"] = "1"
# Several test processes share the cores; and a model's last bit depends on the number of threads.
os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny encoder."""
    folder = tmp_path_factory.mktemp("encoder") / "tiny"
    write_tiny_encoder(folder)
    return folder


@pytest.fixture(scope="session")
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cache that the tests of this process share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny_encoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let “minilm” be the tiny encoder, and the cache be the tests' own."""
    monkeypatch.setenv("TAGLOOP_CACHE_DIR", str(request.getfixturevalue("cache_folder")))
    if find_spec("torch"):
        folder = request.getfixturevalue("tiny_folder")
        monkeypatch.setenv("TINY_ENCODER", str(folder))
        monkeypatch.setattr("classifier.recipes.encoders.source._in_wheel", lambda: folder)
