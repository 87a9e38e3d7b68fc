"""What every page tells the browser to refuse."""

import re

import pytest

from cms import health
from content_studio import client_review
from content_studio.factories import make_post
from home.tests.conftest import _made, home  # noqa: F401  the public site with its first content
from home.tests.test_accessibility import PAGES as PUBLIC_PAGES
from organizations.factories import PASSWORD
from publishing.factories import ChannelFactory

PAGES_OF_OURS = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/confirm-email/",
    "/invitations/nonsense/",
    "/review/nonsense/",
    *PUBLIC_PAGES.values(),
]
PAGES_OF_AN_ACCOUNT = [
    "/accounts/data/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/organizations/new/",
]


def policy_of(response):
    return {
        words[0]: words[1:]
        for words in (directive.split() for directive in response["Content-Security-Policy"].split(";"))
        if words
    }


def assert_strict(response):
    """Scripts of this site only, inline ones by nonce; and nothing on the page that such a policy would block."""
    policy = policy_of(response)
    assert "'unsafe-inline'" not in policy["script-src"] + policy["style-src"]
    assert policy["object-src"] == ["'none'"]
    nonces = [word[7:-1] for word in policy["script-src"] if word.startswith("'nonce-")]
    page = response.content.decode()
    for script in re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page):
        if 'type="application/' not in script:
            assert nonces, f"inline script without a nonce: <script{script}>"
            assert nonces[0] in script
    assert re.findall(r"<[^>]+\s(?:on[a-z]+|style)=", page) == []


@pytest.mark.parametrize("address", PAGES_OF_OURS)
def test_our_pages_run_scripts_of_this_site_only_and_inline_ones_by_nonce(client, home, address):  # noqa: F811
    assert_strict(client.get(address))


def test_pages_about_ones_own_account_do_so_too(client, alice, acme):
    client.post(
        "/accounts/login/", {"login": alice.email, "password": PASSWORD}
    )  # freshly, so that nothing is asked again
    for address in PAGES_OF_AN_ACCOUNT:
        response = client.get(address)
        assert response.status_code == 200, address
        assert_strict(response)


def test_a_clients_page_does_so_too(client, acme, adam, bob):
    post = make_post(acme, user=bob, text="Meet our kettle", channels=[ChannelFactory(organization=acme)])
    link = client_review.make_link(acme, user=adam, name="Client", posts=[post], may_approve=True)
    response = client.get(client_review.address_of(link))
    assert "Meet our kettle" in response.text
    assert_strict(response)


def test_hosts_that_the_settings_name_are_allowed_and_no_others(client, db, settings):
    settings.MEDIA_HOST = "https://files.example.org"
    settings.SITE_ANALYTICS = {"src": "https://counts.example.net/script.js", "attributes": {}}
    policy = policy_of(client.get("/accounts/login/"))
    assert "https://files.example.org" in policy["img-src"]
    assert policy["script-src"] == ["'self'", "https://counts.example.net"]
    assert policy["connect-src"] == ["'self'", "https://counts.example.net"]


def test_a_form_may_lead_to_stand_ins_on_ones_own_machine_and_else_to_https_only(client, db, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"APPS": [{"settings": {"server_url": "http://localhost:9"}}]}
    }
    settings.STRIPE_API_BASE = "http://127.0.0.1:12111"
    allowed = policy_of(client.get("/api/schema/redoc/"))["form-action"]
    assert {"http://127.0.0.1:12111", "http://localhost:9"} <= set(allowed)
    settings.SOCIALACCOUNT_PROVIDERS, settings.STRIPE_API_BASE = {}, "https://api.stripe.com"
    assert policy_of(client.get("/api/schema/redoc/"))["form-action"] == ["'self'", "https:"]


def test_a_nonce_is_new_for_each_answer(client, db):
    first, second = (client.get("/api/schema/swagger-ui/")["Content-Security-Policy"] for _ in range(2))
    assert "'nonce-" in first
    assert first != second


def test_the_studio_may_run_wagtails_inline_scripts_but_nothing_from_elsewhere(client, alice, acme):
    client.force_login(alice)
    policy = policy_of(client.get("/admin/"))
    assert policy["script-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["frame-ancestors"] == ["'self'"]


def test_every_answer_carries_the_other_headers(client, db):
    response = client.get("/accounts/login/")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


def test_health_says_alive_whatever_host_is_asked_for_and_without_a_database(client):
    assert client.get(health.LIVE, headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), [("/healthz", 200), ("/readyz", 503), ("/metrics", 404)])
def test_the_machines_around_us_ask_by_address_and_without_https(client, settings, path, status):
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["studio.example.com"], True
    answer = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert answer.status_code == status, answer.text


def test_health_says_ready_only_when_the_database_answers(client, db, monkeypatch):
    assert client.get(health.READY).status_code == 200

    class Gone:
        def cursor(self):
            raise health.DatabaseError("the address and the name of the server")

        def close(self):
            pass

    monkeypatch.setattr(health, "connection", Gone())
    response = client.get(health.READY)
    assert response.status_code == 503
    assert "address" not in response.content.decode()
