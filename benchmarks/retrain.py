"""How long a retrain takes: blend when its vectors are kept, linear on many items, and memory.

`python -m benchmarks.retrain` makes its texts up: words drawn by Zipf's law, a tenth of them from
their label's own. The last line is JSON.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from classifier.recipes import Recipe, get
from classifier.recipes.artifact import write_artifact
from classifier.recipes.encoders.cache import FOLDER_VARIABLE
from classifier.recipes.folds import out_of_fold
from classifier.recipes.temperature import temperature_of

LABELS = 4
VOCABULARY, OWN_WORDS = 30_000, 200
SHARE_OF_OWN_WORDS = 0.1
WORDS = 30


def main() -> None:
    """Print what each retrain took, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blend-items", type=int, default=1000)
    parser.add_argument("--linear-items", type=int, default=100_000)
    options = parser.parse_args()
    found: dict[str, float] = {}
    # First, since the most memory that was held never falls.
    if options.linear_items:
        found |= linear(options.linear_items)
    if options.blend_items and not get("blend").missing():
        with TemporaryDirectory(prefix="tagloop-") as scratch:
            found |= blend(options.blend_items, Path(scratch))
    for name, value in found.items():
        print(f"{name}: {value:.1f}")
    print(json.dumps({name: round(value, 2) for name, value in found.items()}))


def blend(items: int, scratch: Path) -> dict[str, float]:
    """Return the seconds of two retrains: the second finds all vectors kept.

    A retrain is a training, the five of the temperature, and writing the artifact.
    """
    os.environ[FOLDER_VARIABLE] = str(scratch / "cache")
    texts, labels = made_up(items)
    seconds = []
    for number in range(2):
        begun = time.perf_counter()
        held_out = out_of_fold(get("blend"), None, texts, labels)
        model = trained("blend", texts, labels)
        temperature = temperature_of(held_out)
        folder = scratch / str(number)
        write_artifact(folder, model, temperature=temperature, snapshot_hash="")
        seconds.append(time.perf_counter() - begun)
    return {"blend_first_s": seconds[0], "blend_again_s": seconds[1]}


def linear(items: int) -> dict[str, float]:
    """Return the seconds of one training and the most memory that the process has held."""
    texts, labels = made_up(items)
    before = peak_mb()
    begun = time.perf_counter()
    trained("linear", texts, labels)
    seconds = time.perf_counter() - begun
    return {"linear_s": seconds, "linear_peak_mb": peak_mb(), "before_mb": before}


def trained(name: str, texts: list[str], labels: list[str]) -> Recipe[Any]:
    """Return a model of the recipe with its default parameters."""
    model = get(name)()
    model.fit(texts, labels)
    return model


def made_up(items: int) -> tuple[list[str], list[str]]:
    """Return texts of invented words, and their labels: always the same ones."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("abdegiklmnorstu"), 7)) for _ in range(VOCABULARY)])
    ranks = np.minimum(rng.zipf(1.3, (items, WORDS)), VOCABULARY) - 1
    targets = rng.integers(LABELS, size=items)
    own = rng.integers(OWN_WORDS, size=ranks.shape) + 1000 + OWN_WORDS * targets[:, None]
    ranks = np.where(rng.random(ranks.shape) < SHARE_OF_OWN_WORDS, own, ranks)
    return [" ".join(row) for row in words[ranks]], [f"label-{target}" for target in targets]


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
