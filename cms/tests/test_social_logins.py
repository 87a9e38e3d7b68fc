"""Signing in with another service, against an OpenID Connect provider that answers over HTTP."""

import copy
import re
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from django.core import mail
from django.db import IntegrityError

from cms import checks, social_logins
from organizations import team
from organizations.factories import PASSWORD
from organizations.models import Organization, Role, User

from .openid_provider import OpenIDProvider, new_key

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/company/login/"
SIGNUP = "/accounts/3rdparty/signup/"
CONNECTIONS = "/accounts/3rdparty/"


@pytest.fixture
def provider(settings):
    provider = OpenIDProvider()
    providers = copy.deepcopy(settings.SOCIALACCOUNT_PROVIDERS)
    providers["openid_connect"]["APPS"][0]["settings"]["server_url"] = provider.url
    settings.SOCIALACCOUNT_PROVIDERS = providers
    yield provider
    provider.close()


def go(client, provider, address=LOGIN, **person):
    """Leaves for the provider, agrees there, and comes back; answers what the person sees then."""
    provider.person |= person
    leaving = client.post(address)
    assert leaving.status_code == 302 and leaving["Location"].startswith(f"{provider.url}/authorize?"), leaving
    back = urlsplit(requests.get(leaving["Location"], allow_redirects=False, timeout=5).headers["Location"])
    return client.get(f"{back.path}?{back.query}", follow=True)


def sign_up(client, provider, **person):
    go(client, provider, **person)
    return client.post(SIGNUP, {"name": "Dana Field", "organization": "Fields & Sons", "timezone": "Europe/Berlin"})


def address_of(answer):
    return answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]


def text_of(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def may_work(client):
    return client.get("/admin/").status_code == 200


class TestBeginning:
    def test_who_is_new_names_an_organization_and_works_at_once_without_confirming_again(self, client, provider):
        form = go(client, provider)
        assert address_of(form) == SIGNUP
        assert 'value="Dana Field"' in text_of(form) and 'value="dana@example.test"' in text_of(form)
        answer = client.post(
            SIGNUP,
            {
                "name": "Dana Field",
                "organization": "Fields & Sons",
                "timezone": "Europe/Berlin",
                "email": "alice@x.test",
            },
        )
        assert answer["Location"] == "/admin/"
        organization = Organization.objects.get()
        dana = organization.memberships.get(role=Role.OWNER).user
        assert (organization.name, organization.timezone) == ("Fields & Sons", "Europe/Berlin")
        assert (dana.email, dana.get_full_name()) == ("dana@example.test", "Dana Field")  # whatever else was sent
        assert not dana.has_usable_password()
        assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
            ("dana@example.test", True, True)
        ]
        assert may_work(client)
        assert mail.outbox == []

    def test_then_the_same_person_comes_in_again_whatever_their_address_is_by_now(self, client, provider):
        sign_up(client, provider)
        client.logout()
        go(client, provider, email="dana@elsewhere.test")
        assert may_work(client)
        assert User.objects.count() == SocialAccount.objects.count() == 1

    def test_no_person_remains_when_the_organization_cannot_be_made(self, client, provider, monkeypatch):
        def fail(**kwargs):
            raise RuntimeError("no room")

        monkeypatch.setattr("organizations.signup_forms.create_organization", fail)
        with pytest.raises(RuntimeError):
            sign_up(client, provider)
        assert not User.objects.exists() and not SocialAccount.objects.exists()

    def test_the_same_form_sent_twice_at_once_makes_one_account(self, client, provider, monkeypatch):
        """The other one commits between this one's look at the address and its own writing."""
        go(client, provider)

        def faster(**kwargs):
            raise IntegrityError("duplicate key value")

        monkeypatch.setattr("organizations.signup_forms.create_organization", faster)
        answer = client.post(SIGNUP, {"name": "Dana", "organization": "Fields"}, follow=True)
        assert address_of(answer) == "/accounts/login/" and "Your account is there already" in text_of(answer)
        assert not User.objects.exists()

    @pytest.mark.parametrize("word", [False, "false", None, "yes", 1.5])
    def test_an_address_that_is_not_confirmed_begins_nothing(self, client, provider, word):
        answer = go(client, provider, email_verified=word)
        assert answer.status_code == 403
        assert "confirms no address of yours" in text_of(answer)
        assert client.get(SIGNUP)["Location"] == "/accounts/login/"
        assert not User.objects.exists()

    def test_an_operator_vouches_for_the_addresses_of_a_domain_and_of_no_other(self, client, provider, settings):
        app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
        app["settings"]["verified_email"] = ["example.test"]
        assert go(client, provider, email_verified=None, email="eve@example.test.evil.test").status_code == 403
        assert address_of(go(client, provider, email_verified=None, email="dana@example.test")) == SIGNUP


class TestAnAccountThatExists:
    """Never opens because an address is the same: only whoever signs in to it connects."""

    def test_is_connected_once_its_owner_has_signed_in(self, client, provider, alice, acme):
        answer = go(client, provider, email=alice.email)
        assert address_of(answer).startswith("/accounts/login/?next=")
        assert "You have an account here already. Sign in once to connect Company to it." in text_of(answer)
        assert not may_work(client) and not SocialAccount.objects.exists()
        answer = client.post(address_of(answer), {"login": alice.email, "password": PASSWORD}, follow=True)
        assert "Connect Company?" in text_of(answer)
        assert not SocialAccount.objects.exists()  # not before they agree
        client.post("/accounts/3rdparty/connect/")
        assert SocialAccount.objects.get().user == alice
        assert (mail.outbox[0].to, mail.outbox[0].subject) == (
            [alice.email], "Content Studio: Company is connected to your account",
        )  # fmt: skip
        client.logout()
        go(client, provider)
        assert may_work(client)

    def test_stays_as_it_is_when_they_do_not_want_to(self, client, provider, alice, acme):
        go(client, provider, email=alice.email)
        client.force_login(alice)
        assert client.post("/accounts/3rdparty/connect/", {"not_now": "1"})["Location"] == "/admin/"
        assert client.get("/accounts/3rdparty/connect/")["Location"] == CONNECTIONS
        assert not SocialAccount.objects.exists()

    def test_is_not_reached_with_its_address_unconfirmed(self, client, provider, alice, acme):
        go(client, provider, email=alice.email, email_verified="false")
        client.post(SIGNUP, {"name": "Eve", "organization": "Eve"})
        client.login(email=alice.email, password=PASSWORD)
        client.post("/accounts/3rdparty/connect/")
        assert not SocialAccount.objects.exists()

    def test_is_not_reached_by_the_sign_up_form_either(self, client, provider, alice, acme):
        """Somebody began with an address of nobody's, which became Alice's before they sent the form."""
        go(client, provider, email="both@example.test")
        EmailAddress.objects.create(user=alice, email="both@example.test", verified=True)
        client.post(SIGNUP, {"name": "Eve", "organization": "Eve"})
        assert not SocialAccount.objects.exists() and not may_work(client)

    def test_of_one_person_is_not_given_to_another(self, client, provider, alice, acme, bob):
        SocialAccount.objects.create(user=alice, provider="company", uid="42")
        client.force_login(bob)
        answer = go(client, provider, f"{LOGIN}?process=connect")
        assert "belongs to somebody else here" in text_of(answer)
        assert SocialAccount.objects.get().user == alice

    def test_is_connected_or_not_by_whoever_has_confirmed_who_they_are(self, client, provider, alice, hours_pass):
        client.force_login(alice)
        hours_pass(client)
        asked = go(client, provider, f"{LOGIN}?process=connect")
        assert address_of(asked) == "/accounts/reauthenticate/"
        assert not SocialAccount.objects.exists()
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        account = SocialAccount.objects.get()
        assert account.user == alice
        hours_pass(client)
        assert client.post(CONNECTIONS, {"account": account.pk})["Location"].startswith("/accounts/reauthenticate/")
        assert SocialAccount.objects.exists()

    def test_asks_for_its_second_factor_all_the_same(self, client, provider, alice, acme):
        SocialAccount.objects.create(user=alice, provider="company", uid="42")
        TOTP.activate(alice, generate_totp_secret())
        assert address_of(go(client, provider)).startswith("/accounts/2fa/authenticate/")
        assert not may_work(client)

    def test_meets_the_organizations_demand_for_one(self, client, provider, alice, acme):
        SocialAccount.objects.create(user=alice, provider="company", uid="42")
        Organization.objects.update(second_factor_required=True)
        assert address_of(go(client, provider)) == f"/organizations/{acme.pk}/second-factor/"


class TestAnInvitation:
    @pytest.fixture
    def page(self, acme, alice):
        invitation = team.invite(acme, email="Dana@example.test", role=Role.MEMBER, user=alice)
        secret = invitation.renew()
        invitation.save()
        mail.outbox.clear()
        return f"/invitations/{secret}/"

    def test_is_accepted_by_somebody_new_without_an_organization_of_their_own(self, client, provider, acme, page):
        assert f"{LOGIN}?process=login&amp;next={page.replace('/', '%2F')}" in client.get(page).content.decode()
        form = go(client, provider, f"{LOGIN}?process=login&next={page}")
        assert "Join Acme" in text_of(form) and "Name of your organization" not in text_of(form)
        assert client.post(SIGNUP, {"name": "Dana Field"})["Location"] == "/admin/"
        assert may_work(client)
        assert acme.memberships.get(user__email="dana@example.test").role == Role.MEMBER
        assert Organization.objects.count() == 1

    def test_says_why_it_could_not_be_accepted_and_makes_nobody(self, client, provider, acme, page, monkeypatch):
        go(client, provider, f"{LOGIN}?process=login&next={page}")

        def full(**kwargs):
            raise team.Conflict("The plan has no seat left.")

        monkeypatch.setattr("organizations.team.person_joining.send", full)
        assert "The plan has no seat left." in text_of(client.post(SIGNUP, {"name": "Dana Field"}))
        assert not User.objects.filter(email="dana@example.test").exists()
        monkeypatch.undo()
        assert client.post(SIGNUP, {"name": "Dana Field"})["Location"] == "/admin/"

    def test_for_another_address_explains_itself(self, client, provider, acme, page):
        form = go(client, provider, f"{LOGIN}?process=login&next={page}", email="eve@example.test")
        assert "It was sent to Dana@example.test" in text_of(form)
        assert client.post(SIGNUP, {"name": "Eve", "organization": "Eve"}).status_code == 200
        assert not User.objects.filter(email="eve@example.test").exists()

    def test_is_accepted_by_who_comes_back_to_it_signed_in(self, client, provider, acme, page):
        dana = User.objects.create_user("dana@example.test")
        EmailAddress.objects.create(user=dana, email=dana.email, verified=True, primary=True)
        SocialAccount.objects.create(user=dana, provider="company", uid="42")
        assert address_of(go(client, provider, f"{LOGIN}?process=login&next={page}")) == page
        client.post(page)
        assert acme.memberships.filter(user=dana).exists()


class TestTheProvidersWord:
    """Is checked; where it does not hold, people are told, and nothing has changed."""

    def refused(self, client, provider):
        answer = go(client, provider)
        assert answer.status_code == 401
        assert "Signing in with Company did not work" in text_of(answer)
        assert client.get(SIGNUP)["Location"] == "/accounts/login/"
        return True

    def test_signed_by_another_key(self, client, provider):
        provider.signs_with = new_key()
        assert self.refused(client, provider)

    @pytest.mark.parametrize(
        "claims", [{"aud": "another-client"}, {"iss": "https://elsewhere.test"}, {"exp": 1}, {"iat": 4_000_000_000}]
    )
    def test_for_another_client_from_another_issuer_or_at_another_time(self, client, provider, claims):
        provider.claims = claims
        assert self.refused(client, provider)

    def test_about_two_people(self, client, provider):
        provider.beside = {"sub": "43", "email": "alice@example.test"}
        assert self.refused(client, provider)

    def test_never_asked_for(self, client, provider):
        answer = client.get(f"{LOGIN}callback/?code=x&state=y")
        assert answer.status_code == 401

    def test_missing_because_it_is_down(self, client, provider, settings):
        provider.routes["GET /.well-known/openid-configuration"] = (503, {})
        assert "did not work" in text_of(client.post(LOGIN))
        provider.routes["GET /.well-known/openid-configuration"] = (200, {"issuer": provider.url})
        assert "did not work" in text_of(client.post(LOGIN))

    def test_refused_by_the_person(self, client, provider):
        provider.refuses = True
        assert address_of(go(client, provider)) == "/accounts/3rdparty/login/cancelled/"

    def test_is_not_asked_for_by_a_link(self, client, provider):
        assert "Continue with Company" in text_of(client.get(LOGIN))
        assert provider.record == []


class TestConnections:
    def test_are_listed_made_and_ended_and_the_last_way_in_stays(self, client, provider):
        sign_up(client, provider)
        account = SocialAccount.objects.get()
        page = client.get(CONNECTIONS)
        assert "dana@example.test" in text_of(page) and "Connect GitHub" in text_of(page)
        assert "Set a password first" in text_of(client.post(CONNECTIONS, {"account": account.pk}))
        user = account.user
        user.set_password(PASSWORD)
        user.save()
        client.force_login(user)
        assert client.post(CONNECTIONS, {"account": account.pk})["Location"] == CONNECTIONS
        assert not SocialAccount.objects.exists()
        assert mail.outbox[-1].subject == "Content Studio: Company is no longer connected to your account"
        assert address_of(go(client, provider, f"{LOGIN}?process=connect")) == CONNECTIONS
        assert SocialAccount.objects.get().user == user

    def test_of_others_cannot_be_ended(self, client, provider, alice, bob):
        account = SocialAccount.objects.create(user=alice, provider="company", uid="42")
        client.force_login(bob)
        client.post(CONNECTIONS, {"account": account.pk})
        assert SocialAccount.objects.exists()

    def test_with_a_service_that_is_no_longer_offered_do_not_break_the_page(self, client, provider, alice):
        SocialAccount.objects.create(user=alice, provider="gone", uid="42")
        client.force_login(alice)
        assert client.get(CONNECTIONS).status_code == 200


def test_google_and_github_sign_people_up_too(client, provider, monkeypatch):
    """Their own addresses, pointed to loopback: Google's token, GitHub's two calls."""
    for adapter in (GoogleOAuth2Adapter, GitHubOAuth2Adapter):
        monkeypatch.setattr(adapter, "access_token_url", f"{provider.url}/token")
        monkeypatch.setattr(adapter, "authorize_url", f"{provider.url}/authorize")
    monkeypatch.setattr(GitHubOAuth2Adapter, "profile_url", f"{provider.url}/user")
    monkeypatch.setattr(GitHubOAuth2Adapter, "emails_url", f"{provider.url}/user/emails")
    provider.routes["POST /token"] = lambda request: (200, {"access_token": "x", "token_type": "bearer"})
    provider.routes["GET /user"] = (
        200,
        {"id": 7, "login": "dana", "name": "Dana Field", "email": "public@example.test"},
    )
    provider.routes["GET /user/emails"] = (200, [
        {"email": "work@example.test", "primary": False, "verified": True},
        {"email": "alice@example.test", "primary": False, "verified": False},
        {"email": "dana@example.test", "primary": True, "verified": True},
    ])  # fmt: skip
    provider.ask = None

    def come_back(name):
        leaving = client.post(f"/accounts/{name}/login/")
        state = re.search(r"state=(\w+)", leaving["Location"])[1]
        return client.get(f"/accounts/{name}/login/callback/?code=x&state={state}", follow=True)

    assert address_of(come_back("github")) == SIGNUP
    client.post(SIGNUP, {"name": "Dana Field", "organization": "Fields & Sons"})
    dana = User.objects.get()
    assert dana.email == "dana@example.test"
    assert set(EmailAddress.objects.filter(verified=True).values_list("email", flat=True)) == {
        "dana@example.test", "work@example.test",
    }  # fmt: skip
    assert EmailAddress.objects.count() == 2
    client.logout()
    monkeypatch.setattr(GoogleOAuth2Adapter, "identity_url", f"{provider.url}/google")
    provider.routes["GET /google"] = (200, {"id": "9", "email": "dana@example.test", "verified_email": True})
    provider.routes["POST /token"] = (200, {"access_token": "x", "token_type": "bearer"})
    assert address_of(come_back("google")).startswith("/accounts/login/?next=")  # GitHub's is another account


def test_production_names_what_is_missing(settings):
    settings.SOCIAL_LOGINS = ["github", "company"]
    settings.SOCIALACCOUNT_PROVIDERS = social_logins.providers(settings.SOCIAL_LOGINS, env=_Nothing())
    (found,) = [each for each in checks._services() if each.id == "cms.E010"]
    assert "GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, COMPANY_CLIENT_ID" in found.msg
    assert "COMPANY_ISSUER" in found.msg


class _Nothing:
    def __call__(self, name, *, default):
        return default

    def list(self, name, *, default):
        return default


def test_pages_let_a_form_lead_to_a_provider_on_ones_own_machine(client, provider):
    assert provider.url in client.get("/accounts/login/")["Content-Security-Policy"]


def test_without_the_setting_nothing_is_offered(client, settings, alice):
    settings.SOCIAL_LOGINS, settings.SOCIALACCOUNT_PROVIDERS = [], {}
    assert "Continue with" not in client.get("/accounts/login/").content.decode()
    client.force_login(alice)
    assert "Connected accounts" not in client.get("/accounts/email/").content.decode()
