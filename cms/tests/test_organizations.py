"""Organizations together with what the apps above give them."""

import pytest

from billing.problems import LimitReached
from organizations import team
from organizations.factories import MembershipFactory
from organizations.models import Role
from publishing.factories import ChannelFactory

pytestmark = pytest.mark.django_db


def test_the_plans_seats_are_counted_with_those_invited(acme, alice, adam, bob):
    team.invite(acme, email="dana@example.test", role=Role.MEMBER, user=alice)
    with pytest.raises(LimitReached, match="room for 4 people"):
        team.invite(acme, email="eve@example.test", role=Role.MEMBER, user=alice)


def test_a_link_to_a_thing_of_another_of_mine_switches_by_itself(client, acme, globex, alice):
    MembershipFactory(organization=globex, user=alice, role=Role.VIEWER)
    channel = ChannelFactory(organization=globex)
    client.force_login(alice)
    answer = client.get(f"/admin/channels/{channel.pk}/", follow=True)
    assert answer.status_code == 200
    assert client.session["organization_id"] == str(globex.pk)


def test_a_link_to_a_strangers_thing_is_not_found(client, acme, globex, bob):
    channel = ChannelFactory(organization=globex)
    client.force_login(bob)
    assert client.get(f"/admin/channels/{channel.pk}/").status_code == 404
