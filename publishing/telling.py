"""Tells tools what becomes of deliveries and channels."""

from collections.abc import Iterable
from contextlib import nullcontext
from uuid import UUID, uuid5

from django.db import transaction

from webhooks.announcing import News, announce, announce_all, is_heard
from webhooks.events import EventType

from .models import Channel, Delivery

NEWS_OF_STATE: dict[str, EventType] = {
    Delivery.State.SENDING: EventType.DELIVERY_SENDING,
    Delivery.State.RETRYING: EventType.DELIVERY_RETRYING,
    Delivery.State.PUBLISHED: EventType.DELIVERY_PUBLISHED,
    Delivery.State.FAILED: EventType.DELIVERY_FAILED,
    Delivery.State.UNKNOWN: EventType.DELIVERY_UNKNOWN,
    Delivery.State.HELD: EventType.DELIVERY_HELD,
    Delivery.State.CANCELLED: EventType.DELIVERY_CANCELLED,
}

NEWS_OF_PLAN: dict[str, EventType] = {
    Delivery.State.SCHEDULED: EventType.DELIVERY_SCHEDULED,
    Delivery.State.RETRYING: EventType.DELIVERY_RETRYING,
}


def tell(deliveries: Iterable[Delivery]) -> None:
    """Announces how deliveries, with their channels at hand, stand now. The same standing is told once.

    The moment of the attempt is part of it: what fails again after a person's “Try again” is news again.
    """
    announce_all(
        News(
            delivery.organization_id,
            NEWS_OF_STATE[delivery.state],
            {"organization_id": str(delivery.organization_id), "delivery": shown(delivery)},
            id=uuid5(
                delivery.pk,
                f"{delivery.state} {delivery.attempt_count} {delivery.look_count}"
                f" {delivery.next_attempt_at.timestamp()}",
            ),
        )
        for delivery in deliveries
        if delivery.state in NEWS_OF_STATE
    )


def tell_planned(deliveries: Iterable[Delivery]) -> None:
    """Announces that people gave deliveries, with their channels at hand, a time; each time that they do."""
    announce_all(
        News(
            delivery.organization_id,
            NEWS_OF_PLAN[delivery.state],
            {"organization_id": str(delivery.organization_id), "delivery": shown(delivery)},
        )
        for delivery in deliveries
        if delivery.state in NEWS_OF_PLAN
    )


def tell_on_the_way(ids: Iterable[UUID], state: str) -> None:
    """Announces that deliveries have come to `state`, of which the engine does not speak to apps above."""
    if is_heard(NEWS_OF_STATE[state]):
        tell(Delivery.objects.filter(pk__in=list(ids), state=state).select_related("channel"))


def together_with_news(*states: str):
    """A transaction for a step and what is told of it, where anybody hears; nothing that costs where nobody does."""
    return transaction.atomic() if any(is_heard(NEWS_OF_STATE[state]) for state in states) else nullcontext()


def tell_of_channel(channel: Channel, event_type: EventType, *, user=None, **more) -> None:
    """Announces something about a channel as it is now. `more` says what belongs to the event alone."""
    announce(
        channel.organization_id,
        event_type,
        organization_id=str(channel.organization_id),
        channel={**_named(channel), "handle": channel.handle, "sandbox": channel.sandbox, "state": channel.state},
        actor=_person(user),
        **more,
    )


def tell_of_reconnecting(channel: Channel) -> None:
    tell_of_channel(channel, EventType.CHANNEL_NEEDS_RECONNECT, reason=channel.state_reason)


def tell_of_publishing(organization, event_type: EventType, *, user, **more) -> None:
    """Announces that everything of an organization is stopped, or leaves again."""
    announce(organization.pk, event_type, organization_id=str(organization.pk), actor=_person(user), **more)


def shown(delivery: Delivery) -> dict:
    return {
        "id": str(delivery.pk),
        "post": str(delivery.post_id),
        "revision": str(delivery.revision_uuid),
        "channel": _named(delivery.channel),
        "state": delivery.state,
        "due_at": delivery.due_at.isoformat(),
        "attempt_count": delivery.attempt_count,
        "next_attempt_at": delivery.next_attempt_at.isoformat() if delivery.next_attempt_at else None,
        "published_at": delivery.published_at.isoformat() if delivery.published_at else None,
        "remote_id": delivery.remote_id,
        "permalink": delivery.permalink,
        "failure": delivery.failure,
        "failure_kind": delivery.failure_kind,
    }


def _person(user) -> dict | None:
    return {"id": str(user.pk), "name": str(user)} if user else None


def _named(channel: Channel) -> dict:
    return {"id": str(channel.pk), "network": channel.network, "name": channel.name}
