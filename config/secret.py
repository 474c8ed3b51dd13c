"""The secret key of a local installation."""

import os
import secrets
from pathlib import Path


def development_secret(data_dir: Path) -> str:
    """Return the key kept in `data_dir`, making it on first use, readable by its owner alone.

    Several processes may start at once: the file is created exclusively, and the losers read it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / "secret_key"
    draft = data_dir / f"secret_key.{os.getpid()}"
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
