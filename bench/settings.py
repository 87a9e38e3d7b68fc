"""The product's settings with the sink in the place of a network."""

from cms.settings.test import *  # noqa: F403
from cms.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "bench.sink_network.apps.SinkNetworkConfig"]
