"""Which encoders may be named: the wheel's, and those that the operator allows."""

from pathlib import Path

import pytest

from classifier.recipes import RecipeError
from classifier.recipes.embedding import EmbeddingParameters
from classifier.recipes.encoders.source import allowed_encoders, locate


def test_only_the_wheels_is_allowed_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TAGLOOP_ENCODERS", raising=False)
    assert allowed_encoders() == ("minilm",)
    for name in (str(tmp_path), "somebody/something", ""):
        with pytest.raises(RecipeError, match=r"not allowed on this machine.*TAGLOOP_ENCODERS"):
            locate(name)


def test_the_operator_allows_others_by_their_exact_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setenv("TAGLOOP_ENCODERS", f" {tmp_path} ,, owner/name,minilm")

    assert allowed_encoders() == ("minilm", str(tmp_path), "owner/name")
    assert locate(str(tmp_path)) == tmp_path
    with pytest.raises(RecipeError, match="not allowed"):
        locate(str(tmp_path.parent))


def test_what_a_model_was_trained_with_is_still_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAGLOOP_ENCODERS", raising=False)
    parameters = EmbeddingParameters.from_dict({"encoder": "/models/withdrawn"})
    assert parameters.encoder == "/models/withdrawn"
    with pytest.raises(RecipeError, match="“encoder” must be one of minilm here, not '/models/wit"):
        parameters.require_allowed()
