"""When a failed delivery is tried again."""

import random
from datetime import timedelta

FIRST = timedelta(seconds=10)
LONGEST = timedelta(hours=3)
MOST_DOUBLINGS = 12
HELD = timedelta(seconds=30)
HELD_LONGEST = timedelta(minutes=10)


def pause_before(attempts: int) -> timedelta:
    """Return how long to wait after this many attempts: 10 s, doubled each time, up to 3 hours.

    Up to a fifth is added or taken off by chance, so that what failed together is spread out.
    """
    doubled: timedelta = FIRST * 2 ** min(attempts - 1, MOST_DOUBLINGS)
    return min(doubled, LONGEST) * random.uniform(0.8, 1.2)  # noqa: S311


def hold_after(failing_for: timedelta) -> timedelta:
    """Return how long a receiver that did not answer is left alone: a tenth of its silence.

    At least 30 seconds and at most 10 minutes, so that it costs workers little.
    """
    return min(max(failing_for / 10, HELD), HELD_LONGEST)
