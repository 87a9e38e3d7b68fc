"""A link to a thing of another of one's organizations leads there, whatever the thing is."""

import pytest
from django.urls import reverse

from content_studio.ai.models import BrandVoice
from content_studio.labels import Campaign, Label
from content_studio.library import HashtagSet, SavedBrief, Signature, Tone, UtmPreset
from content_studio.models import ApprovalTask, SocialPost
from organizations.factories import MembershipFactory
from organizations.models import LibraryDocument, LibraryImage, Role
from publishing.models import Channel, Delivery

from . import worlds

pytestmark = pytest.mark.django_db

THINGS = {
    "post": (SocialPost, "posts:detail"),
    "post in the editor": (SocialPost, "wagtailadmin_pages:edit"),
    "history of a post": (SocialPost, "wagtailadmin_pages:history"),
    "channel": (Channel, "channel"),
    "delivery": (Delivery, "delivery"),
    "queue": (Channel, "queue"),
    "picture": (LibraryImage, "wagtailimages:edit"),
    "document": (LibraryDocument, "wagtaildocs:edit"),
    "campaign": (Campaign, "campaigns:edit"),
    "label": (Label, "labels:edit"),
    "voice": (BrandVoice, "brand_voices:edit"),
    "tone": (Tone, "tones:edit"),
    "hashtag set": (HashtagSet, "hashtag_sets:edit"),
    "signature": (Signature, "signatures:edit"),
    "link tags": (UtmPreset, "utm_presets:edit"),
    "brief": (SavedBrief, "briefs:edit"),
    "stage of the review": (ApprovalTask, "review_stage"),
}


@pytest.fixture
def linked(client, acme, alice, settings, tmp_path):
    """Alice is in Acme, where she works, and in a second organization that has everything."""
    settings.MEDIA_ROOT = tmp_path
    other = worlds.build("Second", domain="second.test")
    MembershipFactory(organization=other.organization, user=alice, role=Role.OWNER)
    client.force_login(alice)
    session = client.session
    session["organization_id"] = str(acme.pk)
    session.save()
    return other.organization


@pytest.mark.parametrize("thing", THINGS)
def test_the_link_switches_by_itself(client, linked, thing):
    model, name = THINGS[thing]
    address = reverse(name, args=[model.objects.filter(organization=linked).first().pk])
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[0] == (address, 302)
    assert client.session["organization_id"] == str(linked.pk)


@pytest.mark.parametrize("thing", ["post", "channel", "label"])
def test_it_leads_nobody_else_there(client, linked, bob, acme, thing):
    model, name = THINGS[thing]
    client.force_login(bob)
    address = reverse(name, args=[model.objects.filter(organization=linked).first().pk])
    assert client.get(address).status_code == 404
