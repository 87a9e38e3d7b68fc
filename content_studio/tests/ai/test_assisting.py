"""Help with a text that is there: what is asked, what comes back, what it costs, and that it changes no post."""

import base64
import io

import pytest
from django.core.files.images import ImageFile
from PIL import Image

from billing import quotas
from content_studio.ai.assisting import NothingToWorkOn, NoThreads, UnknownTask, assist, describe_picture
from content_studio.ai.base import NotOffered
from content_studio.ai.models import Generation
from content_studio.ai.tasks import TASKS
from content_studio.ai.voices import Voice
from content_studio.models import SocialPost
from organizations.models import LibraryImage
from organizations.problems import Forbidden
from publishing.networks import NETWORKS, rules_for

from . import wire

pytestmark = pytest.mark.django_db

TEXT = "Our new roof keeps the rain out. The garden on top keeps us cool. Come and see it on Saturday! #roof #garden"


def helped(organization, user, task="rewrite", **kwargs):
    defaults = {"network": "x", "text": TEXT, "provider": "openai"}
    return assist(organization=organization, user=user, task=task, **{**defaults, **kwargs})


def suggestions(*texts):
    import json

    return wire.openai_reply(json.dumps({"suggestions": list(texts)}))


@pytest.mark.parametrize("task", [key for key, task in TASKS.items() if task.replaces])
def test_a_text_comes_back_changed_and_no_post_is_touched(openai_server, acme, bob, task):
    openai_server.answers(wire.openai_reply(wire.draft("No rain. A garden. Saturday!")))

    generation = helped(acme, bob, task, tone="witty", language="de")

    assert generation.segments == ["No rain. A garden. Saturday!"]
    assert (generation.task, generation.user, generation.organization) == (task, bob, acme)
    assert generation.counts[0]["limit"] == 280
    assert generation.tokens_charged == 1
    assert not SocialPost.objects.exists()
    asked = openai_server.requests[0].body
    assert TEXT in asked["input"][0]["content"]
    assert TEXT not in asked["instructions"]
    assert "German" in asked["instructions"]


def test_every_replacement_fits_its_network(openai_server, acme, bob):
    openai_server.answers(wire.openai_reply(wire.draft("A roof and a garden. " * 30)))

    generation = helped(acme, bob, "expand")

    assert generation.shortened
    assert rules_for("x").fits(generation.segments[0])


def test_a_long_text_becomes_a_thread(openai_server, acme, bob):
    openai_server.answers(wire.openai_reply(wire.draft("First.", "Second.", "Third.")))

    assert helped(acme, bob, "thread").segments == ["First.", "Second.", "Third."]


def test_links_and_mentions_of_the_text_stay_and_others_do_not_come_in(openai_server, acme, bob):
    openai_server.answers(wire.openai_reply(wire.draft("See acme.com with @bob.\nAnd evil.com too.")))

    generation = helped(acme, bob, text="Look at acme.com, thanks @bob")

    assert generation.segments == ["See acme.com with @bob."]


def test_hashtags_and_first_lines_are_offered_to_choose_from(openai_server, acme, bob):
    openai_server.answers(suggestions("#Roof", "GreenRoof", "#Green Roof!", "#", "rooftop"))
    assert helped(acme, bob, "hashtags").segments == ["#GreenRoof", "#rooftop"]  # "#roof" is there already

    openai_server.answers(suggestions("Rain? Not here.", "Win at https://evil.example/x"))
    assert helped(acme, bob, "hooks").segments == ["Rain? Not here."]


def test_a_wish_is_passed_on(openai_server, acme, bob):
    openai_server.answers(wire.openai_reply(wire.draft("Saturday: roof.")))

    helped(acme, bob, wish="Put the date first")

    assert "Put the date first" in openai_server.requests[0].body["input"][0]["content"]


@pytest.mark.parametrize("network", [rules.key for rules in NETWORKS])
@pytest.mark.parametrize("task", ["rewrite", "shorten", "expand", "tone", "thread", "hashtags", "hooks"])
def test_the_demo_does_what_it_can_by_rule(acme, bob, network, task):
    if task == "thread" and not rules_for(network).supports_threads:
        with pytest.raises(NoThreads):
            helped(acme, bob, task, network=network, provider="demo")
        return

    generation = helped(acme, bob, task, network=network, text=TEXT * 3, tone="witty", provider="demo")

    assert generation.segments
    assert all(rules_for(network).fits(each) for each in generation.segments)
    assert generation.segments != [TEXT * 3]


def test_the_demo_says_what_takes_a_model(acme, bob):
    with pytest.raises(NotOffered, match="takes a model"):
        helped(acme, bob, "translate", language="fr", provider="demo")
    assert quotas.remaining(acme).remaining == 100


def test_what_cannot_be_done_is_said(acme, bob):
    with pytest.raises(UnknownTask, match="rewrite, shorten"):
        helped(acme, bob, "improve")
    with pytest.raises(NothingToWorkOn):
        helped(acme, bob, text=" \n")


def test_a_viewer_and_an_outsider_get_no_help(acme, vera, charlie):
    for person in (vera, charlie):
        with pytest.raises(Forbidden):
            helped(acme, person, provider="demo")
    assert not Generation.objects.exists()


@pytest.fixture
def picture(acme):
    buffer = io.BytesIO()
    Image.new("RGBA", (3000, 1000), "green").save(buffer, "PNG")
    buffer.seek(0)
    return LibraryImage.objects.create(title="Roof", file=ImageFile(buffer, "roof.png"), organization=acme)


def test_a_picture_is_looked_at_small_and_described(openai_server, acme, bob, picture):
    openai_server.answers(wire.openai_reply('{"text": "A green roof.\\nSeen from above."}'))

    generation = describe_picture(
        organization=acme,
        user=bob,
        image=picture,
        network="x",
        beside=TEXT,
        language="en",
        voice=Voice("Acme", description="Plain and exact.", banned=("greenery",)),
        provider="openai",
    )

    assert generation.segments == ["A green roof. Seen from above."]
    assert generation.voice == "Acme"
    instructions = openai_server.requests[0].body["instructions"]
    assert "Plain and exact." in instructions and "Never use these words: greenery." in instructions
    assert generation.task == "describe"
    text, seen = openai_server.requests[0].body["input"][0]["content"]
    assert TEXT in text["text"]
    sent = base64.b64decode(seen["image_url"].removeprefix("data:image/jpeg;base64,"))
    assert Image.open(io.BytesIO(sent)).size == (1024, 341)


def test_an_alternative_text_is_never_longer_than_the_network_takes(openai_server, acme, bob, picture):
    openai_server.answers(wire.openai_reply('{"text": "%s"}' % ("green " * 400)))

    generation = describe_picture(organization=acme, user=bob, image=picture, network="x", provider="openai")

    assert len(generation.segments[0]) <= 1000
    assert generation.segments[0].endswith("…")


def test_the_demo_cannot_see(acme, bob, picture):
    with pytest.raises(NotOffered):
        describe_picture(organization=acme, user=bob, image=picture, network="x", provider="demo")
