"""One of the processes that train side by side: torchrun calls it with a plan's folder."""

import json
import sys
from pathlib import Path

from safetensors.torch import save_file

from classifier.recipes.base import Progress, RecipeError
from classifier.recipes.tuning.device import choose_device
from classifier.recipes.tuning.loop import Tuning
from classifier.recipes.tuning.plan import Plan
from classifier.recipes.tuning.run import PLAN, RESULT, TOKENIZER
from classifier.recipes.tuning.state import Keeper
from classifier.recipes.tuning.world import World, join_world, local_rank


class Told(Progress):
    """Tells the process that waits, a line of JSON at a time."""

    def __call__(self, stage: str, done: float) -> None:
        """See `Progress`."""
        say({"stage": stage, "done": done})

    def step(self, done: float, **figures: float) -> None:
        """See `Progress`."""
        say({"done": done, "figures": figures})


def say(content: object) -> None:
    """Print a line for the process that waits."""
    # In one piece: torchrun has us write without a buffer, and lines of two could mix.
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def main(folder: Path, kept: Path | None) -> int:
    """Train with the others; the first process tells how it goes and leaves the result."""
    device = choose_device(local_rank())
    with join_world(gpu=device.is_gpu) as world:
        try:
            _train(folder, Keeper(kept), world)
        except RecipeError as error:
            say({"error": str(error)})
            return 1
    return 0


def _train(folder: Path, keeper: Keeper, world: World) -> None:
    tuning = Tuning(
        Plan.read(folder / PLAN),
        (folder / TOKENIZER).read_bytes(),
        device=choose_device(local_rank()),
        keeper=keeper,
        world=world,
        progress=Told() if world.rank == 0 else Progress(),
    )
    model = tuning.run()
    if world.rank == 0:
        save_file(model.state_dict(), folder / RESULT)
    world.meet()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None))
