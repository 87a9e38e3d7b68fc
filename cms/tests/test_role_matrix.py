"""Role × action, cell by cell: what the table of roles says is what the studio and the API do.

`WAYS` has a row for each way in that is tried. Whether a cell is allowed is
never written here: it is computed from `organizations.roles` and `organizations.keys`.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from content_studio.factories import make_approved, make_post
from content_studio.reviewing import submit_post
from organizations import deleting, keys
from organizations.access import CurrentOrganizationMiddleware, working_for
from organizations.keys import ACTIONS_OF_SCOPE
from organizations.models import Invitation, LibraryImage, Membership, Role
from organizations.roles import ACTIONS_OF_ROLE, Action
from publishing import suspending
from publishing.factories import ChannelFactory, DeliveryFactory

from . import worlds
from .test_isolation import sign_in

pytestmark = pytest.mark.django_db

STUDIO, API = "studio", "API"
# Wagtail's pages answer a refusal with a message and the way home.
REFUSALS = {STUDIO: {302, 403, 404}, API: {403, 404}}
# Wagtail tells whoever opened a post in the editor of comments on it, and its index of
# what refers to what holds nothing but ids, of everybody's.
BESIDES = {"wagtailcore_pagesubscription", "wagtailcore_referenceindex"}


@dataclass(frozen=True)
class Way:
    """One way to carry out `action`. Whoever may gets `answer`; whoever may not is refused, and nothing changes.

    `address` is filled with what `the` world has. Only a way that is `GET` changes nothing where it is allowed,
    unless reading is `noted` in the log. `before` brings about what it needs. `for_people` says that no API key may,
    whatever its scopes.
    """

    action: Action
    door: str
    method: str
    address: str
    data: Callable[..., dict] = lambda the: {}
    answer: int = 200
    before: Callable[..., object] | None = None
    for_people: bool = False
    noted: bool = False

    def __str__(self) -> str:
        return f"{self.action}, {self.method} {self.address}"


def studio(action, method, address, **more) -> Way:
    return Way(action, STUDIO, method, f"/admin/{address}", **{"answer": 200 if method == "GET" else 302} | more)


def api(action, method, address, **more) -> Way:
    return Way(action, API, method, f"/api/v1/{address}", **more)


# Actions that one of the two doors has no way to, and why.
WITHOUT: dict[tuple[Action, str], str] = {}


def tomorrow(the) -> dict:
    return {"local_time": f"{timezone.now() + timedelta(days=1):%Y-%m-%dT09:00}", "timezone": "Europe/Berlin"}


def delete(the) -> None:
    deleting.delete_organization(the.organization, name="Acme", user=the.people["owner"])


def protect_everybody(the) -> None:
    for person in the.people.values():  # nobody demands what they lack themselves
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={})


def suspend(the) -> None:
    suspending.suspend_channel(the.channel, user=the.people["owner"])


WAYS = [
    studio(Action.VIEW, "GET", "posts/"),
    studio(Action.VIEW, "GET", "posts/{draft.pk}/"),
    studio(Action.VIEW, "GET", "calendar/"),
    studio(Action.VIEW, "GET", "channels/{channel.pk}/"),
    studio(Action.VIEW, "GET", "deliveries/{failed.pk}/"),
    studio(Action.VIEW, "GET", "team/"),
    api(Action.VIEW, "GET", "posts/"),
    api(Action.VIEW, "GET", "posts/{draft.uuid}/"),
    api(Action.VIEW, "GET", "calendar/", data=lambda the: {"start": "2026-01-01", "end": "2026-01-31"}),
    api(Action.VIEW, "GET", "channels/{channel.pk}/"),
    api(Action.VIEW, "GET", "deliveries/{failed.pk}/"),
    api(Action.VIEW, "GET", "members/"),
    #
    studio(Action.COMMENT, "POST", "posts/{draft.pk}/comments/", data=lambda the: {"text": "Nice"}),
    api(Action.COMMENT, "POST", "posts/{draft.uuid}/comments/", data=lambda the: {"text": "Nice"}, answer=201),
    #
    studio(Action.WRITE, "POST", "posts/{draft.pk}/duplicate/"),
    studio(Action.WRITE, "GET", "pages/{draft.pk}/edit/"),
    studio(Action.WRITE, "POST", "pages/{draft.pk}/delete/"),
    studio(Action.WRITE, "POST", "labels/new/", data=lambda the: {"name": "Summer", "colour": "blue"}),
    api(Action.WRITE, "POST", "posts/", data=lambda the: {"segments": [{"text": "Hello"}]}, answer=201),
    api(Action.WRITE, "PATCH", "posts/{draft.uuid}/", data=lambda the: {"segments": [{"text": "Hello"}]}),
    api(Action.WRITE, "POST", "posts/{draft.uuid}/duplicate/", answer=201),
    api(Action.WRITE, "POST", "posts/{draft.uuid}/plan/", data=tomorrow),
    api(Action.WRITE, "DELETE", "posts/{draft.uuid}/", answer=204),
    api(Action.WRITE, "POST", "labels/", data=lambda the: {"name": "Summer"}, answer=201),
    api(Action.WRITE, "DELETE", "media/images/{image.uuid}/", answer=204),
    #
    studio(
        Action.GENERATE, "POST", "compose/", data=lambda the: {"prompt": "Kettles", "networks": ["mastodon"],
        "tone": "casual", "language": "en", "provider": "demo"},
    ),
    api(
        Action.GENERATE, "POST", "content/generate/", data=lambda the: {"platform": "mastodon", "tone": "casual",
        "prompt": "Kettles", "ai_provider": "demo"}, answer=201,
    ),
    #
    studio(Action.SUBMIT, "POST", "posts/{draft.pk}/submit/"),
    studio(Action.SUBMIT, "POST", "posts/{waiting.pk}/withdraw/"),
    api(Action.SUBMIT, "POST", "posts/{draft.uuid}/submit/"),
    api(Action.SUBMIT, "POST", "posts/{waiting.uuid}/withdraw/"),
    #
    studio(Action.APPROVE, "POST", "posts/{waiting.pk}/approve/"),
    studio(Action.APPROVE, "POST", "posts/{waiting.pk}/request-changes/", data=lambda the: {"comment": "Shorter"}),
    studio(
        Action.APPROVE, "POST", "review/links/", data=lambda the: {"name": "Client", "posts": [the.waiting.pk],
        "days": "14"},
    ),
    api(Action.APPROVE, "POST", "posts/{waiting.uuid}/approve/"),
    api(Action.APPROVE, "POST", "posts/{waiting.uuid}/request-changes/", data=lambda the: {"comment": "Shorter"}),
    #
    studio(Action.PUBLISH, "POST", "posts/{approved.pk}/schedule/", data=tomorrow),
    studio(Action.PUBLISH, "POST", "posts/{approved.pk}/publish/"),
    studio(Action.PUBLISH, "POST", "deliveries/{failed.pk}/retry/"),
    studio(Action.PUBLISH, "POST", "deliveries/{failed.pk}/cancel/"),
    studio(Action.PUBLISH, "POST", "publishing/suspend/"),
    api(Action.PUBLISH, "POST", "posts/{approved.uuid}/schedule/", data=tomorrow),
    api(Action.PUBLISH, "POST", "posts/{approved.uuid}/publish/"),
    api(Action.PUBLISH, "POST", "deliveries/{failed.pk}/retry/"),
    api(Action.PUBLISH, "POST", "deliveries/{failed.pk}/cancel/"),
    api(Action.PUBLISH, "POST", "publishing/suspend/"),
    #
    studio(
        Action.MANAGE_CHANNELS, "POST", "channels/connect/sandbox/",
        data=lambda the: {"network": "x", "name": "A new one", "handle": "new"},
    ),
    studio(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/suspend/"),
    studio(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/resume/", before=suspend),
    studio(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/disconnect/"),
    api(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/suspend/"),
    api(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/resume/", before=suspend),
    studio(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/rename/", data=lambda the: {"name": "Acme & Co"}),
    api(
        Action.MANAGE_CHANNELS, "POST", "channels/connect/sandbox/", answer=201,
        data=lambda the: {"network": "x", "name": "A new one"},
    ),
    api(Action.MANAGE_CHANNELS, "PATCH", "channels/{channel.pk}/", data=lambda the: {"name": "Acme & Co"}),
    api(Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/disconnect/"),
    api(
        Action.MANAGE_CHANNELS, "POST", "channels/{channel.pk}/behaviour/", data=lambda the: {"behaviour": "slow"}
    ),
    api(Action.MANAGE_CHANNELS, "GET", "channels/connect/"),
    #
    studio(Action.MANAGE_PEOPLE, "POST", "team/", data=lambda the: {"email": "eve@x.test", "role": "member"}),
    studio(Action.MANAGE_PEOPLE, "POST", "team/{of_member.pk}/role/", data=lambda the: {"role": "viewer"}),
    studio(Action.MANAGE_PEOPLE, "POST", "team/{of_other.pk}/remove/"),
    studio(Action.MANAGE_PEOPLE, "POST", "team/invitations/{invitation.pk}/resend/"),
    studio(Action.MANAGE_PEOPLE, "POST", "team/invitations/{invitation.pk}/revoke/"),
    api(
        Action.MANAGE_PEOPLE, "POST", "invitations/", data=lambda the: {"email": "eve@x.test"}, answer=201,
        for_people=True,
    ),
    api(Action.MANAGE_PEOPLE, "GET", "invitations/", for_people=True),
    api(
        Action.MANAGE_PEOPLE, "PATCH", "members/{of_member.pk}/", data=lambda the: {"role": "viewer"}, for_people=True
    ),
    api(Action.MANAGE_PEOPLE, "DELETE", "members/{of_other.pk}/", answer=204, for_people=True),
    api(Action.MANAGE_PEOPLE, "DELETE", "invitations/{invitation.pk}/", answer=204, for_people=True),
    #
    studio(
        Action.MANAGE_KEYS, "POST", "organization/keys/", data=lambda the: {"name": "Tool", "scopes": ["read"]},
        answer=200,
    ),
    studio(Action.MANAGE_KEYS, "POST", "organization/keys/{key.pk}/revoke/"),
    studio(
        Action.MANAGE_KEYS, "POST", "organization/webhooks/", answer=200,
        data=lambda the: {"url": "https://example.com/hook", "event_types": ["post.published"]},
    ),
    api(
        Action.MANAGE_KEYS, "POST", "api-keys/", data=lambda the: {"name": "Tool", "scopes": ["read"]}, answer=201,
        for_people=True,
    ),
    api(Action.MANAGE_KEYS, "DELETE", "api-keys/{key.pk}/", answer=204, for_people=True),
    api(
        Action.MANAGE_KEYS, "POST", "webhooks/", answer=201,
        data=lambda the: {"url": "https://example.com/hook", "event_types": ["post.published"]},
    ),
    #
    studio(
        Action.MANAGE_SETTINGS, "POST", "organization/settings/",
        data=lambda the: {"name": "Acme & Co", "timezone": "Europe/Berlin", "locale": "en"},
    ),
    studio(Action.MANAGE_SETTINGS, "POST", "guidelines/", data=lambda the: {"most_hashtags": "3"}),
    studio(
        Action.MANAGE_SETTINGS, "POST", "publishing/",
        data=lambda the: {"missed": "hold", "late_hours": "7", "spacing_minutes": "9"},
    ),
    studio(Action.MANAGE_SETTINGS, "GET", "review/"),
    api(Action.MANAGE_SETTINGS, "PATCH", "organizations/{organization.pk}/", data=lambda the: {"name": "Acme & Co"}),
    api(Action.MANAGE_SETTINGS, "PATCH", "publishing/policy/", data=lambda the: {"late_hours": 7}),
    api(Action.MANAGE_SETTINGS, "POST", "brand-voices/", data=lambda the: {"name": "Warm"}, answer=201),
    #
    studio(Action.READ_AUDIT_LOG, "GET", "organization/log/"),
    studio(Action.READ_AUDIT_LOG, "GET", "organization/log/export.csv", noted=True),
    api(Action.READ_AUDIT_LOG, "GET", "audit-log/", for_people=True),
    studio(Action.READ_AUDIT_LOG, "GET", "plan/"),
    studio(Action.READ_AUDIT_LOG, "GET", "plan/usage.csv"),
    #
    studio(
        Action.DEMAND_SECOND_FACTOR, "POST", "organization/settings/", before=protect_everybody,
        data=lambda the: {
            "name": "Acme", "timezone": "UTC", "locale": "en", "approval_required": "on", "second_factor_required": "on"
        },
    ),
    api(
        Action.DEMAND_SECOND_FACTOR, "PATCH", "organizations/{organization.pk}/", before=protect_everybody,
        data=lambda the: {"second_factor_required": True},
    ),
    #
    studio(Action.MANAGE_BILLING, "GET", "plan/choose/"),
    studio(Action.MANAGE_BILLING, "POST", "plan/keep/", data=lambda the: {"limit": "channels"}),
    # No Stripe is set up here: who may is told so.
    api(
        Action.MANAGE_BILLING, "POST", "subscription/checkout/", for_people=True, answer=409,
        data=lambda the: {"plan": "pro", "interval": "month"},
    ),
    #
    studio(Action.TRANSFER, "POST", "team/{of_member.pk}/transfer/"),
    studio(Action.TRANSFER, "POST", "team/{of_member.pk}/role/", data=lambda the: {"role": "owner"}),
    api(Action.TRANSFER, "POST", "members/{of_member.pk}/transfer/", for_people=True),
    api(Action.TRANSFER, "PATCH", "members/{of_member.pk}/", data=lambda the: {"role": "owner"}, for_people=True),
    #
    studio(Action.EXPORT, "GET", "organization/exports/"),
    studio(Action.EXPORT, "POST", "organization/exports/"),
    api(Action.EXPORT, "POST", "organizations/{organization.pk}/exports/", answer=202),
    api(Action.EXPORT, "GET", "organizations/{organization.pk}/exports/"),
    #
    studio(Action.DELETE, "POST", "organization/delete/", data=lambda the: {"name": "Acme"}),
    Way(Action.DELETE, STUDIO, "POST", "/organizations/{organization.pk}/restore/", answer=302, before=delete),
    api(
        Action.DELETE, "POST", "organizations/{organization.pk}/delete/", data=lambda the: {"name": "Acme"}, answer=202
    ),
    api(Action.DELETE, "POST", "organizations/{organization.pk}/restore/", before=delete),
]  # fmt: skip

PEOPLE = [*(role.value for role in Role), "outsider"]
KEYS = ["key with every other scope", "key with every scope"]


def _scopes(way: Way, who: str) -> frozenset:
    own = frozenset(scope for scope, actions in ACTIONS_OF_SCOPE.items() if way.action in actions)
    return frozenset(ACTIONS_OF_SCOPE) - (own if who == "key with every other scope" else frozenset())


def allowed(way: Way, who: str) -> bool:
    """What the tables say of this cell."""
    if who == "outsider":
        return False
    if who not in KEYS:
        return way.action in ACTIONS_OF_ROLE[Role(who)]
    # Made by the Owner: the scopes alone decide.
    return not way.for_people and any(way.action in ACTIONS_OF_SCOPE[scope] for scope in _scopes(way, who))


CELLS = [
    pytest.param(way, who, id=f"{way} by {who}")
    for way in WAYS
    for who in [*PEOPLE, *(KEYS if way.door == API else [])]
]


@contextmanager
def taken_back():
    """Undoes what is done inside. What insists on being outermost is content with it, as in every test."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def the(django_db_setup, django_db_blocker):
    """Acme with something to do for every action, and Charlie of Globex, who looks in; taken back after the module."""
    with django_db_blocker.unblock(), taken_back():
        cache.clear()
        the = worlds.build("Acme", domain="acme.test")
        other = worlds.build("Globex", domain="globex.test")
        acme, people = the.organization, the.people
        with working_for(acme):
            the.channel = ChannelFactory(organization=acme, name="Acmechannel")
            more = {"user": people["member"], "channels": [the.channel]}
            the.draft = make_post(acme, text="Draft", **more)
            the.waiting = make_post(acme, text="Waiting", **more)
            submit_post(the.waiting, user=people["member"])
            the.approved = make_approved(acme, text="Approved", approver=people["owner"], **more)
            the.failed = DeliveryFactory(channel=the.channel, state="failed", failure="It was refused.")
            the.image = LibraryImage.objects.filter(organization=acme).first()
            the.invitation = Invitation.objects.pending().get(organization=acme)
            the.of_member = Membership.objects.get(organization=acme, user=people["member"])
            the.of_other = Membership.objects.get(organization=acme, user=people["viewer"])
            the.key, _secret = keys.create_key(acme, name="Old", scopes=["read"], user=people["owner"])
            the.secrets, the.pks_of_keys = {}, []
            for scopes in {_scopes(way, who) for way in WAYS for who in KEYS}:
                key, secret = keys.create_key(acme, name="Tool", scopes=list(scopes), user=people["owner"])
                the.secrets[scopes] = secret
                the.pks_of_keys.append(key.pk)
        sign_in(the)
        sign_in(other)
        the.sessions["outsider"], the.tokens["outsider"] = other.sessions["owner"], other.tokens["owner"]
        session = SessionStore(the.sessions["outsider"])
        session[CurrentOrganizationMiddleware.SESSION_KEY] = str(acme.pk)
        session.save()
        the.print = worlds.everything_of(acme)
        yield the


@pytest.fixture(autouse=True)
def _at_once(settings, monkeypatch, tmp_path):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr("organizations.exporting.async_task", lambda *task, **options: None)


@pytest.mark.parametrize(("way", "who"), CELLS)
def test_a_role_may_do_what_the_table_says_and_nothing_else(the, way, who):
    with taken_back():
        before = the.print
        if way.before:
            with working_for(the.organization):
                way.before(the)
            before = worlds.everything_of(the.organization)
        written = worlds.writes()
        answer = _ask(the, way, who)
        content = _content(answer)
        touched = {table for table, count in worlds.writes().items() if count != written.get(table)} - BESIDES
        after = worlds.everything_of(the.organization, touched)
        changed = {table for table in after if after[table] != before[table]}

    said = f"{answer.status_code} {answer.get('Location', '')} {content[:300]!r}"
    if allowed(way, who):
        assert answer.status_code == way.answer, f"{who} may not, though the table says so: {said}"
        writes = way.noted or (way.method != "GET" and way.answer < 400)
        assert bool(changed) == writes, f"changed: {changed}; {said}"
    else:
        assert not changed, f"{who} may not, and changed {changed}: {said}"
        if who == "outsider" and way.door == STUDIO and "{" not in way.address:
            # It is about an organization of their own.
            assert "acme.test" not in content and "Acmechannel" not in content
        else:
            assert answer.status_code in REFUSALS[way.door], f"{who} may, though the table does not say so: {said}"


def test_every_action_has_a_row_for_the_studio_and_one_for_the_api():
    there = {(way.action, way.door) for way in WAYS}
    every = {(action, door) for action in Action for door in (STUDIO, API)}
    assert every - there == set(WITHOUT), "give these a row in WAYS, or say in WITHOUT why there is none"


def _ask(the, way: Way, who: str):
    """The answer that `who` gets in the studio, where Charlie claims to work for Acme, or in the API."""
    for pk in Membership.objects.filter(organization=the.organization).values_list("pk", flat=True):
        cache.set(f"seen:{pk}", True)  # when somebody was last seen is no change of theirs
    for pk in the.pks_of_keys:
        cache.set(f"key-used:{pk}", True)
    address, data = way.address.format(**vars(the)), way.data(the)
    if way.door == STUDIO:
        client = Client(raise_request_exception=False)
        client.cookies["sessionid"] = the.sessions[who]
        return getattr(client, way.method.lower())(address, data)
    client = APIClient(raise_request_exception=False)
    token = the.secrets[_scopes(way, who)] if who in KEYS else the.tokens[who]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    if way.method == "GET":
        return client.get(address, {"organization_id": str(the.organization.pk)} | data)
    return getattr(client, way.method.lower())(f"{address}?organization_id={the.organization.pk}", data)


def _content(answer) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode(errors="replace")
