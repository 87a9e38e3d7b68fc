import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client

from organizations.factories import PASSWORD
from organizations.models import Organization, User
from organizations.templatetags.devices import device

pytestmark = pytest.mark.django_db

FORM = {
    "name": "Dana Field",
    "organization": "Fields & Sons",
    "email": "dana@example.test",
    "password1": PASSWORD,
    "timezone": "Europe/Berlin",
}


def sign_up(client, **changes):
    return client.post("/accounts/signup/", {**FORM, **changes})


def test_signing_up_makes_a_person_with_an_organization_who_can_work_after_confirming(client):
    assert sign_up(client).status_code == 302
    organization = Organization.objects.get()
    dana = organization.memberships.get(role="owner").user
    assert (organization.name, organization.timezone) == ("Fields & Sons", "Europe/Berlin")
    assert (dana.email, dana.get_full_name()) == ("dana@example.test", "Dana Field")
    assert client.get("/admin/").status_code == 302  # not yet: the address is not confirmed

    link = re.search(r"http://\S+", mail.outbox[0].body)[0]
    client.post(link)
    assert EmailAddress.objects.get().verified
    assert client.get("/admin/").status_code == 200  # at once, in the browser in which she signed up


def test_who_opens_the_link_elsewhere_confirms_and_signs_in(client):
    sign_up(client)
    elsewhere = Client()
    elsewhere.post(re.search(r"http://\S+", mail.outbox[0].body)[0])
    assert EmailAddress.objects.get().verified
    assert elsewhere.get("/admin/").status_code == 302
    elsewhere.post("/accounts/login/", {"login": "dana@example.test", "password": PASSWORD})
    assert elsewhere.get("/admin/").status_code == 200


def test_an_unknown_time_zone_becomes_utc(client):
    sign_up(client, timezone="Mars/Base")
    assert Organization.objects.get().timezone == "UTC"


def test_no_person_remains_when_the_organization_cannot_be_made(client, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("organizations.signup_forms.create_organization", fail)
    with pytest.raises(RuntimeError):
        sign_up(client)
    assert not User.objects.exists()


def test_an_address_that_has_an_account_is_not_given_away(client, alice):
    answer = sign_up(client, email=alice.email)
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/confirm-email/"
    assert not Organization.objects.exists()
    assert "already" in mail.outbox[0].body


def test_a_second_factor_is_asked_for_in_the_studio_too(client, alice, acme):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(alice, generate_totp_secret())
    answer = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17 Mobile Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl"),
        ("", "?"),
    ],
)
def test_a_session_names_its_device(user_agent, name):
    assert device(user_agent) == name


@pytest.mark.django_db
def test_an_operator_made_on_the_server_signs_in_without_a_mail(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct-horse-9")
    call_command("createsuperuser", email="root@example.test", interactive=False, verbosity=0)
    answer = client.post("/accounts/login/", {"login": "root@example.test", "password": "correct-horse-9"})
    assert answer["Location"] == "/admin/"
    assert mail.outbox == []
