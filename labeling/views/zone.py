"""The time zone of whoever looks at a page."""

from datetime import tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone

COOKIE = "time_zone"


def zone_of(request: HttpRequest) -> tzinfo:
    """Return the zone that the browser has told; that of the settings where it told none."""
    try:
        return ZoneInfo(request.COOKIES.get(COOKIE, ""))
    except (KeyError, ValueError, OSError):
        # No zone of this name is known here, or it is the name of a folder of zones.
        return timezone.get_default_timezone()
