"""What a killed training finds again: files written whole, named for their training."""

import hashlib
import json
import os
from pathlib import Path


def fingerprint(*parts: object) -> str:
    """Return a name for what `parts` describe, which must be ready for JSON; equal parts share it.

    A checkpoint carries it in its file name, so that a training only ever takes up its own.
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps(part, sort_keys=True).encode() + b"\0")
    return digest.hexdigest()[:32]


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whose folder is made if need be; a kill leaves old or new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
