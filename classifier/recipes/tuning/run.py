"""A plan carried out: in this process, or in several that torchrun starts."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from safetensors.torch import load_file

from classifier.recipes.base import Progress, RecipeError, TrainingStopped
from classifier.recipes.encoders.export import tokenizer_of
from classifier.recipes.tuning.device import choose_device, process_count
from classifier.recipes.tuning.loop import Tuning
from classifier.recipes.tuning.model import TextClassifier
from classifier.recipes.tuning.plan import Plan
from classifier.recipes.tuning.state import Keeper

PLAN, RESULT, TOKENIZER = "plan.json", "result.safetensors", "tokenizer.json"
_LAST_LINES = 5


def carry_out(plan: Plan, progress: Progress) -> tuple[TextClassifier, bytes]:
    """Return the fine-tuned model and its tokenizer.

    How many processes share the work is TAGLOOP_TRAINING_PROCESSES. Raises what `Tuning` raises.
    """
    tokenizer = tokenizer_of(Path(plan.encoder))
    folder = progress.checkpoint_dir
    path = folder / f"{plan.key}.safetensors" if folder else None
    processes = process_count()
    if processes > 1:
        return _side_by_side(plan, tokenizer, path, progress, processes), tokenizer
    tuning = Tuning(plan, tokenizer, device=choose_device(), keeper=Keeper(path), progress=progress)
    return tuning.run(), tokenizer


def _side_by_side(
    plan: Plan, tokenizer: bytes, kept: Path | None, progress: Progress, processes: int
) -> TextClassifier:
    with TemporaryDirectory(prefix="tagloop-") as scratch:
        folder = Path(scratch)
        plan.write(folder / PLAN)
        (folder / TOKENIZER).write_bytes(tokenizer)
        command = [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc-per-node", str(processes), "-m", "classifier.recipes.tuning"),
            *(str(folder), str(kept or "")),
        ]
        with (folder / "log").open("w+") as log:
            worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
            try:
                _relay(worker, progress)
            finally:
                worker.terminate()
                worker.wait()
            if worker.returncode:
                raise RecipeError(_failure(log))
        model = TextClassifier.of(Path(plan.encoder), plan.classes)
        model.load_state_dict(load_file(folder / RESULT))
        return model.eval()


def _relay(worker: "subprocess.Popen[str]", progress: Progress) -> None:
    """Tell `progress` what the first of the processes tells, until the end."""
    for line in worker.stdout or ():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if "error" in told:
            raise RecipeError(told["error"])
        if "stage" in told:
            progress(told["stage"], told["done"])
        else:
            progress.step(told["done"], **told["figures"])
        if progress.should_stop():
            raise TrainingStopped("The training was stopped; it goes on from its checkpoint.")
    worker.wait()


def _failure(log: IO[str]) -> str:
    log.seek(0)
    last = " ".join(log.read().split("\n")[-_LAST_LINES:]).strip()
    return f"The processes that trained side by side failed: {last}"
