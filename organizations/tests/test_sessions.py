"""Sessions and passwords, as the OWASP Application Security Verification Standard asks for them."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from organizations.factories import PASSWORD

pytestmark = pytest.mark.django_db

STUDIO = "/admin/"


def signed_in(person, client=None):
    client = client or Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    return client


def is_in(client):
    return client.get(STUDIO).status_code == 200


def test_signing_in_gives_a_new_session_and_signing_out_ends_it_on_the_server(acme, alice):
    client = Client()
    session = client.session
    session["known"] = "to an attacker"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    signed_in(alice, client)
    mine = client.cookies["sessionid"].value
    assert is_in(client)
    assert mine != before
    assert not Session.objects.filter(session_key=before).exists()
    client.post("/accounts/logout/")
    client.cookies["sessionid"] = mine
    assert not is_in(client)


def test_a_new_password_ends_every_other_session_of_the_person(acme, alice, bob):
    here, elsewhere, of_bob = signed_in(alice), signed_in(alice), signed_in(bob)
    new = "a quite different kettle"
    answer = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert (is_in(here), is_in(elsewhere), is_in(of_bob)) == (True, False, True)


def test_whoever_is_switched_off_is_out_at_once(acme, alice):
    client = signed_in(alice)
    assert is_in(client)
    alice.is_active = False
    alice.save()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("kettle 42", False),  # nine characters
        ("password1234", False),  # among the most common
        ("20261127153000", False),
        ("alice@example.test", False),
        ("Füße im Teich, 水 in the kettle — and seventy-five characters are no trouble", True),
    ],
    ids=["short", "common", "digits", "like the address", "long, with spaces and any script"],
)
def test_a_password_may_be_long_and_not_easy(acme, alice, password, taken):
    alice.email = "alice@example.test"
    alice.save()
    client = Client()
    client.force_login(alice)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert (client.post("/accounts/password/change/", form).status_code == 302) is taken
