import pytest
from rest_framework.test import APIClient

from organizations import keys
from organizations.models import ApiKey, Role
from organizations.problems import Forbidden

pytestmark = pytest.mark.django_db


def made(organization, user, *scopes):
    return keys.create_key(organization, name="Reporting", scopes=list(scopes), user=user)


def me(secret):
    return APIClient().get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})


def test_a_key_signs_in_as_who_made_it(acme, alice):
    _key, secret = made(acme, alice, "read")
    assert me(secret).json()["email"] == alice.email


def test_the_secret_is_not_stored(acme, alice):
    key, secret = made(acme, alice, "read")
    assert secret not in str(ApiKey.objects.values().get())
    assert secret.startswith(key.prefix)


def test_a_revoked_key_serves_no_longer(acme, alice):
    key, secret = made(acme, alice, "read")
    keys.revoke_key(key, user=alice)
    assert me(secret).status_code == 401


def test_the_key_of_somebody_who_left_serves_no_longer(acme, alice, adam):
    _key, secret = made(acme, adam, "read")
    acme.memberships.get(user=adam).delete()
    assert me(secret).status_code == 401


def test_it_is_said_when_a_key_was_used_last(acme, alice):
    key, secret = made(acme, alice, "read")
    assert key.last_used_at is None
    me(secret)
    key.refresh_from_db()
    assert key.last_used_at is not None


@pytest.mark.parametrize("who", ["bob", "vera", "charlie"])
def test_only_who_manages_keys_makes_them(acme, globex, who, request):
    with pytest.raises(Forbidden):
        made(acme, request.getfixturevalue(who), "read")


def test_scopes_cover_every_action_that_a_tool_may_need_and_no_management():
    from organizations.roles import ACTIONS_OF_ROLE, Action

    covered = set().union(*keys.ACTIONS_OF_SCOPE.values())
    assert covered <= ACTIONS_OF_ROLE[Role.ADMIN]
    assert not covered & {
        Action.MANAGE_KEYS,
        Action.MANAGE_PEOPLE,
        Action.MANAGE_BILLING,
        Action.TRANSFER,
        Action.DELETE,
    }


class TestThePage:
    def test_the_secret_is_shown_once(self, client, acme, alice):
        client.force_login(alice)
        answer = client.post("/admin/organization/keys/", {"name": "Reporting", "scopes": ["read", "write"]})
        key = ApiKey.objects.get()
        secret = answer.context["secret"]
        assert secret in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        html = client.get("/admin/organization/keys/").content.decode()
        assert secret not in html
        assert key.prefix in html

    def test_one_revokes_there(self, client, acme, alice):
        key, secret = made(acme, alice, "read")
        client.force_login(alice)
        client.post(f"/admin/organization/keys/{key.pk}/revoke/")
        assert me(secret).status_code == 401
