"""The commands of Tagloop's processes: the one source for `./run up` and docker-compose.yml.

Addresses and sizes come from the environment (WEB_HOST, WEB_PORT, WEB_WORKERS, SERVING_HOST, …), so
that the very same command runs on a laptop and in a container.
"""

from dataclasses import dataclass

CELERY = ("python", "-m", "celery", "-A", "config")
QUIET = ("--without-gossip", "--without-mingle")


@dataclass(frozen=True)
class Process:
    """A long-running command; a first word `python` stands for the interpreter in use."""

    name: str
    command: tuple[str, ...]


def _celery_worker(queue: str, *, concurrency: int) -> tuple[str, ...]:
    return (
        *CELERY,
        "worker",
        *("--queues", queue),
        *("--concurrency", str(concurrency)),
        *("--hostname", f"{queue}@%h"),
        *("--loglevel", "INFO"),
        *QUIET,
    )


PROCESSES = (
    Process(
        "web", ("python", "-m", "gunicorn", "config.wsgi", "--config", "python:config.gunicorn")
    ),
    Process("worker", _celery_worker("default", concurrency=2)),
    Process("training-worker", _celery_worker("training", concurrency=1)),
    Process("scheduler", (*CELERY, "beat", "--pidfile=", "--loglevel", "INFO")),
    Process("serving", ("python", "-m", "classifier.serving")),
)
