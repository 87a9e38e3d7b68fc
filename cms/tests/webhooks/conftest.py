"""A receiver on loopback, which the tests may reach."""

import pytest

from publishing.tests.loopback import Loopback
from webhooks import announcing, endpoints
from webhooks.events import CHOOSABLE


@pytest.fixture
def receiver(settings):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = True
    loopback = Loopback({"POST /hook": (204, b"")})
    yield loopback
    loopback.close()


@pytest.fixture
def endpoint(acme, adam, receiver):
    announcing._heard.clear()
    return endpoints.create_endpoint(
        acme, url=f"{receiver.url}/hook", event_types=[value for value, _label in CHOOSABLE], user=adam
    )
