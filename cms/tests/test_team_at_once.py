"""People who act on each other at the same moment: one is faster, the other is told, and an Owner remains."""

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from organizations import deleting, erasing, forgetting, team
from organizations.factories import MembershipFactory, OrganizationFactory, UserFactory
from organizations.models import Invitation, Membership, Organization, Role, User
from organizations.problems import Problem


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """An organization with two Owners that other threads see; erased afterwards, with its people."""
    with django_db_blocker.unblock():
        first = UserFactory(email="first@at-once.test", first_name="First")
        second = UserFactory(email="second@at-once.test", first_name="Second")
        organization = OrganizationFactory(name="At once", owner=first)
        MembershipFactory(organization=organization, user=second, role=Role.OWNER)
        try:
            yield organization, first, second
        finally:
            Organization.objects.filter(pk=organization.pk).update(
                deleted_at=timezone.now() - Organization.KEPT_FOR - timedelta(days=1)
            )
            erasing.erase(organization)
            User.objects.filter(email__endswith="@at-once.test").delete()


def together(*acts) -> list:
    """What each answers or raises, all begun at the same moment, each on a connection of its own."""
    start, answers, broken = threading.Barrier(len(acts)), [None] * len(acts), []

    def run(number, act):
        try:
            start.wait()
            answers[number] = act()
        except Problem as problem:
            answers[number] = problem
        except BaseException as error:  # such as a deadlock: nobody may be told that
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]
    return answers


def problems(answers) -> list[str]:
    return [each.detail for each in answers if isinstance(each, Problem)]


def owners(organization) -> int:
    return organization.memberships.filter(role=Role.OWNER).count()


def membership(organization, person) -> Membership:
    return Membership.objects.select_related("organization").get(organization=organization, user=person)


@pytest.mark.django_db  # also says that the module needs the test database
def test_one_after_the_other_is_told_the_same(acme, alice, bob):
    acme.memberships.filter(user=bob).update(role=Role.OWNER)
    a, b = membership(acme, alice), membership(acme, bob)
    team.remove(b, user=alice)
    with pytest.raises(Problem, match=r"does not allow this|does not belong to the organization any more"):
        team.remove(a, user=bob)
    with pytest.raises(team.LastOwner, match="Alice is the only Owner"):
        team.leave(acme, user=alice)


def test_two_owners_remove_each_other(committed):
    organization, first, second = committed
    a, b = membership(organization, first), membership(organization, second)
    answers = together(lambda: team.remove(b, user=first), lambda: team.remove(a, user=second))
    assert owners(organization) == 1
    (said,) = problems(answers)
    assert said in {
        "Your role in this organization does not allow this: invite people and change roles below owner."
        " Ask an Admin or Owner.",
        "This person does not belong to the organization any more.",
    }


def test_two_owners_leave(committed):
    organization, first, second = committed
    answers = together(lambda: team.leave(organization, user=first), lambda: team.leave(organization, user=second))
    assert owners(organization) == 1
    (said,) = problems(answers)
    assert said.endswith("is the only Owner. Make somebody else an Owner first.")


def test_one_owner_leaves_while_the_other_steps_down(committed):
    organization, first, second = committed
    b = membership(organization, second)
    answers = together(
        lambda: team.leave(organization, user=first),
        lambda: team.change_role(b, role=Role.ADMIN, user=second),
    )
    assert owners(organization) == 1
    assert len(problems(answers)) == 1


def test_two_owners_demote_each_other(committed):
    organization, first, second = committed
    a, b = membership(organization, first), membership(organization, second)
    answers = together(
        lambda: team.change_role(b, role=Role.MEMBER, user=first),
        lambda: team.change_role(a, role=Role.MEMBER, user=second),
    )
    assert owners(organization) == 1
    assert len(problems(answers)) == 1


def test_one_invitation_is_accepted_once(committed):
    """By two who have both proven the address: here, one person in two windows."""
    organization, first, _second = committed
    invitation = team.invite(organization, email="third@at-once.test", role=Role.MEMBER, user=first)
    secret = invitation.renew()
    invitation.save()
    third = UserFactory(email="third@at-once.test", first_name="Third")
    answers = together(lambda: team.accept(secret, user=third), lambda: team.accept(secret, user=third))
    assert organization.memberships.filter(user=third).count() == 1
    assert problems(answers) == ["This invitation was accepted already. Sign in to work in the organization."]
    assert Invitation.objects.get(pk=invitation.pk).accepted_by == third


def test_two_new_people_with_one_link_become_one_account(committed):
    """Through the page itself, as two browsers ask it."""
    organization, first, _second = committed
    invitation = team.invite(organization, email="fourth@at-once.test", role=Role.MEMBER, user=first)
    secret = invitation.renew()
    invitation.save()

    def open_in_a_browser(name):
        return Client().post(f"/invitations/{secret}/", {"name": name, "password": "correct-horse-9"})

    answers = together(lambda: open_in_a_browser("Fourth One"), lambda: open_in_a_browser("Fourth Two"))
    assert User.objects.filter(email="fourth@at-once.test").count() == 1
    assert organization.memberships.filter(user__email="fourth@at-once.test").count() == 1
    assert sorted(each.status_code for each in answers) in ([302, 409], [302, 410])
    (told,) = [each.content.decode() for each in answers if each.status_code != 302]
    assert re.search("has an account already|was accepted already", told)


def test_an_invitation_is_accepted_while_it_is_taken_back(committed):
    organization, first, _second = committed
    invitation = team.invite(organization, email="third@at-once.test", role=Role.MEMBER, user=first)
    secret = invitation.renew()
    invitation.save()
    third = UserFactory(email="third@at-once.test", first_name="Third")
    answers = together(lambda: team.accept(secret, user=third), lambda: team.revoke(invitation, user=first))
    is_member = organization.memberships.filter(user=third).exists()
    invitation.refresh_from_db()
    assert is_member == bool(invitation.accepted_at) == (invitation.revoked_at is None)
    (said,) = problems(answers)
    assert ("accepted or taken back in the meantime" if is_member else "it was taken back") in said


def test_an_owner_hands_over_while_the_other_removes_the_heir(committed):
    organization, first, second = committed
    heir = MembershipFactory(organization=organization, user=UserFactory(email="heir@at-once.test"), role=Role.MEMBER)
    answers = together(lambda: team.transfer(heir, user=first), lambda: team.remove(heir, user=second))
    roles = dict(organization.memberships.values_list("user__email", "role"))
    # Handed over and then removed as an Owner by an Owner, or removed before there was anybody to hand over to.
    if problems(answers):
        assert roles == {first.email: Role.OWNER, second.email: Role.OWNER}
        assert problems(answers) == ["This person does not belong to the organization any more."]
    else:
        assert roles == {first.email: Role.ADMIN, second.email: Role.OWNER}


def test_two_owners_delete_their_accounts(committed):
    organization, first, second = committed
    answers = together(lambda: forgetting.delete_account(first), lambda: forgetting.delete_account(second))
    assert owners(organization) == 1
    (said,) = problems(answers)
    assert said.startswith("You are the only Owner of At once.")


def test_a_deletion_and_an_undo_take_turns(committed):
    organization, first, second = committed
    answers = together(
        lambda: deleting.delete_organization(organization, name="At once", user=first),
        lambda: deleting.delete_organization(organization, name="At once", user=second),
    )
    assert problems(answers) == ["This organization is deleted already."]
    assert len(mail.outbox) == 2
