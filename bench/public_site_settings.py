"""The settings of a server, but for https and mail, with static files where `bench.public_site` has collected them."""

from cms.settings.production import *  # noqa: F403
from cms.settings.production import env

PRODUCTION = False  # which would refuse an address without https
STATIC_ROOT = env("BENCH_STATIC_ROOT")
