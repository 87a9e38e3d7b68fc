"""An organization that asks everybody for a second factor shows nothing to whoever has none."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.files.base import ContentFile
from rest_framework.test import APIClient
from wagtail.images.tests.utils import get_test_image_file

from organizations import keys
from organizations.factories import PASSWORD, MembershipFactory
from organizations.models import LibraryDocument, LibraryImage, Organization, Role
from organizations.second_factors import people_without

pytestmark = pytest.mark.django_db

PAGE = "/admin/organization/settings/"
SETTINGS = {"name": "Acme", "timezone": "UTC", "locale": "en", "second_factor_required": "on"}


def set_up_factor(person):
    TOTP.activate(person, generate_totp_secret())


def demand_one(organization):
    Organization.objects.filter(pk=organization.pk).update(second_factor_required=True)


def api_with_factor(person):
    """A client of the API for somebody who signs in with a code, too."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06}"
    api = APIClient()
    answer = api.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD, "code": code})
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return api


def slug(answer):
    return answer.json()["type"].rsplit("/", 1)[1]


class TestTurningItOn:
    def test_an_owner_who_has_one_turns_it_on_and_those_who_lack_one_are_told(self, client, acme, alice, adam, bob):
        set_up_factor(alice)
        set_up_factor(adam)
        client.force_login(alice)
        client.post(PAGE, SETTINGS)
        acme.refresh_from_db()
        assert acme.second_factor_required
        assert "second_factor_required" in client.get("/admin/organization/log/").content.decode()
        assert [(each.to, each.subject) for each in mail.outbox] == [
            ([bob.email], "Acme asks for a second factor"),
        ]
        assert "/accounts/2fa/" in mail.outbox[0].body

    def test_an_owner_without_one_is_told_to_begin_with_their_own(self, client, acme, alice, api_of):
        client.force_login(alice)
        assert "Set up a second factor for your own account first" in client.post(PAGE, SETTINGS).content.decode()
        answer = api_of(alice).patch(f"/api/v1/organizations/{acme.pk}/", {"second_factor_required": True})
        assert (answer.status_code, slug(answer)) == (400, "validation-error")
        acme.refresh_from_db()
        assert not acme.second_factor_required

    def test_an_admin_changes_nothing_of_it(self, client, acme, adam):
        api = api_with_factor(adam)
        client.force_login(adam)
        assert "Only Owners change this." in client.get(PAGE).content.decode()
        client.post(PAGE, SETTINGS)
        answer = api.patch(f"/api/v1/organizations/{acme.pk}/", {"second_factor_required": True})
        assert (answer.status_code, slug(answer)) == (403, "forbidden")
        acme.refresh_from_db()
        assert not acme.second_factor_required

    def test_an_admin_saves_the_rest_without_turning_it_off(self, client, acme, adam):
        demand_one(acme)
        set_up_factor(adam)
        client.force_login(adam)
        client.post(PAGE, {"name": "Acme II", "timezone": "UTC", "locale": "en"})
        acme.refresh_from_db()
        assert (acme.name, acme.second_factor_required) == ("Acme II", True)

    def test_the_api_says_and_sets_it(self, acme, alice):
        answer = api_with_factor(alice).patch(f"/api/v1/organizations/{acme.pk}/", {"second_factor_required": True})
        assert answer.json()["second_factor_required"] is True


class TestInTheStudio:
    @pytest.mark.parametrize("address", ["/admin/", "/admin/team/", "/admin/images/", "/admin/pages/"])
    def test_who_has_none_is_led_to_setting_one_up(self, client, acme, bob, address):
        demand_one(acme)
        client.force_login(bob)
        answer = client.get(address, follow=True)
        assert answer.redirect_chain == [(f"/organizations/{acme.pk}/second-factor/", 302)]
        html = answer.content.decode()
        assert "/accounts/2fa/totp/activate/" in html
        assert "/accounts/2fa/webauthn/add/" in html

    def test_nothing_is_written_either(self, client, acme, alice):
        demand_one(acme)
        client.force_login(alice)
        client.post(PAGE, {"name": "Mine", "timezone": "UTC", "locale": "en"})
        acme.refresh_from_db()
        assert acme.name == "Acme"

    def test_with_one_everything_opens(self, client, acme, bob):
        demand_one(acme)
        set_up_factor(bob)
        client.force_login(bob)
        assert client.get("/admin/").status_code == 200
        assert client.get(f"/organizations/{acme.pk}/second-factor/")["Location"] == "/admin/"

    def test_recovery_codes_alone_are_no_second_factor(self, client, acme, bob):
        set_up_factor(bob)
        RecoveryCodes.activate(bob)
        Authenticator.objects.filter(user=bob).exclude(type=Authenticator.Type.RECOVERY_CODES).delete()
        demand_one(acme)
        client.force_login(bob)
        assert client.get("/admin/").status_code == 302

    def test_operators_are_not_exempt_in_organizations_they_belong_to(self, client, acme, bob, django_user_model):
        operator = django_user_model.objects.create_superuser("root@example.test", "correct-horse-9")
        client.force_login(operator)
        assert client.get("/admin/").status_code == 200
        MembershipFactory(organization=acme, user=operator, role=Role.VIEWER)
        demand_one(acme)
        assert client.get("/admin/")["Location"] == f"/organizations/{acme.pk}/second-factor/"
        terms = LibraryDocument.objects.create(
            title="Terms", file=ContentFile(b"x", "t.txt"), collection=acme.collection
        )
        assert client.get(terms.url).status_code == 404
        set_up_factor(operator)
        assert client.get(terms.url).status_code == 200

    def test_their_other_organizations_stay_open(self, client, acme, globex, bob):
        MembershipFactory(organization=globex, user=bob, role=Role.MEMBER)
        demand_one(acme)
        client.force_login(bob)
        html = client.get("/admin/", follow=True).content.decode()
        assert "Go to Globex" in html
        assert client.post(f"/organizations/{globex.pk}/switch/", follow=True).status_code == 200
        # A link to something of the other leads to the same page, and does not go round in circles.
        picture = LibraryImage.objects.create(title="Kettle", file=get_test_image_file(), collection=acme.collection)
        answer = client.get(f"/admin/images/{picture.pk}/", follow=True)
        assert answer.redirect_chain == [(f"/organizations/{acme.pk}/second-factor/", 302)]

    def test_for_outsiders_there_is_no_such_page(self, client, acme, globex, charlie):
        demand_one(acme)
        client.force_login(charlie)
        assert client.get(f"/organizations/{acme.pk}/second-factor/").status_code == 404


class TestWhoLacksOne:
    def test_admins_see_it_on_the_team_page_and_in_the_settings_and_others_do_not(
        self, client, acme, globex, alice, adam, bob, vera, charlie
    ):
        set_up_factor(alice)
        set_up_factor(bob)
        RecoveryCodes.activate(bob)
        client.force_login(adam)
        page = client.get("/admin/team/").content.decode()
        assert page.count("No second factor") == 2 and "2 without a second factor" in page
        page = client.get("/admin/team/?without_second_factor=1").content.decode()
        assert "vera@example.test" in page and "alice@example.test" not in page and "4 people" in page
        assert (
            '<a href="/admin/team/?without_second_factor=1">2 people have none yet</a>'
            in client.get(PAGE).content.decode()
        )
        client.force_login(vera)
        page = client.get("/admin/team/?without_second_factor=1").content.decode()
        assert "second factor" not in page and "alice@example.test" in page

    def test_the_api_says_it_to_those_who_manage_people(self, acme, alice, bob):
        api_of_member = api_with_factor(bob)
        found = api_with_factor(alice).get("/api/v1/members/").json()["results"]
        assert {each["email"]: each["second_factor"] for each in found} == {alice.email: True, bob.email: True}
        found = api_of_member.get("/api/v1/members/").json()["results"]
        assert {each["second_factor"] for each in found} == {None}

    def test_it_asks_once_for_all(self, acme, alice, adam, bob, vera, django_assert_num_queries):
        set_up_factor(bob)
        with django_assert_num_queries(1):
            assert people_without(acme) == {alice.pk, adam.pk, vera.pk}


class TestInTheApi:
    def test_tokens_of_people_without_one_are_refused_for_it_alone(self, acme, globex, bob, api_of):
        MembershipFactory(organization=globex, user=bob, role=Role.MEMBER)
        demand_one(acme)
        api = api_of(bob)
        for address in (f"/api/v1/organizations/{acme.pk}/", f"/api/v1/posts/?organization_id={acme.pk}"):
            answer = api.get(address)
            assert (answer.status_code, slug(answer)) == (403, "second-factor-not-set-up")
            assert "/accounts/2fa/" in answer.json()["detail"]
        assert api.get(f"/api/v1/posts/?organization_id={globex.pk}").status_code == 200

    def test_so_are_keys_that_they_made_until_they_have_one(self, acme, alice):
        _key, secret = keys.create_key(acme, name="CI", scopes=["read"], user=alice)
        demand_one(acme)
        api = APIClient()
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        answer = api.get("/api/v1/posts/")
        assert (answer.status_code, slug(answer)) == (403, "second-factor-not-set-up")
        set_up_factor(alice)
        assert api.get("/api/v1/posts/").status_code == 200
