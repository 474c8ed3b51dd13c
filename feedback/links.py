"""Signed links by which anybody may say whether one tag is right, without signing in."""

from collections.abc import Set
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest
from django.utils import timezone

from classifier.models import Prediction
from feedback.models import RoutingPolicy
from feedback.policy import policy_of

SALT = "feedback.links"
PREFIX = "r/"
UNKNOWN = "This link does not work: it was cut off, has expired, or links were turned off."


class _Signer(signing.TimestampSigner):
    """Signs as of a given time, so that the same prediction and time give the same link."""

    def __init__(self, seconds: int) -> None:
        super().__init__(salt=SALT)
        self._stamp = signing.b62_encode(seconds)

    def timestamp(self) -> str:
        """Return the time in the form that Django reads it in."""
        return self._stamp


@lru_cache(maxsize=64)
def _signer(seconds: int) -> _Signer:
    # Making one costs more than signing, and the answers of a second share it.
    return _Signer(seconds)


def address_of(prediction_id: UUID, since: datetime | None = None) -> str:
    """Return the path of the link to a prediction; it works for REPORT_LINK_DAYS from `since` on.

    Without `since` that is from now on. The serving process makes many of them and knows of no
    route, so that none is looked up here.
    """
    signer = _signer(int((since or timezone.now()).timestamp()))
    return f"/{PREFIX}{signer.sign(prediction_id.hex)}/"


def url_of(prediction_id: UUID, since: datetime) -> str:
    """Return the link to a prediction under PUBLIC_URL; it works for REPORT_LINK_DAYS."""
    return settings.PUBLIC_URL + address_of(prediction_id, since)


def url_for(request: HttpRequest, prediction_id: UUID) -> str:
    """Return the link to a prediction under PUBLIC_URL, else under the address that was called."""
    address = address_of(prediction_id)
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL}{address}"
    return request.build_absolute_uri(address)


def linked_projects() -> Set[int]:
    """Return the ids of the projects whose tags are answered with a link.

    Without PUBLIC_URL there are none: the serving process cannot know where the page is.
    """
    if not settings.PUBLIC_URL:
        return frozenset()
    linked = RoutingPolicy.objects.filter(links_on=True)
    return frozenset(linked.values_list("project_id", flat=True))


def prediction_of(signed: str) -> Prediction:
    """Return the prediction that a token names.

    Raises:
        Http404: the token is none of ours or has expired, or the project has turned links off.
    """
    age = timedelta(days=settings.REPORT_LINK_DAYS)
    try:
        wanted = UUID(signing.TimestampSigner(salt=SALT).unsign(signed, max_age=age))
    except (signing.BadSignature, ValueError) as error:
        raise Http404(UNKNOWN) from error
    found = Prediction.objects.select_related("project__routing_policy", "label")
    prediction = found.filter(pk=wanted).first()
    if prediction is None or not policy_of(prediction.project).links_on:
        raise Http404(UNKNOWN)
    return prediction
