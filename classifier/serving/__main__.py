"""Starting the serving process: `python -m classifier.serving`."""

import multiprocessing
import os
import signal
import tempfile
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING

import django
import uvicorn

if TYPE_CHECKING:
    from classifier.serving.app import Application

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Serve on SERVING_HOST and SERVING_PORT until told to stop; accepted requests are finished.

    With SERVING_WORKERS above 1 so many processes share the port; one that dies is replaced.
    """
    workers = _workers(os.environ.get("SERVING_WORKERS", "1"))
    if workers == 1:
        _serve(1)
        return
    with tempfile.TemporaryDirectory(prefix="tagloop-serving-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        _serve(workers)


def make_app() -> "Application":
    """Return the application; Django is set up first."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from classifier.serving import metrics
    from classifier.serving.app import create_app

    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=[parent.sentinel], daemon=True).start()
        metrics.forget_dead()
    return create_app()


def _end_with(parent: int) -> None:
    """Stop once the process that started this one has ended, even if it was killed."""
    wait([parent])
    os.kill(os.getpid(), signal.SIGTERM)


def _workers(said: str) -> int:
    if not (said.isascii() and said.isdigit() and int(said) > 0):
        raise SystemExit(f"SERVING_WORKERS is '{said}'; it must be a whole number above 0.")
    return int(said)


def _serve(workers: int) -> None:
    uvicorn.run(
        "classifier.serving.__main__:make_app",
        factory=True,
        workers=workers,
        host=os.environ.get("SERVING_HOST", "127.0.0.1"),
        port=int(os.environ.get("SERVING_PORT", "8001")),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=30,
        timeout_keep_alive=30,
        # A machine that stood still for a moment is no reason to end all that is in work.
        timeout_worker_healthcheck=60,
    )


if __name__ == "__main__":
    main()
