"""A receiver, and a webhook that points to it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from feedback.models import Kind
from feedback.webhooks.endpoints import WithSecret, add_webhook
from labeling.access import Access
from tests.feedback.webhooks.receiver import Receiver, listening


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, which may be called."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with listening() as made:
        yield made


@pytest.fixture
def hook(receiver: Receiver, manager_access: Access) -> WithSecret:
    """A webhook of the project that is told of everything."""
    return add_webhook(access=manager_access, url=receiver.url, kinds=Kind.values)
