"""How large a share may be drawn for people, so that they are not flooded.

That is the share of the accepted that is audited, and of what waits behind the cap on looks the
share that is looked at by lot, whatever it is worth.

A cap that binds must not drop audits that were drawn, for what is dropped is no longer random. It
lowers the share instead, before anything is drawn. The cap is a bucket of tokens, one an audit:
half of a day's cap fits in it, and the other half flows in over a day. So within any 24 hours no
more audits than the cap are expected, and a burst leaves something for what comes after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = timedelta(days=1)
# A draw may spend this part of what is there, so that the share of the next one is never 0.
AT_ONCE = 0.5
# One look in ten is given by lot: what a cap leaves waiting would never be measured else, while the
# other nine still go to what is worth most.
ONE_IN = 10


@dataclass(frozen=True)
class Bucket:
    """The tokens that were there at a time."""

    tokens: float
    at: datetime


def lots_of(cap: int) -> int:
    """Return how many of a day's looks are given by lot; a cap below ten has none to spare."""
    return cap // ONE_IN


def filled(bucket: Bucket | None, cap: int, now: datetime) -> Bucket:
    """Return the bucket as it is now; one that was never used is full."""
    size = cap / 2
    if bucket is None:
        return Bucket(size, now)
    passed = max(now - bucket.at, timedelta(0)) / DAY
    return Bucket(min(size, bucket.tokens + size * passed), now)


def share_of(bucket: Bucket, wanted: float, count: int) -> float:
    """Return the share in force: the one that is wanted, or what the tokens allow.

    Args:
        bucket: as it is now.
        wanted: the share by the policy, 0 to 1.
        count: how many may be drawn from.
    """
    if count == 0:
        return wanted
    return min(wanted, bucket.tokens * AT_ONCE / count)


def spent(bucket: Bucket, share: float, count: int) -> Bucket:
    """Return the bucket after a draw from so many, by what it was expected to give."""
    return Bucket(max(bucket.tokens - share * count, 0.0), bucket.at)
