"""Tells the right people, once, that something did not go out and needs them."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from organizations import mails
from organizations.models import User
from organizations.roles import Action, roles_that_may

from .deciding import undecided
from .missed import KIND
from .models import Delivery, FailureNotice, PublishingPolicy

QUIET = timedelta(hours=1)  # between two letters about the same trouble of the same channel
MENTIONED = 10  # posts that a letter about missed times names


def needs_people(delivery: Delivery) -> bool:
    """True where the engine has done what it can and a person has to act."""
    return (
        delivery.state in (Delivery.State.FAILED, Delivery.State.HELD)
        or delivery.asks_person
        or delivery.failure_kind == Delivery.WITHOUT_COMMENT
    )


def notify(delivery: Delivery) -> bool:
    """Writes to whoever planned the post and to those who may publish, unless they were told just now."""
    if not needs_people(delivery):
        return False
    if delivery.failure_kind == KIND:
        return ask_about_missed(delivery.organization)
    if not _is_news(delivery):
        return False
    mails.send(
        delivery.organization,
        "publishing/mail/failure.txt",
        to=_addresses(delivery),
        delivery=delivery,
        url=settings.WAGTAILADMIN_BASE_URL + reverse("delivery", args=[delivery.pk]),
    )
    return True


def ask_about_missed(organization) -> bool:
    """Asks those who may publish what is to be done with what missed its time: one letter for all of a burst."""
    if not _is_to_be_asked(organization):
        return False
    missed = undecided(organization).select_related("channel")
    count = missed.count()
    if not count:  # decided already
        return False
    mails.send(
        organization,
        "publishing/mail/missed.txt",
        to=_who_may_publish(organization.pk).order_by("email").values_list("email", flat=True).distinct(),
        count=count,
        missed=missed[:MENTIONED],
        more=max(count - MENTIONED, 0),
        zone=organization.timezone,
        url=settings.WAGTAILADMIN_BASE_URL + reverse("missed"),
    )
    return True


@transaction.atomic
def _is_to_be_asked(organization) -> bool:
    now = timezone.now()
    policy, _created = PublishingPolicy.objects.select_for_update().get_or_create(organization=organization)
    if policy.missed == PublishingPolicy.Missed.HOLD or (policy.asked_at and now - policy.asked_at <= QUIET):
        return False
    policy.asked_at = now
    policy.save(update_fields=["asked_at"])
    return True


@transaction.atomic
def _is_news(delivery: Delivery) -> bool:
    now = timezone.now()
    notice, created = FailureNotice.objects.select_for_update().get_or_create(
        channel_id=delivery.channel_id, failure_kind=delivery.failure_kind, defaults={"told_at": now}
    )
    if created or now - notice.told_at > QUIET:
        notice.told_at, notice.since_then = now, 0
        notice.save()
        return True
    notice.since_then += 1
    notice.save()
    return False


def _who_may_publish(organization_id):
    return User.objects.filter(
        is_active=True,
        memberships__organization=organization_id,
        memberships__role__in=roles_that_may(Action.PUBLISH),
    )


def _addresses(delivery: Delivery) -> list[str]:
    addresses = set(_who_may_publish(delivery.organization_id).values_list("email", flat=True))
    planner = delivery.created_by
    if planner and planner.is_active and planner.memberships.filter(organization=delivery.organization_id).exists():
        addresses.add(planner.email)
    return sorted(addresses)
