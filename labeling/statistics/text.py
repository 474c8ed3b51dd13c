"""When two texts count as the same text."""

import hashlib
import unicodedata


def normalise(text: str) -> str:
    """Return `text` as compared, never as shown: NFKC, case folded, white space collapsed."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def text_hash(title: str, body: str) -> str:
    """Return the SHA-256 (hex) that two items share when their normalised texts are equal.

    Title and body are kept apart: "a b" + "c" and "a" + "b c" are different items.
    """
    identity = f"{normalise(title)}\n{normalise(body)}"
    return hashlib.sha256(identity.encode()).hexdigest()


def uniform_draw(digest: str) -> int:
    """Return the first 28 bits of a text's hash (hex): a number that is uniform over texts."""
    return int(digest[:7], 16)
