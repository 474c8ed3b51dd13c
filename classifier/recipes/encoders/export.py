"""From a torch module to a network that runs without torch. The one place that writes ONNX."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from classifier.recipes.base import RecipeError
from classifier.recipes.encoders.network import INSTALL, Network, Vectors
from classifier.recipes.encoders.source import locate, longest_text

if TYPE_CHECKING:
    import torch

_OPSET = 17
_TOLERANCE = 1e-3
# Texts of several lengths: a graph that was traced on one must hold for all.
_PROBES = (
    "",
    "One short text.",
    "A longer text, of several words: to see that length is free. " * 9,
)


def require_torch() -> None:
    """Raise RecipeError if the packages that training with encoders needs are missing."""
    try:
        import onnx
        import torch
        import transformers
    except ImportError as error:
        raise RecipeError(f"Training with an encoder needs {error.name}. {INSTALL}") from error
    del onnx, torch, transformers


def sentence_network(name: str) -> Network:
    """Return the encoder called `name` as a network: mean of the last layer, of length 1.

    Raises RecipeError where it is not found, or cannot be brought into ONNX.
    """
    require_torch()
    folder = locate(name)
    return export(_mean_pooled(load_model(folder)), tokenizer_of(folder))


def load_model(folder: Path, **options: Any) -> "torch.nn.Module":
    """Return the transformer in `folder`; its own code, if it has some, is never run."""
    from transformers import AutoModel

    with quiet():
        try:
            model = AutoModel.from_pretrained(
                folder,
                attn_implementation="eager",
                use_safetensors=True,
                trust_remote_code=False,
                **options,
            )
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            raise RecipeError(f"The encoder in {folder.name} cannot be loaded: {error}") from error
    loaded: torch.nn.Module = model.float().eval()
    return loaded


def tokenizer_of(folder: Path) -> bytes:
    """Return the tokenizer in `folder` as JSON; it cuts texts off and never pads."""
    from transformers import AutoTokenizer

    with quiet():
        try:
            wrapped = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
            tokenizer = wrapped.backend_tokenizer
        except (OSError, ValueError, AttributeError, ImportError) as error:
            raise RecipeError(
                f"The tokenizer in {folder.name} cannot be loaded: {error}"
            ) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(longest_text(folder))
    content: str = tokenizer.to_str()
    return content.encode()


def export(module: "torch.nn.Module", tokenizer: bytes) -> Network:
    """Return `module`, which takes tokens [1, any] and gives a row [1, width], as a network.

    Raises RecipeError if the network does not give what the module gives.
    """
    import torch

    module.eval()
    sample = torch.ones((1, 7), dtype=torch.long)
    with TemporaryDirectory(prefix="tagloop-") as scratch, quiet(), torch.no_grad():
        path = Path(scratch) / "network.onnx"
        try:
            torch.onnx.export(
                module,
                (sample,),
                path,
                input_names=["tokens"],
                output_names=["row"],
                dynamic_axes={"tokens": {1: "length"}},
                opset_version=_OPSET,
                dynamo=False,
            )
        except Exception as error:  # The exporter raises errors of many kinds.
            raise RecipeError(f"This encoder cannot be brought into ONNX: {error}") from error
        network = Network(path.read_bytes(), tokenizer)
    difference = np.abs(network.run(_PROBES) - module_rows(module, network, _PROBES)).max()
    if not difference <= _TOLERANCE:
        raise RecipeError(f"In ONNX this encoder answers otherwise: by {difference:.2g}.")
    return network


def module_rows(module: "torch.nn.Module", network: Network, texts: Sequence[str]) -> Vectors:
    """Return what `module` itself gives for `texts`, tokenized as for `network`."""
    import torch

    with torch.no_grad():
        rows = [module(torch.tensor([ids])).numpy() for ids in network.tokens(texts)]
    return np.vstack(rows)


def quantised(network: Network) -> Network:
    """Return `network` with weights of 8 bits: a quarter of the size, about twice as fast."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with TemporaryDirectory(prefix="tagloop-") as scratch, quiet():
        before, after = Path(scratch) / "before.onnx", Path(scratch) / "after.onnx"
        before.write_bytes(network.graph)
        quantize_dynamic(
            before,
            after,
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        return Network(after.read_bytes(), network.tokenizer)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what torch, transformers and onnxruntime print of themselves out of the logs."""
    from transformers.utils import logging as of_transformers

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    of_transformers.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _mean_pooled(model: "torch.nn.Module") -> "torch.nn.Module":
    import torch

    class MeanPooled(torch.nn.Module):
        """The mean of the last layer over all tokens, scaled to length 1."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            hidden = self.model(input_ids=tokens, attention_mask=torch.ones_like(tokens))
            return torch.nn.functional.normalize(hidden.last_hidden_state.mean(1), dim=-1)

    return MeanPooled()
