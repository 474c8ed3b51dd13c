"""How many texts a key may have tagged a minute."""

import math
from dataclasses import dataclass
from time import monotonic

from classifier.serving.problems import Problem

MINUTE = 60.0


@dataclass
class Bucket:
    """What is left of a key's minute."""

    left: float
    filled_at: float


class Rates:
    """A bucket a key that holds a minute's texts and fills evenly (a token bucket)."""

    def __init__(self, per_minute: int) -> None:
        """Allow each key so many texts a minute; 0 allows any number."""
        self._per_minute = per_minute
        self._buckets: dict[int, Bucket] = {}

    def take(self, key_id: int, texts: int) -> None:
        """Count texts against a key.

        Raises:
            Problem: 429 where it has had too many; nothing was counted.
        """
        if not self._per_minute:
            return
        now, full = monotonic(), float(self._per_minute)
        bucket = self._buckets.setdefault(key_id, Bucket(full, now))
        bucket.left = min(full, bucket.left + (now - bucket.filled_at) * full / MINUTE)
        bucket.filled_at = now
        if bucket.left < texts:
            raise self._too_many(texts, bucket.left)
        bucket.left -= texts

    def _too_many(self, texts: int, left: float) -> Problem:
        limit = f"This API key may have {self._per_minute:,} texts tagged a minute"
        if texts > self._per_minute:
            return Problem(429, "rate_limited", f"{limit}: send fewer than these {texts:,}.")
        seconds = math.ceil((texts - left) * MINUTE / self._per_minute)
        headers = {"Retry-After": str(max(1, seconds))}
        return Problem(429, "rate_limited", f"{limit}; try again in {seconds} s.", headers)
