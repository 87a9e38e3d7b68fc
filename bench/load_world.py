"""The people and posts that `bench/load` works with."""

import logging
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone


def build(*, organizations: int, people: int, posts: int) -> list[dict]:
    """Fills the database; returns for each person the session cookie and the numbers of the posts they work on."""
    from billing.models import PlanGrant
    from content_studio import planning
    from content_studio.factories import make_approved, make_post
    from content_studio.models import Workspace
    from organizations.access import working_for
    from organizations.factories import MembershipFactory, OrganizationFactory, UserFactory
    from publishing.factories import ChannelFactory

    logging.disable(logging.INFO)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    known = []
    for number in range(organizations):
        owner = UserFactory(email=f"owner{number}@load.test")
        organization = OrganizationFactory(name=f"Company {number}", owner=owner)
        PlanGrant.objects.create(organization=organization, plan="team", reason="load", starts_at=timezone.now())
        team = [owner]
        for each in range(1, people):
            team.append(UserFactory(email=f"editor{number}.{each}@load.test"))
            MembershipFactory(organization=organization, user=team[-1], role="admin" if each < 3 else "member")
        with working_for(organization):
            channels = [
                ChannelFactory(organization=organization, network=network, name=f"{network} {number}")
                for network in ("x", "linkedin", "mastodon")
            ]
            numbers = []
            for each in range(posts):
                text = f"Post {each} of company {number}: what we learned about kettles, and why it matters today."
                if each % 3:
                    post = make_post(organization, user=team[each % people], text=text, channels=channels)
                    numbers.append(post.pk)
                else:
                    post = make_approved(
                        organization, user=team[each % people], approver=owner, text=text, channels=channels
                    )
                    when = (timezone.now() + timedelta(days=each % 20 + 1)).replace(tzinfo=None, microsecond=0)
                    planning.schedule_post(post, user=owner, local_time=when, timezone="Europe/Berlin")
        workspace = Workspace.objects.get(organization=organization).pk
        known += [
            {
                "session": _session_of(person),
                "workspace": workspace,
                "organization": str(organization.pk),
                "channels": [str(channel.pk) for channel in channels],
                "posts": numbers[each::people] or numbers[:1],
            }
            for each, person in enumerate(team)
        ]
    return known


def _session_of(person) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return session.session_key
