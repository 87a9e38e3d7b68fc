"""Every version says who wrote it, and each use of AI can be read from question to post."""

import pytest
from django.urls import reverse

from content_studio.drafting import revise, segment
from content_studio.generating import generate_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def generation(acme, bob):
    return generate_post(
        organization=acme, user=bob, network="x", tone="casual", prompt="Roofs for all", provider="demo"
    )


def test_versions_say_human_or_ai_and_lead_to_the_generation(client, acme, bob, vera, generation):
    revise(generation.post, user=bob, segments=[segment("By hand")])
    client.force_login(vera)
    page = client.get(reverse("posts:detail", args=[generation.post_id])).content.decode()
    assert page.count("By a person") == 1 and page.count("Written with AI") == 1
    assert reverse("generation", args=[generation.pk]) in page
    told = client.get(reverse("generation", args=[generation.pk])).content.decode()
    for said in ("Roofs for all", "Demo", "casual", "Bob", "By hand"):
        assert said in told


def test_an_outsider_gets_404(client, generation, globex, charlie):
    client.force_login(charlie)
    assert client.get(reverse("generation", args=[generation.pk])).status_code == 404
