"""Ray Serve with the same model: another way to serve one, measured by the same clients."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import serving_world as world
from benchmarks.databases import ROOT
from benchmarks.serving_load import call_of, load
from classifier.recipes.artifact import read_artifact
from classifier.recipes.text import join_text
from config.launcher.ports import free_port

MISSING = "Ray Serve is not installed: pip install 'ray[serve]', or name it by --peer-python."
START_SECONDS = 180.0
WARM_SECONDS = 5.0


def peer(
    python: str,
    recipe: str,
    clients: Sequence[int],
    seconds: float,
    texts: Sequence[tuple[str, str]],
) -> dict[str, dict[str, float]] | str:
    """Return Ray Serve's figures by number of clients, or why there are none."""
    asked = [python, "-c", "import ray.serve"]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        return MISSING
    calls = [call_of({"title": title, "body": body}, path="/") for title, body in texts]
    with tempfile.TemporaryDirectory() as folder:
        world.write_model(recipe, Path(folder) / "model", number=1)
        port = free_port()
        command = [python, "-m", "benchmarks.serving_peer", folder + "/model", str(port)]
        log = (Path(folder) / "log").open("wb")
        with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process:
            try:
                world.wait_for(port, process, path="/-/healthz", seconds=START_SECONDS)
                asyncio.run(load(port, calls, clients=16, seconds=WARM_SECONDS))
                return {str(count): _seen(port, calls, count, seconds) for count in clients}
            finally:
                process.terminate()


def _seen(port: int, calls: Sequence[bytes], clients: int, seconds: float) -> dict[str, float]:
    seen = asyncio.run(load(port, calls, clients=clients, seconds=seconds))
    for reason in seen.reasons:
        print(f"        {reason}")
    return seen.figures()


def serve(folder: str, port: int) -> None:
    """Serve a model by Ray until the process is ended."""
    ray: Any = import_module("ray")
    ray_serve: Any = import_module("ray.serve")
    batched = ray_serve.batch(max_batch_size=64, batch_wait_timeout_s=0.0)

    class Tagger:
        """One replica that predicts together what waits, as its documentation has it."""

        def __init__(self) -> None:
            self.model = read_artifact(Path(folder))

        async def predict(self, texts: list[str]) -> list[dict[str, float]]:
            rows = self.model.predict_proba(texts).tolist()
            return [dict(zip(self.model.labels, row, strict=True)) for row in rows]

        async def __call__(self, request: Any) -> dict[str, object]:
            said = await request.json()
            # Called for one text, and given the texts of all who wait.
            together: Any = self.predict
            probabilities = await together(join_text(said["title"], said["body"]))
            best = max(probabilities, key=probabilities.__getitem__)
            return {"label": best, "probabilities": probabilities}

    # Ray looks the method up by its name. As a decorator it would hide the types.
    Tagger.predict = batched(Tagger.predict)  # type: ignore[method-assign]
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    ray_serve.start(http_options={"host": "127.0.0.1", "port": port})
    deployed = ray_serve.deployment(num_replicas=1, max_ongoing_requests=128)(Tagger)
    ray_serve.run(deployed.bind(), blocking=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
