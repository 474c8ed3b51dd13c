"""How often an address may use links that need no sign-in."""

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle


class LinkThrottle(SimpleRateThrottle):
    """So many calls a minute by address (REPORT_LINK_RATE), counted as those of the API are."""

    scope = "report_link"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        """Return under which key an address is counted."""
        return f"throttle_report_link_{address_of(request)}"


def address_of(request: HttpRequest) -> str:
    """Return the address that a call came from; behind a proxy the one that the proxy saw."""
    return LinkThrottle().get_ident(request)  # type: ignore[arg-type]


def seconds_to_wait(request: HttpRequest) -> int:
    """Count a call of an address, and return how long it has to wait; 0 where it may go on."""
    throttle = LinkThrottle()
    if throttle.allow_request(request, None):  # type: ignore[arg-type]
        return 0
    return max(1, round(throttle.wait() or 1))
