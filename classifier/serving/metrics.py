"""What the process counts, in the text format of Prometheus.

Several processes of one machine count together where PROMETHEUS_MULTIPROC_DIR names a folder that
they share; it has to be set before this is imported.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CONTENT_TYPE = CONTENT_TYPE_LATEST

_requests = Counter(
    "tagloop_serving_requests", "Answered requests, by path and status.", ("path", "code")
)
_seconds = Histogram(
    "tagloop_serving_request_seconds",
    "How long requests took to answer.",
    ("path",),
    buckets=SECONDS,
)
_batches = Histogram(
    "tagloop_serving_batch_size", "Texts that were tagged and stored together.", buckets=SIZES
)
_stored = Counter("tagloop_serving_stored_predictions", "Predictions that were stored.")
_waiting = Gauge(
    "tagloop_serving_waiting", "Texts that wait for a batch.", multiprocess_mode="livesum"
)
_model = Gauge(
    "tagloop_serving_model",
    "Number of the model that answers for a project; 0 for none.",
    ("project",),
    multiprocess_mode="livemostrecent",
)


def count_request(path: str, code: int, seconds: float) -> None:
    """Count an answered request."""
    _requests.labels(path, str(code)).inc()
    _seconds.labels(path).observe(seconds)


def count_batch(texts: int, stored: int, waiting: int) -> None:
    """Count a batch, what was stored of it, and see how many texts wait for the next."""
    _batches.observe(texts)
    _stored.inc(stored)
    _waiting.set(waiting)


def show_models(numbers: Mapping[str, int]) -> None:
    """Show which model answers for each project; 0 stands for none."""
    for slug, number in numbers.items():
        _model.labels(slug).set(number)


def page() -> bytes:
    """Return all figures: those of every process of this machine where they count together."""
    if FOLDER_VARIABLE not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)


def forget_dead() -> None:
    """Leave out what processes that are no more said of the present."""
    folder = os.environ.get(FOLDER_VARIABLE)
    for file in Path(folder).glob("gauge_live*_*.db") if folder else ():
        pid = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
