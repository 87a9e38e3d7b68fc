"""What a person does about a delivery whose outcome the engine could not find out."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.problems import Conflict

from .models import Attempt, Delivery
from .telling import tell_planned

State = Delivery.State


def say_it_was_sent(delivery: Delivery, *, user, permalink: str = "") -> None:
    """Takes a person's word that the post is on the network. Raises Conflict unless the outcome is unknown."""
    _check(delivery)
    delivery.move_to(
        State.PUBLISHED,
        permalink=permalink,
        published_at=delivery.due_at,
        failure="",
        failure_kind="",
        asks_person=False,
        news_pending=True,
    )
    _log(delivery, Attempt.Outcome.FOUND, _("%(person)s looked and says that the post is on the network."), user)


@transaction.atomic
def say_it_was_not_sent(delivery: Delivery, *, user) -> None:
    """Takes a person's word that the post is not on the network, and sends it again now."""
    _check(delivery)
    delivery.move_to(
        State.RETRYING,
        next_attempt_at=timezone.now(),
        late_allowed=True,
        failure="",
        failure_kind="",
        asks_person=False,
        look_count=0,
    )
    _log(
        delivery,
        Attempt.Outcome.NOT_FOUND,
        _("%(person)s looked and says that the post is not on the network, so it is sent again."),
        user,
    )
    tell_planned([delivery])


def look_again(delivery: Delivery, *, user) -> None:
    """Has the engine look on the network now whether it is out. Raises Conflict unless the outcome is unknown."""
    _check(delivery)
    Delivery.objects.filter(pk=delivery.pk, state=State.UNKNOWN, leased_by="").update(
        asks_person=False, next_attempt_at=timezone.now(), look_count=0
    )
    delivery.refresh_from_db()


def _check(delivery: Delivery) -> None:
    if delivery.state != State.UNKNOWN:
        raise Conflict(
            _("The outcome of this delivery is known: it is “%(state)s”.") % {"state": delivery.get_state_display()}
        )


def _log(delivery: Delivery, outcome: str, sentence: str, user) -> None:
    now = timezone.now()
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempt_count + delivery.look_count,
        started_at=now,
        finished_at=now,
        outcome=outcome,
        explanation=sentence % {"person": user},
    )
