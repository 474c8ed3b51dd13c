"""Running this project's programs as separate processes."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OWN = (
    "TAGLOOP_",
    "DJANGO_",
    "SECRET_KEY",
    "DATABASE_URL",
    "BROKER_URL",
    "DEBUG",
    "WEB_",
    "SERVING_",
)


def clean_env(**values: str) -> dict[str, str]:
    """Return this process's environment without Tagloop's variables, but with `values`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(OWN)}
    return {**kept, "PYTHONPATH": str(ROOT), **values}


def python(program: str, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python program text in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=clean_env(**env),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
