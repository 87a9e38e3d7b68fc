import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from organizations import team
from organizations.factories import PASSWORD, MembershipFactory, UserFactory
from organizations.models import Invitation, Membership, Role, User
from organizations.problems import Conflict, Forbidden
from organizations.team import LastOwner

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(acme, alice, django_capture_on_commit_callbacks):
    """Dana is invited as a Member; `invitation.secret` is what her link has."""
    with django_capture_on_commit_callbacks(execute=True):
        made = team.invite(acme, email="dana@example.test", role=Role.MEMBER, user=alice)
    made.secret = re.search(r"/invitations/(\S+)/", mail.outbox[-1].body)[1]
    return made


def address(invitation):
    return f"/invitations/{invitation.secret}/"


class TestInviting:
    def test_the_mail_says_who_invites_where_and_as_what(self, invitation):
        message = mail.outbox[0]
        assert message.to == ["dana@example.test"]
        assert "Alice invites you to work in Acme on Content Studio, as Member" in message.body
        assert f"http://localhost:8000/invitations/{invitation.secret}/" in message.body

    def test_the_secret_is_not_stored(self, invitation):
        assert invitation.secret not in str(Invitation.objects.values().get())

    def test_an_admin_cannot_invite_an_owner(self, acme, adam):
        with pytest.raises(Forbidden):
            team.invite(acme, email="dana@example.test", role=Role.OWNER, user=adam)

    @pytest.mark.parametrize("who", ["bob", "vera", "charlie"])
    def test_whoever_does_not_manage_people_cannot_invite(self, acme, who, request):
        with pytest.raises(Forbidden):
            team.invite(acme, email="dana@example.test", role=Role.VIEWER, user=request.getfixturevalue(who))

    def test_nobody_is_invited_twice_or_who_is_here_already(self, acme, alice, bob, invitation):
        for email in ("Dana@Example.test", bob.email.upper()):
            with pytest.raises(Conflict):
                team.invite(acme, email=email, role=Role.MEMBER, user=alice)


class TestAccepting:
    def test_a_new_person_gets_an_account_and_is_in(self, client, acme, invitation):
        assert b"Join Acme" in client.get(address(invitation)).content
        answer = client.post(address(invitation), {"name": "Dana Field", "password": PASSWORD})
        assert answer["Location"] == "/admin/"
        dana = User.objects.get(email="dana@example.test")
        assert acme.memberships.get(user=dana).role == Role.MEMBER
        assert client.get("/admin/").status_code == 200
        assert client.login(email="dana@example.test", password=PASSWORD)

    def test_a_weak_password_is_refused_and_nothing_happens(self, client, invitation):
        answer = client.post(address(invitation), {"name": "Dana", "password": "password"})
        assert answer.status_code == 200
        assert not User.objects.filter(email="dana@example.test").exists()

    def test_somebody_with_an_account_signs_in_and_accepts(self, client, acme, invitation):
        dana = UserFactory(email="dana@example.test")
        assert b"Sign in and accept" in client.get(address(invitation)).content
        client.post("/accounts/login/", {"login": dana.email, "password": PASSWORD, "next": address(invitation)})
        assert b"Accept the invitation" in client.get(address(invitation)).content
        client.post(address(invitation))
        assert acme.memberships.filter(user=dana).exists()

    def test_nobody_makes_a_second_account_for_an_address(self, client, acme, invitation):
        UserFactory(email="dana@example.test")
        answer = client.post(address(invitation), {"name": "Mallory", "password": PASSWORD})
        assert answer.status_code == 409
        assert not acme.memberships.filter(user__email="dana@example.test").exists()

    def test_the_wrong_account_is_told_what_to_do_and_does_not_get_in(self, client, acme, charlie, invitation):
        client.force_login(charlie)
        assert b"the invitation was sent to dana@example.test" in client.get(address(invitation)).content
        answer = client.post(address(invitation))
        assert answer.status_code == 403
        assert not acme.memberships.filter(user=charlie).exists()
        client.post(address(invitation), {"sign_out": "1"})
        assert b"Create account and join" in client.get(address(invitation)).content

    def test_it_serves_once(self, client, invitation):
        client.post(address(invitation), {"name": "Dana", "password": PASSWORD})
        answer = client.get(address(invitation))
        assert answer.status_code == 410
        assert b"accepted already" in answer.content

    def test_after_a_week_it_serves_no_longer(self, client, acme, invitation):
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        for answer in (
            client.get(address(invitation)),
            client.post(address(invitation), {"name": "D", "password": PASSWORD}),
        ):
            assert answer.status_code == 410
            assert b"has expired" in answer.content

    def test_sent_again_only_the_new_link_serves(self, client, alice, invitation, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            team.resend(invitation, user=alice)
        assert client.get(address(invitation)).status_code == 410
        new = re.search(r"/invitations/(\S+)/", mail.outbox[-1].body)[1]
        assert client.get(f"/invitations/{new}/").status_code == 200

    def test_taken_back_it_serves_no_longer(self, client, alice, invitation):
        team.revoke(invitation, user=alice)
        answer = client.get(address(invitation))
        assert answer.status_code == 410
        assert b"taken back" in answer.content

    def test_an_unverified_second_address_opens_nothing(self, acme, charlie, invitation):
        charlie.emailaddress_set.create(email="dana@example.test", verified=False)
        with pytest.raises(team.InvitationForSomebodyElse):
            team.accept(invitation.secret, user=charlie)


class TestChanging:
    def membership(self, acme, person):
        return Membership.objects.get(organization=acme, user=person)

    def test_an_admin_changes_roles_below_owner(self, acme, adam, bob):
        team.change_role(self.membership(acme, bob), role=Role.VIEWER, user=adam)
        assert self.membership(acme, bob).role == Role.VIEWER

    def test_an_admin_makes_nobody_owner_and_touches_no_owner(self, acme, alice, adam, bob):
        with pytest.raises(Forbidden):
            team.change_role(self.membership(acme, bob), role=Role.OWNER, user=adam)
        with pytest.raises(Forbidden):
            team.change_role(self.membership(acme, alice), role=Role.MEMBER, user=adam)
        with pytest.raises(Forbidden):
            team.remove(self.membership(acme, alice), user=adam)

    def test_the_last_owner_stays(self, acme, alice):
        with pytest.raises(LastOwner):
            team.change_role(self.membership(acme, alice), role=Role.ADMIN, user=alice)
        with pytest.raises(LastOwner):
            team.leave(acme, user=alice)

    def test_one_of_two_owners_may_leave(self, acme, alice):
        MembershipFactory(organization=acme, role=Role.OWNER)
        team.leave(acme, user=alice)
        assert not acme.memberships.filter(user=alice).exists()

    def test_handing_over_makes_one_owner_of_another(self, acme, alice, bob):
        team.transfer(self.membership(acme, bob), user=alice)
        assert self.membership(acme, bob).role == Role.OWNER
        assert self.membership(acme, alice).role == Role.ADMIN

    def test_whoever_was_removed_is_told_so_when_acting(self, acme, alice, adam, bob):
        team.remove(self.membership(acme, adam), user=alice)
        with pytest.raises(Forbidden):
            team.remove(self.membership(acme, bob), user=adam)


class TestThePage:
    def test_it_shows_people_roles_and_who_is_invited(self, client, acme, alice, bob, invitation):
        client.force_login(alice)
        html = client.get("/admin/team/").content.decode()
        for text in ("Alice", "bob@example.test", "dana@example.test", "Send invitation"):
            assert text in html

    @pytest.mark.parametrize("who", ["bob", "vera"])
    def test_members_and_viewers_see_people_and_cannot_change_them(self, client, acme, who, invitation, request):
        client.force_login(request.getfixturevalue(who))
        html = client.get("/admin/team/").content.decode()
        assert "Alice" in html
        assert "Send invitation" not in html
        assert "dana@example.test" not in html

    def test_one_invites_changes_and_removes_there(self, client, acme, alice, bob):
        client.force_login(alice)
        client.post("/admin/team/", {"email": "dana@example.test", "role": "viewer"})
        assert acme.invitations.get().role == Role.VIEWER
        membership = acme.memberships.get(user=bob)
        client.post(f"/admin/team/{membership.pk}/role/", {"role": "admin"})
        membership.refresh_from_db()
        assert membership.role == Role.ADMIN
        client.post(f"/admin/team/{membership.pk}/remove/")
        assert not acme.memberships.filter(user=bob).exists()

    def test_an_admin_is_offered_no_owner(self, client, acme, adam):
        client.force_login(adam)
        answer = client.post("/admin/team/", {"email": "dana@example.test", "role": "owner"})
        assert answer.status_code == 200
        assert not acme.invitations.exists()

    def test_a_refusal_is_said_in_a_sentence(self, client, acme, alice):
        client.force_login(alice)
        answer = client.post("/admin/team/leave/", follow=True)
        assert "is the only Owner" in answer.content.decode()

    def test_its_queries_do_not_grow_with_the_people(self, client, acme, alice, django_assert_max_num_queries):
        client.force_login(alice)
        client.get("/admin/team/")
        with django_assert_max_num_queries(60) as few:
            client.get("/admin/team/")
        MembershipFactory.create_batch(10, organization=acme)
        with django_assert_max_num_queries(60) as many:
            client.get("/admin/team/")
        assert len(many) == len(few)

    def test_every_role_sees_what_each_role_may_do(self, client, acme, vera):
        client.force_login(vera)
        assert b"Approve posts or ask for changes" in client.get("/admin/team/roles/").content


class TestSeveralOrganizations:
    @pytest.fixture
    def both(self, acme, globex, alice):
        MembershipFactory(organization=globex, user=alice, role=Role.VIEWER)
        return alice

    def test_one_switches_by_a_button(self, client, globex, both):
        client.force_login(both)
        assert "Acme" in client.get("/admin/team/").content.decode()
        client.post(f"/organizations/{globex.pk}/switch/")
        html = client.get("/admin/team/").content.decode()
        assert "charlie@example.test" in html
        assert "Send invitation" not in html  # Viewer here, though Owner there

    def test_nobody_switches_to_anothers(self, client, acme, globex, bob):
        client.force_login(bob)
        assert client.post(f"/organizations/{globex.pk}/switch/").status_code == 404

    def test_somebody_in_none_is_offered_to_begin_one(self, client, db):
        person = UserFactory()
        client.force_login(person)
        assert client.get("/admin/")["Location"] == "/organizations/new/"
        client.post("/organizations/new/", {"name": "Fresh"})
        assert client.get("/admin/").status_code == 200
        assert person.memberships.get().role == Role.OWNER
