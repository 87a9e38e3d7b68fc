"""Admins say how the organization sounds; nobody sees another organization's voices."""

import pytest
from django.urls import reverse

from content_studio.ai.models import BrandVoice, voice_of

pytestmark = pytest.mark.django_db

SAID = {"name": "Acme", "is_default": "on", "description": "Dry and kind.", "habits": "x: no hashtags"}
EMPTY = dict.fromkeys(("language", "dos", "donts", "preferred", "banned", "samples"), "")


def signed_in(client, person):
    client.force_login(person, backend="organizations.access.RoleBackend")
    return client


def test_an_admin_makes_a_voice_and_changes_it(client, acme, adam):
    studio = signed_in(client, adam)

    response = studio.post(reverse("brand_voices:add"), SAID | EMPTY, follow=True)
    assert "Acme" in response.content.decode()
    voice = voice_of(acme)
    assert (voice.organization, voice.description) == (acme, "Dry and kind.")

    studio.post(reverse("brand_voices:edit", args=[voice.pk]), SAID | EMPTY | {"description": "Loud."})
    voice.refresh_from_db()
    assert voice.description == "Loud."


def test_the_first_voice_is_the_one_that_is_used_unless_somebody_takes_the_tick_off(client, acme, adam):
    def form():
        return signed_in(client, adam).get(reverse("brand_voices:add")).context["form"]

    assert form()["is_default"].value() is True
    BrandVoice.objects.create(organization=acme, name="First")
    assert form()["is_default"].value() is False
    assert ("de", "German") in form().fields["language"].choices


def test_what_cannot_be_understood_is_said_in_the_form(client, acme, adam):
    page = signed_in(client, adam).post(reverse("brand_voices:add"), SAID | EMPTY | {"habits": "MySpace: glitter"})

    assert "MySpace" in page.content.decode()
    assert not BrandVoice.objects.exists()


def test_a_member_cannot_change_voices(client, acme, bob):
    signed_in(client, bob).post(reverse("brand_voices:add"), SAID | EMPTY)

    assert not BrandVoice.objects.exists()


def test_another_organization_sees_nothing(client, acme, globex, charlie):
    voice = BrandVoice.objects.create(organization=acme, name="Acme’s own")
    studio = signed_in(client, charlie)

    assert "Acme’s own" not in studio.get(reverse("brand_voices:index")).content.decode()
    assert studio.get(reverse("brand_voices:edit", args=[voice.pk])).status_code == 404
    assert studio.post(reverse("brand_voices:delete", args=[voice.pk])).status_code == 404
    assert BrandVoice.objects.filter(pk=voice.pk).exists()
