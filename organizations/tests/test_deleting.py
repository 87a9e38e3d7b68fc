import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from rest_framework.test import APIClient

from organizations import deleting, keys, team
from organizations.factories import PASSWORD, MembershipFactory, OrganizationFactory
from organizations.models import Organization, Role
from organizations.problems import Conflict, Forbidden
from organizations.team import InvitationInvalid

pytestmark = pytest.mark.django_db

PAGE = "/admin/organization/delete/"


@pytest.fixture
def queued(monkeypatch):
    """What is handed to the workers: [(task, *arguments)]."""
    found: list = []
    for place in ("organizations.exporting", "billing.closing"):
        monkeypatch.setattr(f"{place}.async_task", lambda *task, **options: found.append(task))
    return found


def api(person) -> APIClient:
    """The API as the person's tools use it, through the same door."""
    client = APIClient()
    answer = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


class TestInTheStudio:
    def test_an_owner_deletes_it_by_typing_its_name(self, client, acme, alice):
        client.force_login(alice)
        assert b"Type <strong>Acme</strong> to confirm" in client.get(PAGE).content
        answer = client.post(PAGE, {"name": "Acme"})
        acme.refresh_from_db()
        assert answer["Location"] == f"/organizations/{acme.pk}/deleted/"
        assert (acme.deleted_by, acme.erased_from - acme.deleted_at) == (alice, timedelta(days=30))

    @pytest.mark.parametrize("name", ["", "acme", "Acm"])
    def test_another_name_deletes_nothing(self, client, acme, alice, name):
        client.force_login(alice)
        client.post(PAGE, {"name": name})
        acme.refresh_from_db()
        assert acme.deleted_at is None

    def test_people_of_it_see_a_clear_page_wherever_they_go(self, client, acme, alice, bob):
        deleting.delete_organization(acme, name="Acme", user=alice)
        client.force_login(bob)
        for address in ("/admin/", "/admin/team/", "/admin/images/"):
            answer = client.get(address, follow=True)
            html = answer.content.decode()
            assert answer.redirect_chain == [(f"/organizations/{acme.pk}/deleted/", 302)]
            assert "Acme was deleted" in html
            assert "Alice deleted it" in html
            assert "Bring it back" not in html
        assert client.post("/admin/team/leave/").status_code == 302
        assert acme.memberships.filter(user=bob).exists()

    def test_an_owner_brings_it_back_as_it_was(self, client, acme, alice, bob):
        deleting.delete_organization(acme, name="Acme", user=alice)
        client.force_login(alice)
        assert b"Bring it back" in client.get(f"/organizations/{acme.pk}/deleted/").content
        assert client.post(f"/organizations/{acme.pk}/restore/")["Location"] == "/admin/"
        assert client.get("/admin/").status_code == 200
        client.force_login(bob)
        assert client.get("/admin/").status_code == 200
        log = api(alice)  # still the Owner of an organization at work
        assert log.get("/api/v1/me/").status_code == 200

    def test_whoever_is_in_another_goes_on_there_and_comes_back_to_restore(self, client, acme, alice):
        other = OrganizationFactory(name="Initech", owner=alice)
        deleting.delete_organization(acme, name="Acme", user=alice)
        client.force_login(alice)
        assert client.get("/admin/").status_code == 200  # the one at work is chosen by itself
        client.post(f"/organizations/{acme.pk}/switch/")
        html = client.get("/admin/", follow=True).content.decode()
        assert "Go to Initech" in html
        client.post(f"/organizations/{other.pk}/switch/")
        assert client.post(f"/organizations/{acme.pk}/restore/").status_code == 302
        acme.refresh_from_db()
        assert acme.deleted_at is None

    def test_nobody_else_brings_it_back(self, client, acme, alice, adam, charlie, globex):
        deleting.delete_organization(acme, name="Acme", user=alice)
        client.force_login(adam)
        html = client.post(f"/organizations/{acme.pk}/restore/", follow=True).content.decode()
        assert "Only an Owner can bring a deleted organization back" in html
        client.force_login(charlie)
        assert client.post(f"/organizations/{acme.pk}/restore/").status_code == 404
        assert client.get(f"/organizations/{acme.pk}/deleted/").status_code == 404
        acme.refresh_from_db()
        assert acme.deleted_at

    def test_after_thirty_days_it_cannot_be_brought_back(self, acme, alice):
        deleting.delete_organization(acme, name="Acme", user=alice)
        Organization.objects.update(deleted_at=timezone.now() - Organization.KEPT_FOR)
        with pytest.raises(Conflict, match="30 days are over"):
            deleting.restore_organization(acme, user=alice)


class TestThroughTheApi:
    def test_an_owner_deletes_and_restores(self, acme, alice):
        client = api(alice)
        wrong = client.post(f"/api/v1/organizations/{acme.pk}/delete/", {"name": "Acne"})
        assert (wrong.status_code, wrong.json()["type"].rpartition("/")[2]) == (400, "name-differs")
        answer = client.post(f"/api/v1/organizations/{acme.pk}/delete/", {"name": "Acme"})
        assert answer.status_code == 202
        assert answer.json()["erased_from"]
        for address in ("posts/", "usage/", f"posts/?organization_id={acme.pk}"):
            gone = client.get(f"/api/v1/{address}")
            assert (gone.status_code, gone.json()["type"].rpartition("/")[2]) == (410, "organization-deleted")
        assert client.post(f"/api/v1/organizations/{acme.pk}/delete/", {"name": "Acme"}).status_code == 410
        assert client.post(f"/api/v1/organizations/{acme.pk}/restore/").json()["deleted_at"] is None
        assert client.get("/api/v1/posts/").status_code == 200

    def test_a_key_can_neither_delete_nor_restore_and_serves_no_longer(self, acme, alice):
        _key, secret = keys.create_key(acme, name="tool", scopes=["read", "write", "publish"], user=alice)
        client = APIClient(headers={"Authorization": f"Bearer {secret}"})
        assert client.post(f"/api/v1/organizations/{acme.pk}/delete/", {"name": "Acme"}).status_code == 403
        deleting.delete_organization(acme, name="Acme", user=alice)
        assert client.get("/api/v1/posts/").status_code == 410
        assert client.post(f"/api/v1/organizations/{acme.pk}/restore/").status_code == 404

    def test_a_tool_with_one_more_organization_need_not_name_the_one_at_work(self, acme, globex, alice):
        MembershipFactory(organization=globex, user=alice, role=Role.VIEWER)
        deleting.delete_organization(acme, name="Acme", user=alice)
        assert api(alice).get("/api/v1/posts/").status_code == 200


def test_everybody_is_told_and_told_again_when_it_is_back(acme, alice, bob):
    deleting.delete_organization(acme, name="Acme", user=alice)
    deleting.restore_organization(acme, user=alice)
    assert [message.to for message in mail.outbox] == [["alice@example.test"], ["bob@example.test"]] * 2
    assert [message.subject for message in mail.outbox[::2]] == ["Acme was deleted", "Acme is back"]
    assert re.search(r"Until \d+ \w+ \d{4} an Owner can bring it back", mail.outbox[0].body)


def test_nobody_joins_or_acts_in_it(acme, alice, adam):
    invitation = team.invite(acme, email="dana@example.test", role=Role.MEMBER, user=alice)
    secret = invitation.renew()
    invitation.save()
    deleting.delete_organization(acme, name="Acme", user=alice)
    with pytest.raises(InvitationInvalid, match="was deleted"):
        team.usable_invitation(secret)
    for act in (
        lambda: team.invite(acme, email="eve@example.test", role=Role.MEMBER, user=adam),
        lambda: team.change_role(acme.memberships.get(user=adam), role=Role.VIEWER, user=alice),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize("who", ["adam", "bob", "vera"])
def test_nobody_but_an_owner_deletes_it(client, acme, who, request):
    person = request.getfixturevalue(who)
    client.force_login(person)
    assert client.post(PAGE, {"name": "Acme"}).status_code in {302, 403}
    assert api(person).post(f"/api/v1/organizations/{acme.pk}/delete/", {"name": "Acme"}).status_code == 403
    acme.refresh_from_db()
    assert acme.deleted_at is None


def test_an_outsider_finds_nothing(acme, charlie, globex):
    for act in ("delete", "restore", "exports"):
        assert api(charlie).post(f"/api/v1/organizations/{acme.pk}/{act}/", {"name": "Acme"}).status_code == 404
