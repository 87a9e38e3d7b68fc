import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from rest_framework.test import APIClient

from organizations import deleting
from organizations.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

TOKEN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
ME = "/api/v1/me/"


@pytest.fixture
def api():
    return APIClient()


def sign_in(api, email, password=PASSWORD, **extra):
    return api.post(TOKEN, {"email": email, "password": password, **extra})


def me(api, access):
    return api.get(ME, headers={"Authorization": f"Bearer {access}"})


def slug(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.json()["type"].rsplit("/", 1)[1]


def test_a_deleted_organization_is_marked_as_what_it_is(api_of, acme, alice):
    assert [each["deleted_at"] for each in api_of(alice).get(ME).json()["organizations"]] == [None]
    deleting.delete_organization(acme, name="Acme", user=alice)
    assert [bool(each["deleted_at"]) for each in api_of(alice).get(ME).json()["organizations"]] == [True]


def test_email_and_password_become_tokens_that_say_who_one_is(api, acme, alice):
    tokens = sign_in(api, alice.email).json()
    answer = me(api, tokens["access"])
    assert answer.json() == {
        "id": str(alice.pk),
        "email": alice.email,
        "name": "Alice",
        "organizations": [{"id": str(acme.pk), "name": "Acme", "role": "owner", "deleted_at": None}],
    }


def test_case_of_the_email_address_does_not_matter(api, alice):
    assert sign_in(api, "ALICE@Example.Test").status_code == 200


def test_an_access_token_lives_900_seconds(api, alice, monkeypatch):
    access = sign_in(api, alice.email).json()["access"]
    now = time.time()
    from allauth.headless.tokens.strategies.jwt import internal

    payload = internal.decode_token(access, "access")
    assert payload["exp"] - payload["iat"] == 900
    assert abs(payload["iat"] - now) < 5


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"email": "nobody@example.test"}], ids=["password", "unknown person"]
)
def test_wrong_credentials_are_refused_alike(api, alice, changes):
    answer = api.post(TOKEN, {"email": alice.email, "password": PASSWORD, **changes})
    assert (answer.status_code, slug(answer)) == (401, "invalid-credentials")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_person_who_is_switched_off_gets_no_token_and_an_old_one_stops(api, alice):
    access = sign_in(api, alice.email).json()["access"]
    alice.is_active = False
    alice.save()
    assert sign_in(api, alice.email).status_code == 401
    assert me(api, access).status_code == 401


def test_an_unverified_email_address_gets_no_token(api, db):
    person = UserFactory(verified=False)
    answer = sign_in(api, person.email)
    assert (answer.status_code, slug(answer)) == (403, "email-not-verified")
    EmailAddress.objects.update(verified=True)
    assert sign_in(api, person.email).status_code == 200


class TestSecondFactor:
    @pytest.fixture
    def secret(self, alice):
        secret = generate_totp_secret()
        TOTP.activate(alice, secret)
        return secret

    def code(self, secret):
        return f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06}"

    def test_the_password_alone_is_not_enough(self, api, alice, secret):
        answer = sign_in(api, alice.email)
        assert (answer.status_code, slug(answer)) == (401, "second-factor-needed")

    def test_a_wrong_code_is_refused(self, api, alice, secret):
        answer = sign_in(api, alice.email, code="000000")
        assert (answer.status_code, slug(answer)) == (401, "invalid-credentials")

    def test_the_current_code_serves_once(self, api, alice, secret):
        code = self.code(secret)
        assert sign_in(api, alice.email, code=code).status_code == 200
        assert sign_in(api, alice.email, code=code).status_code == 401

    def test_a_recovery_code_serves_once(self, api, alice, secret):
        code = RecoveryCodes.activate(alice).get_unused_codes()[0]
        assert sign_in(api, alice.email, code=code).status_code == 200
        assert sign_in(api, alice.email, code=code).status_code == 401

    def test_guessing_codes_ends_after_a_few_attempts(self, api, alice, secret):
        answers = [sign_in(api, alice.email, code="000000").status_code for _ in range(7)]
        assert answers[-1] == 429


def test_guessing_passwords_ends_after_a_few_attempts(api, alice):
    answers = [sign_in(api, alice.email, "wrong") for _ in range(7)]
    assert answers[-1].status_code == 429
    assert slug(answers[-1]) == "too-many-attempts"


class TestRefreshing:
    def test_a_refresh_token_gives_a_new_pair_that_works(self, api, alice):
        old = sign_in(api, alice.email).json()
        new = api.post(REFRESH, {"refresh": old["refresh"]}).json()
        assert new["refresh"] != old["refresh"]
        assert me(api, new["access"]).status_code == 200

    def test_used_twice_it_ends_the_session_and_every_token_of_it(self, api, alice):
        old = sign_in(api, alice.email).json()
        new = api.post(REFRESH, {"refresh": old["refresh"]}).json()
        again = api.post(REFRESH, {"refresh": old["refresh"]})
        assert (again.status_code, slug(again)) == (401, "invalid-refresh-token")
        assert me(api, new["access"]).status_code == 401
        assert api.post(REFRESH, {"refresh": new["refresh"]}).status_code == 401
        assert not Session.objects.exists()
        assert not UserSession.objects.exists()

    def test_another_session_of_the_same_person_goes_on(self, api, alice):
        stolen, other = sign_in(api, alice.email).json(), sign_in(api, alice.email).json()
        api.post(REFRESH, {"refresh": stolen["refresh"]})
        api.post(REFRESH, {"refresh": stolen["refresh"]})
        assert me(api, other["access"]).status_code == 200

    @pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
    def test_nonsense_is_refused(self, api, db, token):
        assert api.post(REFRESH, {"refresh": token}).status_code in (400, 401)

    def test_an_access_token_does_not_refresh_and_a_refresh_token_gives_no_access(self, api, alice):
        tokens = sign_in(api, alice.email).json()
        assert api.post(REFRESH, {"refresh": tokens["access"]}).status_code == 401
        assert me(api, tokens["refresh"]).status_code == 401


def test_a_revoked_refresh_token_ends_its_session_and_no_other(api, alice):
    one, other = sign_in(api, alice.email).json(), sign_in(api, alice.email).json()
    for token in (one["refresh"], one["refresh"], one["access"], "nonsense"):
        assert api.post(f"{TOKEN}revoke/", {"refresh": token}).status_code == 204
    assert me(api, one["access"]).status_code == 401
    assert api.post(REFRESH, {"refresh": one["refresh"]}).status_code == 401
    assert UserSession.objects.count() == 1
    assert me(api, other["access"]).status_code == 200


def test_signing_a_session_out_remotely_ends_its_access_token(api, alice):
    access = sign_in(api, alice.email).json()["access"]
    UserSession.objects.get().end()
    assert me(api, access).status_code == 401


def test_a_new_password_ends_all_tokens(api, alice):
    access = sign_in(api, alice.email).json()["access"]
    alice.set_password("another-horse-10")
    alice.save()
    assert me(api, access).status_code == 401
