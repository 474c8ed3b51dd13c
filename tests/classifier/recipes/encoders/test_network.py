"""Encoders in ONNX: exported once, then run without torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.recipes import RecipeError
from classifier.recipes.encoders import prepared
from classifier.recipes.encoders.network import Network
from classifier.recipes.encoders.source import contents_hash, locate, longest_text
from tests.classifier.recipes.examples import TEXTS, UNSEEN
from tests.classifier.recipes.tiny import write_tiny_encoder

pytest.importorskip("torch", reason="the extra “encoder” is missing")
pytestmark = pytest.mark.usefixtures("tiny_encoder")


def mean_of_last_layer(folder: Path, texts: list[str]) -> Any:
    """Return the vectors as the transformers library itself computes them, one batch, padded."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens = AutoTokenizer.from_pretrained(folder)(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        hidden = AutoModel.from_pretrained(folder).eval()(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
        )
    mask = tokens["attention_mask"].unsqueeze(-1)
    mean = (hidden.last_hidden_state * mask).sum(1) / mask.sum(1)
    return (mean / mean.norm(dim=1, keepdim=True)).numpy()


def test_vectors_are_the_mean_of_the_last_layer(tiny_folder: Path) -> None:
    found = prepared.full_precision("minilm").run(TEXTS)
    np.testing.assert_allclose(found, mean_of_last_layer(tiny_folder, TEXTS), atol=1e-5)


def test_a_vector_does_not_depend_on_the_texts_beside_it() -> None:
    for network in (prepared.full_precision("minilm"), prepared.eight_bit("minilm")):
        together = network.run([*TEXTS, *UNSEEN])
        alone = np.vstack([network.run([text]) for text in [*TEXTS, *UNSEEN]])
        np.testing.assert_array_equal(together, alone)


def test_eight_bits_are_close_and_smaller() -> None:
    full, small = prepared.full_precision("minilm"), prepared.eight_bit("minilm")
    cosine = (full.run(TEXTS) * small.run(TEXTS)).sum(axis=1)
    assert cosine.min() > 0.95
    assert len(small.graph) < 0.7 * len(full.graph)


def test_half_an_emoji_is_a_text_too() -> None:
    assert np.isfinite(prepared.full_precision("minilm").run(["half \ud83d", ""])).all()


def test_a_long_text_is_cut_off() -> None:
    network = prepared.full_precision("minilm")
    assert len(network.tokens(["bread " * 500])[0]) == 64
    np.testing.assert_array_equal(network.run(["bread " * 500]), network.run(["bread " * 900]))


def test_an_encoder_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepared.full_precision("minilm")
    monkeypatch.setattr(
        "classifier.recipes.encoders.export.sentence_network", lambda _: pytest.fail("again")
    )
    assert prepared.full_precision("minilm") == first


def test_other_weights_are_prepared_anew(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLOOP_ENCODERS", str(tmp_path / "wider"))
    write_tiny_encoder(tmp_path / "wider", width=96)
    other = prepared.full_precision(str(tmp_path / "wider"))
    assert other.run(["bread"]).shape == (1, 96)
    assert contents_hash(tmp_path / "wider") != contents_hash(tiny_folder)


def test_without_a_place_to_keep_it_an_encoder_still_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = prepared.full_precision("minilm")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TAGLOOP_CACHE_DIR", str(tmp_path / "file"))
    assert prepared.full_precision("minilm").hash == expected.hash


WITHOUT_TORCH = """
import pathlib, sys
sys.modules["torch"] = sys.modules["transformers"] = None
from classifier.recipes.encoders.network import Network
print(Network.read(pathlib.Path(sys.argv[1])).run(["bread"]).tolist())
"""


def test_a_network_runs_without_torch(tmp_path: Path) -> None:
    network = prepared.eight_bit("minilm")
    network.write(tmp_path)
    command = [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path)]
    printed = subprocess.check_output(command, text=True, cwd=Path(__file__).parents[4])
    assert json.loads(printed) == network.run(["bread"]).tolist()


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="holds no text network"):
        Network.read(tmp_path)
    tokenizer = prepared.full_precision("minilm").tokenizer
    with pytest.raises(RecipeError, match=r"network\.onnx is no network that runs here"):
        Network(b"no graph", tokenizer).run(["bread"])


def test_only_safetensors_are_taken(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pickled"
    monkeypatch.setenv("TAGLOOP_ENCODERS", str(folder))
    shutil.copytree(tiny_folder, folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(RecipeError, match=r"pickled” has no config\.json or no weights in safet"):
        locate(str(folder))


def test_an_encoder_that_is_nowhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLOOP_ENCODERS", "no/such")
    with pytest.raises(RecipeError, match="“no/such” is no folder here, and could not be had"):
        locate("no/such")


def test_weights_that_cannot_be_read_are_told(
    tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "broken"
    monkeypatch.setenv("TAGLOOP_ENCODERS", str(folder))
    shutil.copytree(tiny_folder, folder)
    (folder / "config.json").write_text('{"model_type": "unheard"}')
    with pytest.raises(RecipeError, match="The encoder in broken cannot be loaded"):
        prepared.full_precision(str(folder))


def test_the_longest_text_is_what_the_encoder_was_made_for(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 8192}')
    assert longest_text(tmp_path) == 512
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert longest_text(tmp_path) == 256


def test_a_graph_that_holds_for_one_length_only_is_refused(tiny_folder: Path) -> None:
    import torch

    from classifier.recipes.encoders.export import export, tokenizer_of

    class OneLength(torch.nn.Module):
        """Bakes the length of the traced text into the graph."""

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            return torch.full((1, 2), float(len(tokens[0]))) + 0 * tokens.sum()

    with pytest.raises(RecipeError, match=r"In ONNX this encoder answers otherwise: by "):
        export(OneLength(), tokenizer_of(tiny_folder))


@pytest.mark.parametrize("kind", ["ModernBert", "DebertaV2"])
def test_larger_kinds_of_encoders_are_taken(
    kind: str, tmp_path: Path, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    monkeypatch.setenv("TAGLOOP_ENCODERS", str(tmp_path / kind))
    shutil.copytree(tiny_folder, tmp_path / kind)
    sizes = {
        "vocab_size": 100,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
    }
    config = getattr(transformers, f"{kind}Config")(**sizes)
    getattr(transformers, f"{kind}Model")(config).save_pretrained(tmp_path / kind)
    rows = prepared.full_precision(str(tmp_path / kind)).run(UNSEEN)
    assert rows.shape == (4, 32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
