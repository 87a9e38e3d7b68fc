"""Which providers are offered follows from which keys are set."""

import pytest

from content_studio.ai.base import ProviderNotConfigured, UnknownProvider
from content_studio.ai.registry import offered, provider_for


def test_without_keys_only_the_demo_is_offered(settings):
    assert [offer.key for offer in offered()] == ["demo"]
    assert provider_for().key == "demo"


def test_a_key_offers_its_provider_and_makes_it_the_default(settings):
    settings.GEMINI_API_KEY = "AIza-test"

    assert [offer.key for offer in offered()] == ["gemini", "demo"]
    assert provider_for().key == "gemini"
    assert provider_for("demo").key == "demo"


def test_a_provider_without_its_key_says_which_setting_is_missing(settings):
    with pytest.raises(ProviderNotConfigured, match="set OPENAI_API_KEY") as caught:
        provider_for("openai")

    assert caught.value.extra == {"setting": "OPENAI_API_KEY", "available": ["demo"]}


def test_an_unknown_provider_is_answered_with_those_there_are():
    with pytest.raises(UnknownProvider, match="openai, gemini, demo"):
        provider_for("skynet")


def test_a_changed_setting_is_used_at_once(settings):
    settings.OPENAI_API_KEY = "sk-one"
    before = provider_for("openai")
    assert provider_for("openai") is before

    settings.OPENAI_MODEL = "another-model"

    assert provider_for("openai").model == "another-model"
