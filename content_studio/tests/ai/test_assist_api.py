"""POST /api/v1/content/rewrite/ and /content/alt-text/ as other programs see them."""

import io

import pytest
from django.core.files.images import ImageFile
from PIL import Image

from content_studio.ai.models import BrandVoice, Generation
from organizations.models import LibraryImage

from . import wire
from .test_content_api import problem, signed_in

pytestmark = pytest.mark.django_db

REWRITE = "/api/v1/content/rewrite/"
ALT_TEXT = "/api/v1/content/alt-text/"
TEXT = "Our new roof keeps the rain out. The garden on top keeps us cool."


@pytest.fixture
def bobs(bob):
    return signed_in(bob)


def test_a_text_is_shortened_and_nothing_else_is_changed(openai_server, bobs, acme):
    openai_server.answers(wire.openai_reply(wire.draft("A roof, a garden.")))

    response = bobs.post(REWRITE, {"platform": "twitter", "action": "shorten", "text": TEXT})

    assert response.status_code == 200, response.content
    answer = response.json()
    assert answer["segments"] == ["A roof, a garden."]
    assert answer["counts"] == [{"value": 17, "limit": 280, "unit": "characters"}]
    assert (answer["action"], answer["platform"], answer["ai_provider"]) == ("shorten", "twitter", "openai")
    assert answer["tokens"] == {"charged": 1, "remaining": 99}
    assert Generation.objects.get(pk=answer["id"]).post is None


def test_without_an_action_it_rewrites_and_keeps_the_language(openai_server, bobs, acme):
    openai_server.answers(wire.openai_reply(wire.draft("Ein Dach.")))

    assert bobs.post(REWRITE, {"platform": "x", "text": "Unser Dach ist neu."}).json()["action"] == "rewrite"
    assert "Keep the language of the text" in openai_server.requests[0].body["instructions"]


def test_what_an_action_needs_is_asked_for(bobs, acme):
    for action, field in (("translate", "language"), ("tone", "tone")):
        document = problem(
            bobs.post(REWRITE, {"platform": "x", "action": action, "text": TEXT}), 400, "validation-error"
        )
        assert document["errors"][0]["field"] == field


def test_roles_and_walls_hold(acme, bob, vera, charlie, globex):
    said = {"platform": "x", "text": TEXT, "organization_id": str(acme.pk)}
    problem(signed_in(vera).post(REWRITE, said), 403, "forbidden")
    problem(signed_in(charlie).post(REWRITE, said), 404, "not-found")
    problem(signed_in(charlie).post(ALT_TEXT, {**said, "image": str(acme.pk)}), 404, "not-found")


def test_a_picture_is_described_in_the_brands_voice_and_only_for_those_it_belongs_to(
    openai_server, bobs, acme, charlie, globex
):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(buffer, "PNG")
    buffer.seek(0)
    file = ImageFile(buffer, "roof.png")
    image = LibraryImage.objects.create(title="Roof", file=file, collection=acme.collection)
    openai_server.answers(wire.openai_reply('{"text": "A green roof."}'))
    BrandVoice.objects.create(organization=acme, name="Plain", description="Plain and exact.", is_default=True)
    asked = {"platform": "x", "image": str(image.uuid)}

    assert bobs.post(ALT_TEXT, asked).json()["segments"] == ["A green roof."]
    assert "Plain and exact." in openai_server.requests[0].body["instructions"]
    problem(signed_in(charlie).post(ALT_TEXT, asked), 404, "not-found")
    assert len(openai_server.requests) == 1


def test_the_demo_says_that_it_cannot_translate(bobs, acme):
    said = {"platform": "x", "action": "translate", "language": "de", "text": TEXT, "ai_provider": "demo"}

    assert "takes a model" in problem(bobs.post(REWRITE, said), 422, "ai-not-offered")["detail"]
