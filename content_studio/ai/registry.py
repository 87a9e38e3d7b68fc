"""Which providers there are, which are set up, and which one is used when nobody chose."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .base import Provider, ProviderNotConfigured, UnknownProvider


@dataclass(frozen=True)
class Offer:
    """A provider before it is loaded: the SDKs are imported when first used, they take their time."""

    key: str
    name: str
    module: str
    class_name: str
    key_setting: str = ""  # empty: needs no key
    note: Any = ""  # translated: what a person should know before using it

    @property
    def is_configured(self) -> bool:
        return not self.key_setting or bool(getattr(settings, self.key_setting))

    @property
    def model(self) -> str:
        return getattr(settings, f"{self.key.upper()}_MODEL", "templates")


# In the order in which they are offered; the first that is set up is the default.
OFFERS = (
    Offer("openai", "OpenAI", ".openai", "OpenAI", "OPENAI_API_KEY"),
    Offer("gemini", "Gemini", ".gemini", "Gemini", "GEMINI_API_KEY"),
    Offer(
        "demo",
        "Demo (no AI)",
        ".demo",
        "Demo",
        note=_(
            "This is a demo: the text comes from templates, in English, without any AI. "
            "Set OPENAI_API_KEY or GEMINI_API_KEY on the server to write with a model."
        ),
    ),
)
PROVIDER_KEYS = tuple(offer.key for offer in OFFERS)


def offered() -> list[Offer]:
    """The providers that can be used now, the default first."""
    return [offer for offer in OFFERS if offer.is_configured]


def offer_of(key: str) -> Offer:
    """The offer of a provider that was used, whether or not it is still set up."""
    return next(offer for offer in OFFERS if offer.key == key)


def provider_for(key: str = "") -> Provider:
    """The provider `key`, or the default. Raises UnknownProvider or ProviderNotConfigured."""
    if not key:
        return _load(offered()[0])
    offer = next((offer for offer in OFFERS if offer.key == key), None)
    if offer is None:
        raise UnknownProvider(
            _("There is no AI provider “%(key)s”. Choose one of: %(known)s.")
            % {"key": key, "known": ", ".join(PROVIDER_KEYS)},
            available=[offer.key for offer in offered()],
        )
    if not offer.is_configured:
        raise ProviderNotConfigured(
            _(
                "%(name)s is not set up on this server. Whoever runs it has to set %(setting)s; until then, "
                "choose one of: %(known)s."
            )
            % {
                "name": offer.name,
                "setting": offer.key_setting,
                "known": ", ".join(each.key for each in offered()),
            },
            setting=offer.key_setting,
            available=[offer.key for offer in offered()],
        )
    return _load(offer)


def _load(offer: Offer) -> Provider:
    options = {"model": offer.model}
    if offer.key_setting:
        prefix = offer.key.upper()
        options |= {
            "api_key": getattr(settings, offer.key_setting),
            "base_url": getattr(settings, f"{prefix}_BASE_URL"),
            "timeout": settings.AI_TIMEOUT,
        }
    return _provider(offer, tuple(options.items()))


@cache
def _provider(offer: Offer, options: tuple) -> Provider:
    """One instance per configuration, because it keeps connections open."""
    module = import_module(offer.module, __package__)
    return getattr(module, offer.class_name)(**dict(options))
