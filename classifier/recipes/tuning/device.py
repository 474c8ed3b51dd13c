"""Where a fine-tuning runs, and in which numbers."""

import os
import re
from dataclasses import dataclass

import torch

from classifier.recipes.base import RecipeError

DEVICE_VARIABLE = "TAGLOOP_TRAINING_DEVICE"
PROCESSES_VARIABLE = "TAGLOOP_TRAINING_PROCESSES"


@dataclass(frozen=True)
class Device:
    """A device of torch; with `bf16`, products are computed in bfloat16 and kept in float32."""

    name: str
    bf16: bool

    @property
    def is_gpu(self) -> bool:
        """Whether it is not the processor."""
        return self.name != "cpu"

    def __str__(self) -> str:
        return f"{self.name} ({'bf16' if self.bf16 else 'fp32'})"


def choose_device(rank: int = 0) -> Device:
    """Return the GPU for the process of that rank, or the CPU where there is none.

    TAGLOOP_TRAINING_DEVICE says otherwise: `cpu`, `cuda`, or one GPU such as `cuda:1`. A GPU that
    does not compute in bfloat16 is used in float32.

    Raises RecipeError for a device that this machine does not have.
    """
    wanted = os.environ.get(DEVICE_VARIABLE, "auto")
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", wanted):
        raise RecipeError(f"{DEVICE_VARIABLE} is “{wanted}”; it can be auto, cpu, cuda or cuda:N.")
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "cpu" or (wanted == "auto" and not gpus):
        return Device("cpu", bf16=False)
    number = int(wanted[5:]) if wanted[5:].isdecimal() else rank % max(gpus, 1)
    if number >= gpus:
        raise RecipeError(f"{DEVICE_VARIABLE} is “{wanted}”, and this machine has {gpus} GPUs.")
    return Device(f"cuda:{number}", bf16=torch.cuda.is_bf16_supported())


def process_count() -> int:
    """Return how many processes train side by side: TAGLOOP_TRAINING_PROCESSES, by default 1.

    `auto` is one for each GPU. Raises RecipeError for anything but that or a number above 0.
    """
    wanted = os.environ.get(PROCESSES_VARIABLE, "1")
    if wanted == "auto":
        return max(1, torch.cuda.device_count() if torch.cuda.is_available() else 0)
    if not wanted.isdecimal() or not int(wanted):
        raise RecipeError(f"{PROCESSES_VARIABLE} is “{wanted}”; it must be auto or 1, 2, 3, …")
    return int(wanted)
