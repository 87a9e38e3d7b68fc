"""What a stranger at an open browser would want most asks once more who one is."""

from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from organizations.factories import PASSWORD
from organizations.models import Export, Role

pytestmark = pytest.mark.django_db

ASKS = "/accounts/reauthenticate/?next="
PAGES = ("/admin/organization/keys/", "/admin/organization/delete/", "/admin/organization/exports/", "/accounts/data/")
PAGES_OF_FACTORS = ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/")


@pytest.fixture
def alice_of_hours_ago(client, acme, alice, hours_pass):
    EmailAddress.objects.get_or_create(user=alice, email=alice.email, defaults={"verified": True, "primary": True})
    client.force_login(alice)
    hours_pass(client)
    return client


def confirm(client, answer, password=PASSWORD):
    leads_to = unquote(answer["Location"].partition("next=")[2])
    return client.post(answer["Location"], {"password": password, "next": leads_to})


def test_pages_ask_first_and_are_there_afterwards_for_a_quarter_of_an_hour(alice_of_hours_ago):
    client = alice_of_hours_ago
    for page in (*PAGES, *PAGES_OF_FACTORS):
        assert client.get(page)["Location"].startswith(ASKS), page
    answer = client.get(PAGES[0])
    assert confirm(client, answer, "another").status_code == 200  # and so it is asked again
    assert client.get(PAGES[0])["Location"].startswith(ASKS)
    assert confirm(client, answer)["Location"] == PAGES[0]
    assert {client.get(page).status_code for page in PAGES} == {200}


def test_nothing_is_done_before_one_has_confirmed(alice_of_hours_ago, acme, alice, bob):
    client, bobs = alice_of_hours_ago, acme.memberships.get(user=bob)
    leads_to = {
        "/admin/organization/keys/": "/admin/organization/keys/",
        "/admin/organization/delete/": "/admin/organization/delete/",
        "/admin/organization/exports/": "/admin/organization/exports/",
        f"/admin/team/{bobs.pk}/transfer/": "/admin/team/",
        f"/admin/team/{bobs.pk}/role/": "/admin/team/",
        "/admin/team/": "/admin/team/%3Femail%3Deve%2540x.test%26role%3Downer",
    }
    for address, then in leads_to.items():
        answer = client.post(address, {"name": "Acme", "email": "eve@x.test", "role": "owner", "scopes": ["read"]})
        assert answer["Location"] == ASKS + then.replace("/", "%2F"), address
    told = client.get(ASKS).content.decode()
    assert "Nothing is done yet" in told
    acme.refresh_from_db()
    assert acme.deleted_at is None
    assert not acme.api_keys.exists() and not Export.objects.exists() and not acme.invitations.exists()
    assert {each.user: each.role for each in acme.memberships.all()} == {alice: Role.OWNER, bob: Role.MEMBER}
    # What makes nobody more powerful goes on as ever.
    client.post(f"/admin/team/{bobs.pk}/role/", {"role": "viewer"})
    assert acme.memberships.get(user=bob).role == Role.VIEWER


def test_an_address_is_neither_added_nor_taken_away(alice_of_hours_ago, alice):
    EmailAddress.objects.create(user=alice, email="second@example.test", verified=True)
    for action, email in (
        ("add", "eve@example.test"),
        ("remove", "second@example.test"),
        ("primary", "second@example.test"),
    ):
        answer = alice_of_hours_ago.post("/accounts/email/", {f"action_{action}": "", "email": email})
        assert answer["Location"].startswith(ASKS), action
    hers = EmailAddress.objects.filter(user=alice)
    assert dict(hers.values_list("email", "primary")) == {alice.email: True, "second@example.test": False}


def test_who_has_a_second_factor_may_confirm_with_it(alice_of_hours_ago, alice):
    TOTP.activate(alice, generate_totp_secret())
    page = alice_of_hours_ago.get(ASKS + PAGES[0]).content.decode()
    assert "/accounts/2fa/reauthenticate/" in page


def test_who_signs_in_with_another_service_alone_is_not_shut_out(alice_of_hours_ago, alice):
    alice.set_unusable_password()
    alice.save()
    alice_of_hours_ago.force_login(alice)
    assert alice_of_hours_ago.get(PAGES[0]).status_code == 200
