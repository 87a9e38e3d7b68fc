"""What people do with webhooks: made, changed, tried out, replayed, given a new secret, deleted."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from organizations.problems import Conflict, Problem
from organizations.roles import Action, require

from .announcing import wake_worker
from .events import EventType
from .models import Endpoint, Event, Telling
from .signing import new_secret

MOST = 20  # endpoints of one organization
OVERLAP = timedelta(hours=24)


class AddressNotUsable(Problem):
    slug = "webhook-address-not-usable"
    status = 422
    title = "This address cannot be told of anything"


@transaction.atomic
def create_endpoint(organization, *, url: str, event_types, user, description: str = "") -> Endpoint:
    """A new endpoint. Its `secret` is to be shown once, to whoever made it."""
    require(user, Action.MANAGE_KEYS, organization=organization)
    if Endpoint.objects.for_organization(organization).count() >= MOST:
        raise Conflict(_("An organization has at most %(most)d webhooks. Delete one first.") % {"most": MOST})
    endpoint = Endpoint.objects.create(
        organization=organization,
        url=usable(url),
        event_types=sorted(set(event_types)),
        description=description,
        created_by=user,
    )
    _log(endpoint, "create", user)
    return endpoint


@transaction.atomic
def change_endpoint(endpoint: Endpoint, *, user, **changes) -> Endpoint:
    """Changes `url`, `description` or `event_types`; `enabled` switches it off, or on again."""
    endpoint = _locked(endpoint, user)
    if "url" in changes:
        endpoint.url = usable(changes["url"])
    if "event_types" in changes:
        endpoint.event_types = sorted(set(changes["event_types"]))
    if "description" in changes:
        endpoint.description = changes["description"]
    if "enabled" in changes and changes["enabled"] != (endpoint.disabled_at is None):
        endpoint.disabled_at = None if changes["enabled"] else timezone.now()
        endpoint.disabled_reason = "" if changes["enabled"] else _("%(person)s switched it off.") % {"person": user}
        endpoint.failing_since = None
        wake_worker()
    endpoint.save()
    _log(endpoint, "change", user)
    return endpoint


@transaction.atomic
def rotate_secret(endpoint: Endpoint, *, user) -> Endpoint:
    """Gives it a new secret. Messages are signed with the one before too, for a day."""
    endpoint = _locked(endpoint, user)
    until = (timezone.now() + OVERLAP).isoformat()
    endpoint.secrets = [[new_secret(), None], [endpoint.secret, until]]
    endpoint.save(update_fields=["secrets"])
    _log(endpoint, "rotate", user)
    return endpoint


@transaction.atomic
def delete_endpoint(endpoint: Endpoint, *, user) -> None:
    """Deletes it with its log. What waits for it is not sent any more."""
    endpoint = _locked(endpoint, user)
    _log(endpoint, "delete", user)
    endpoint.delete()


@transaction.atomic
def send_test(endpoint: Endpoint, *, user) -> Telling:
    """Sends it an event that says nothing but that it works."""
    endpoint = _switched_on(_locked(endpoint, user))
    event = Event.objects.create(
        organization=endpoint.organization,
        type=EventType.TEST,
        data={"organization_id": str(endpoint.organization_id), "sent_by": str(user)},
    )
    wake_worker()
    return Telling.objects.create(endpoint=endpoint, event=event)


@transaction.atomic
def replay(telling: Telling, *, user) -> Telling:
    """Sends a message again, now, whatever became of it. Its `webhook-id` stays the same."""
    _switched_on(_locked(telling.endpoint, user))
    telling = Telling.objects.select_for_update(of=("self",)).select_related("endpoint", "event").get(pk=telling.pk)
    if telling.state == Telling.State.WAITING and telling.next_attempt_at <= timezone.now():
        raise Conflict(_("This message is on its way already."))
    _begin_anew(Telling.objects.filter(pk=telling.pk))
    telling.refresh_from_db()
    return telling


@transaction.atomic
def replay_failed(endpoint: Endpoint, *, since: datetime, user) -> int:
    """Sends again, now, everything since a moment that has not arrived; says how many."""
    endpoint = _switched_on(_locked(endpoint, user))
    missed = endpoint.tellings.exclude(state=Telling.State.DELIVERED).filter(event__occurred_at__gte=since)
    return _begin_anew(missed)


def usable(url: str) -> str:
    """The address, if it is one that may be told. Where it leads is checked again whenever it is called."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise AddressNotUsable(_("Leave the password out of the address: check the signature instead."))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressNotUsable(_("Give an address that begins with https://."))
    if parts.scheme != "https" and not settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES:
        raise AddressNotUsable(_("Give an address that begins with https://."))
    return url


def _begin_anew(tellings) -> int:
    count = tellings.update(
        state=Telling.State.WAITING, attempt_count=0, next_attempt_at=timezone.now(), finished_at=None
    )
    if count:
        wake_worker()
    return count


def _switched_on(endpoint: Endpoint) -> Endpoint:
    if endpoint.disabled_at:
        raise Conflict(_("This webhook is switched off. Switch it on first."))
    return endpoint


def _locked(endpoint: Endpoint, user) -> Endpoint:
    require(user, Action.MANAGE_KEYS, organization=endpoint.organization)
    return Endpoint.objects.select_for_update(of=("self",)).select_related("organization").get(pk=endpoint.pk)


def _log(endpoint: Endpoint, what: str, user) -> None:
    log(endpoint.organization, f"webhooks.{what}", user=user, data={"name": str(endpoint)})
