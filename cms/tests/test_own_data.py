import json

import pytest
from allauth.account.models import EmailAddress
from wagtail.models import Comment

from content_studio.drafting import create_draft, segment
from organizations import deleting, forgetting, team
from organizations.access import working_for
from organizations.factories import PASSWORD, MembershipFactory
from organizations.models import BasePage, FormerMembership, Invitation, Role, User

pytestmark = pytest.mark.django_db

PAGE = "/accounts/data/"


def sign_in(client, person):
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})


@pytest.fixture
def post(acme, bob):
    with working_for(acme):
        made = create_draft(organization=acme, user=bob, segments=[segment("A kettle that listens")])
        Comment.objects.create(page=made, user=bob, text="Too long?", contentpath="body")
        return made


def test_one_takes_along_what_is_kept_about_oneself(client, acme, bob, post, globex):
    MembershipFactory(organization=globex, user=bob, role=Role.VIEWER)
    sign_in(client, bob)
    answer = client.post(PAGE, {"download": "1"})
    data = json.loads(answer.content)
    assert answer["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert data["person"]["email"] == "bob@example.test"
    assert {(each["name"], each["role"]) for each in data["organizations"]} == {
        ("Acme", "member"),
        ("Globex", "viewer"),
    }
    assert [each["title"] for each in data["posts"]] == ["A kettle that listens"]
    assert [each["text"] for each in data["comments"]] == ["Too long?"]
    assert data["sessions"]
    assert bob.password not in answer.content.decode()


def test_it_asks_for_the_password_again_of_a_session_that_only_stayed_open(client, acme, bob, hours_pass):
    client.force_login(bob)
    hours_pass(client)
    assert client.get(PAGE)["Location"].startswith("/accounts/reauthenticate/")


def test_an_account_ends_and_what_was_written_stays_without_the_name(client, acme, alice, bob, post):
    Invitation.objects.all().delete()
    with working_for(acme):
        team.change_role(acme.memberships.get(user=bob), role=Role.ADMIN, user=alice)
    sign_in(client, bob)
    assert client.post(PAGE, {"delete": "1", "email": "bob@example.test"})["Location"] == "/accounts/login/"
    assert client.get("/admin/").status_code == 302
    assert not User.objects.filter(email="bob@example.test").exists()
    nobody = User.objects.get(pk=bob.pk)
    assert (str(nobody), nobody.is_active, nobody.has_usable_password()) == ("Deleted person", False, False)
    assert not EmailAddress.objects.filter(user=bob).exists()
    assert not acme.memberships.filter(user=bob).exists()
    assert not nobody.groups.exists()
    assert BasePage.objects.get(pk=post.pk).owner == nobody
    assert Comment.objects.get().user == nobody
    client.force_login(alice)
    log = client.get("/admin/organization/log/").content.decode()
    assert "bob@example.test" not in log
    assert "from member to admin" in log


def test_another_address_ends_nothing(client, acme, bob):
    sign_in(client, bob)
    assert b"not the address" in client.post(PAGE, {"delete": "1", "email": "bo@example.test"}).content
    assert User.objects.filter(email="bob@example.test").exists()


def test_the_only_owner_is_told_what_to_do_first(client, acme, alice, bob):
    sign_in(client, alice)
    assert b"You are the only Owner of Acme" in client.get(PAGE).content
    client.post(PAGE, {"delete": "1", "email": alice.email})
    assert acme.memberships.filter(user=alice).exists()
    with pytest.raises(forgetting.OnlyOwner, match="Acme"):
        forgetting.delete_account(alice)
    acme.memberships.filter(user=bob).update(role=Role.OWNER)
    forgetting.delete_account(alice)
    assert not acme.memberships.filter(user=alice).exists()


def test_an_owner_of_a_deleted_organization_alone_may_go(acme, alice):
    deleting.delete_organization(acme, name="Acme", user=alice)
    forgetting.delete_account(alice)
    assert not User.objects.filter(email="alice@example.test").exists()


def test_whoever_worked_with_nobody_is_gone_without_trace(charlie):
    forgetting.delete_account(charlie)
    assert not User.objects.exists()
    assert not FormerMembership.objects.exists()


def test_the_address_is_free_again(client, acme, alice, bob):
    forgetting.delete_account(bob)
    again = User.objects.create_user("bob@example.test", PASSWORD)
    assert again.pk != bob.pk
