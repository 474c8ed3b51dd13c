"""Where a fine-tuning stands, as one file of tensors: enough to go on exactly from there."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from classifier.recipes.checkpoint import write_whole

SECONDS_BETWEEN = 60.0
Tensors = dict[str, torch.Tensor]


@dataclass
class Standing:
    """How far a fine-tuning is: the steps done, and the best epoch on the validation rows.

    `best` is its F1 and, for equals, its loss below 0.
    """

    step: int = 0
    best: list[float] | None = None
    worse_epochs: int = 0
    ended: bool = False


@dataclass
class Keeper:
    """Writes a training's state to a file, not more often than once a minute, and reads it back.

    Without a path nothing is kept.
    """

    path: Path | None
    _written: float = field(default_factory=monotonic)

    def due(self) -> bool:
        """Tell whether it is time to write again."""
        return self.path is not None and monotonic() - self._written >= SECONDS_BETWEEN

    def write(
        self, standing: Standing, model: torch.nn.Module, adam: torch.optim.Optimizer, best: Tensors
    ) -> None:
        """Keep all of it; a kill meanwhile leaves what was kept before."""
        if self.path is None:
            return
        tensors = {f"model.{name}": each for name, each in model.state_dict().items()}
        tensors |= {f"best.{name}": each for name, each in best.items()}
        for place, slots in adam.state_dict()["state"].items():
            tensors |= {f"adam.{place}.{slot}": each for slot, each in slots.items()}
        whole = {name: each.detach().contiguous().cpu().clone() for name, each in tensors.items()}
        write_whole(self.path, save(whole, {"standing": json.dumps(asdict(standing))}))
        self._written = monotonic()

    def read(self, model: torch.nn.Module, adam: torch.optim.Optimizer) -> tuple[Standing, Tensors]:
        """Bring `model` and `adam` to what was kept, and return the standing and best weights.

        With nothing kept, or a file that is damaged, both stay as they are.
        """
        if self.path is None or not self.path.exists():
            return Standing(), {}
        with suppress(SafetensorError, OSError, ValueError, KeyError):
            with safe_open(self.path, "pt") as file:
                standing = Standing(**json.loads(file.metadata()["standing"]))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            model.load_state_dict(_below("model", tensors))
            _restore(adam, _below("adam", tensors))
            return standing, _below("best", tensors)
        return Standing(), {}


def _below(group: str, tensors: Tensors) -> Tensors:
    prefix = f"{group}."
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _restore(adam: torch.optim.Optimizer, tensors: Tensors) -> None:
    slots: dict[int, Tensors] = {}
    for name, tensor in tensors.items():
        place, slot = name.split(".")
        slots.setdefault(int(place), {})[slot] = tensor
    adam.load_state_dict({**adam.state_dict(), "state": slots})
