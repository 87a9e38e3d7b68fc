"""The help beside texts in the editor: what the script is told, who is served, and a person using it."""

import re

import pytest
from django.urls import reverse

from content_studio.ai.difference import difference
from content_studio.ai.models import Generation
from content_studio.ai.tasks import TASKS
from content_studio.drafting import create_draft, segment
from publishing.models import Channel

from . import wire

TEXT = "Our new roof keeps the rain out. The garden on top keeps us cool. Come and see it on Saturday! #roof"


@pytest.mark.parametrize(
    ("before", "after"),
    [("One two three.", "One 2 three, four."), ("", "New"), ("Old", ""), ("a\n\nb", "a b"), ("Same", "Same")],
)
def test_a_difference_holds_both_texts(before, after):
    pieces = difference(before, after)

    assert "".join(text for kind, text in pieces if kind != "in") == before
    assert "".join(text for kind, text in pieces if kind != "out") == after


def test_a_difference_keeps_what_stays():
    assert difference("A new roof.", "A good roof.") == [
        ("same", "A "),
        ("out", "new"),
        ("in", "good"),
        ("same", " roof."),
    ]


@pytest.fixture
def studio(client):
    def signed_in(person):
        client.force_login(person, backend="organizations.access.RoleBackend")
        return client

    return signed_in


@pytest.mark.django_db
def test_a_suggestion_comes_with_its_difference_and_fits_the_strictest_channel(openai_server, studio, acme, bob):
    channels = [
        Channel.objects.create(organization=acme, network=network, name=network, sandbox=True)
        for network in ("linkedin", "bluesky")
    ]
    openai_server.answers(wire.openai_reply(wire.draft("Our new roof and garden. " * 20)))

    said = {"task": "expand", "text": TEXT, "channels": [str(channel.pk) for channel in channels]}
    answer = studio(bob).post(reverse("assist"), said).json()

    assert answer["replaces"]
    assert answer["shortened"]
    assert len(answer["segments"][0]) <= 300
    assert "".join(text for kind, text in answer["difference"] if kind != "in") == TEXT
    assert Generation.objects.get().network == "bluesky"


@pytest.mark.django_db
def test_a_refusal_is_a_sentence(studio, acme, bob, vera):
    response = studio(bob).post(reverse("assist"), {"task": "rewrite", "text": " "})
    assert response.status_code == 400
    assert "Write a text first" in response.json()["problem"]

    response = studio(vera).post(reverse("assist"), {"task": "rewrite", "text": TEXT})
    assert response.status_code == 403
    assert "role" in response.json()["problem"]
    assert not Generation.objects.exists()


@pytest.mark.django_db
def test_a_picture_of_somebody_else_is_not_found(studio, acme, bob):
    response = studio(bob).post(reverse("assist_describe"), {"image": "999999"})

    assert response.status_code == 404
    assert "Choose a picture first" in response.json()["problem"]


@pytest.mark.django_db
def test_the_editor_has_a_button_for_everything_that_can_be_done(studio, acme, bob):
    post = create_draft(organization=acme, user=bob, segments=[segment(TEXT)])

    page = studio(bob).get(reverse("wagtailadmin_pages:edit", args=[post.pk])).content.decode()

    offered = set(re.findall(r'data-cs-assist-task-param="(\w+)"', page))
    assert offered == {*TASKS, "describe"}
    assert "content_studio/assist.js" in page
