"""The kill switch, for one channel or for a whole organization, and what happens to what was missed meanwhile."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import log

from organizations.problems import Conflict
from webhooks.events import EventType

from .logbook import note
from .missed import KIND, send_spread
from .models import Channel, Delivery, PublishingPolicy
from .telling import tell_of_channel, tell_of_publishing

State = Delivery.State


class Missed(models.TextChoices):
    """What to do on resuming with posts whose time went by."""

    SEND = "send", gettext_lazy("Send them now, one after another")
    HOLD = "hold", gettext_lazy("Hold them back, so that I decide on each")
    CANCEL = "cancel", gettext_lazy("Call them off")


@transaction.atomic
def suspend_channel(channel: Channel, *, user, reason: str = "") -> None:
    """Nothing more leaves through this channel. What is already under way to the network cannot be called back."""
    changed = Channel.objects.filter(pk=channel.pk, state=Channel.State.CONNECTED).update(
        state=Channel.State.SUSPENDED,
        state_reason=reason or _("Suspended by %(person)s.") % {"person": user},
    )
    channel.refresh_from_db()
    if not changed and channel.state != Channel.State.SUSPENDED:
        raise Conflict(_("This channel is not connected, so there is nothing to suspend."))
    if changed:
        note(channel, "suspend_channel", user=user)
        tell_of_channel(channel, EventType.CHANNEL_SUSPENDED, user=user, reason=channel.state_reason)


@transaction.atomic
def resume_channel(channel: Channel, *, user, missed: str = Missed.HOLD) -> int:
    """Lets deliveries leave again, and says how many missed their time; `missed` decides about those."""
    changed = Channel.objects.filter(pk=channel.pk, state=Channel.State.SUSPENDED).update(
        state=Channel.State.CONNECTED, state_reason="", paused_until=None, failures_in_a_row=0
    )
    channel.refresh_from_db()
    if not changed and channel.state != Channel.State.CONNECTED:
        raise Conflict(_("This channel is not suspended. Connect it again instead."))
    if changed:
        note(channel, "resume_channel", user=user)
        tell_of_channel(channel, EventType.CHANNEL_RESUMED, user=user)
    return _decide(Delivery.objects.filter(channel=channel), missed, PublishingPolicy.of(channel.organization))


@transaction.atomic
def suspend_publishing(organization, *, user, reason: str = "") -> PublishingPolicy:
    """Stops everything that the organization publishes. Saying it twice keeps the first moment and reason."""
    policy, _created = PublishingPolicy.objects.select_for_update().get_or_create(organization=organization)
    if policy.suspended_at is None:
        policy.suspended_at, policy.suspended_by, policy.suspended_reason = timezone.now(), user, reason[:300]
        policy.save()
        log(organization, "publishing.suspend", user=user, data={"reason": policy.suspended_reason or "–"})
        tell_of_publishing(organization, EventType.PUBLISHING_SUSPENDED, user=user, reason=policy.suspended_reason)
    return policy


@transaction.atomic
def resume_publishing(organization, *, user, missed: str = Missed.HOLD) -> int:
    """Lets everything leave again, and says how many deliveries missed their time; `missed` decides about those."""
    policy, _created = PublishingPolicy.objects.select_for_update().get_or_create(organization=organization)
    if policy.suspended_at is not None:
        log(organization, "publishing.resume", user=user)
        tell_of_publishing(organization, EventType.PUBLISHING_RESUMED, user=user)
    policy.suspended_at, policy.suspended_by, policy.suspended_reason = None, None, ""
    policy.save()
    return _decide(Delivery.objects.for_organization(organization), missed, policy)


def waiting_past_their_time(deliveries):
    """What should have left by now and did not."""
    return deliveries.filter(state__in=Delivery.WAITING, next_attempt_at__lte=timezone.now())


def _decide(deliveries, missed: str, policy: PublishingPolicy) -> int:
    rows = list(waiting_past_their_time(deliveries).order_by("due_at", "id"))
    ids = [row.pk for row in rows]
    if missed == Missed.CANCEL:
        Delivery.objects.filter(pk__in=ids).move_to(State.CANCELLED, news_pending=True)
    elif missed == Missed.HOLD:
        Delivery.objects.filter(pk__in=ids).move_to(
            State.HELD,
            failure=_("Its time went by while publishing was suspended. Send it now, move it, or drop it."),
            failure_kind=KIND,
            news_pending=True,
        )
    else:
        send_spread(rows, policy=policy, start=timezone.now())
    return len(ids)
