"""A brand's voice is in every prompt, its banned words come back to the model, and it stays in its organization."""

import pytest
from django.core.exceptions import ValidationError

from content_studio.ai.models import BrandVoice, UnknownVoice, voice_of
from content_studio.generating import generate_post

from . import wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def voice(acme):
    return BrandVoice.objects.create(
        organization=acme,
        name="Acme",
        is_default=True,
        description="Dry and kind.",
        dos="Short sentences\nSay “we”",
        donts="Shout",
        samples="It rains. We have a roof.\n---\nTools down, it is five.",
        banned="revolutionary\ngame changer",
        preferred="clients, not customers",
        habits="LinkedIn: end with a question\ntwitter: no hashtags",
        language="de",
    )


def asked(organization, user, **kwargs):
    return generate_post(
        **{
            "organization": organization,
            "user": user,
            "network": "x",
            "tone": "casual",
            "prompt": "Our roof",
            "provider": "openai",
            **kwargs,
        }
    )


def test_everything_of_the_voice_is_told(openai_server, acme, bob, voice):
    openai_server.answers(wire.openai_reply(wire.draft("Ein Dach.")))

    generation = asked(acme, bob)

    told = openai_server.requests[0].body["instructions"]
    for said in (
        "Dry and kind.",
        "Do: Say “we”",
        "Do not: Shout",
        "revolutionary, game changer",
        "clients, not customers",
        "On X: no hashtags",
        "Tools down, it is five.",
        "German",
    ):
        assert said in told
    assert "end with a question" not in told
    assert (generation.voice, generation.language) == ("Acme", "de")


def test_what_the_person_chooses_goes_before_the_voice(openai_server, acme, bob, voice):
    BrandVoice.objects.create(organization=acme, name="Loud", description="Very loud.")
    openai_server.answers(wire.openai_reply(wire.draft("Un toit.")))

    generation = asked(acme, bob, voice="loud", language="fr")

    told = openai_server.requests[0].body["instructions"]
    assert "Very loud." in told
    assert "French" in told
    assert (generation.voice, generation.language) == ("Loud", "fr")


def test_a_banned_word_goes_back_to_the_model(openai_server, acme, bob, voice):
    openai_server.answers(
        wire.openai_reply(wire.draft("A Revolutionary roof.")), wire.openai_reply(wire.draft("A good roof."))
    )

    assert asked(acme, bob).segments == ["A good roof."]
    assert "“revolutionary”, which this brand never says" in openai_server.requests[1].body["input"][-1]["content"]


def test_a_banned_word_is_a_whole_word(voice):
    assert voice.as_voice().banned_in("A game changer!") == ["game changer"]
    assert voice.as_voice().banned_in("Game changers are unrevolutionary") == []


def test_only_one_voice_is_the_default(acme, voice):
    other = BrandVoice.objects.create(organization=acme, name="Other", is_default=True)

    assert voice_of(acme) == other
    assert BrandVoice.objects.filter(is_default=True).count() == 1


def test_a_voice_of_another_organization_does_not_exist(openai_server, globex, charlie, voice):
    openai_server.answers(wire.openai_reply(wire.draft("A roof.")))

    with pytest.raises(UnknownVoice):
        asked(globex, charlie, voice="Acme")
    asked(globex, charlie)
    assert "Dry and kind." not in openai_server.requests[0].body["instructions"]


def test_habits_name_networks_that_there_are(acme):
    voice = BrandVoice(organization=acme, name="V", habits="MySpace: glitter")

    with pytest.raises(ValidationError, match="MySpace"):
        voice.full_clean()
