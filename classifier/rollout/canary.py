"""Which texts a canary answers: always the same ones, however often they are asked about."""

import hashlib

SPACE = 2**64


def in_canary(project_id: int, key: str, share: float) -> bool:
    """Tell whether the canary of a project answers for the item of this key.

    The first 64 bits of a hash of project and key decide, so every process says the same, and a
    larger share keeps the items of a smaller one.

    Args:
        project_id: whose canary; the same key falls elsewhere in another project.
        key: what names the item: its external id, or its text where it has none.
        share: of all items, from 0 to 1.
    """
    digest = hashlib.sha256(f"{project_id}:{key}".encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") < share * SPACE


def key_of(title: str, body: str, external_id: str) -> str:
    """Return what names an item in the canary: its external id, or else its text."""
    return external_id or f"{title}\n{body}"
