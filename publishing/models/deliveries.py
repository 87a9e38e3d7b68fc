"""What is on its way through a channel, and every attempt at it."""

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization, validate_timezone
from organizations.problems import Conflict
from publishing.messages import Message

from .channels import Channel
from .querysets import ForOrganization


class State(models.TextChoices):
    """Where a delivery is on its way."""

    SCHEDULED = "scheduled", _("Scheduled")
    HELD = "held", _("Held back")
    SENDING = "sending", _("Being sent")
    RETRYING = "retrying", _("Trying again")
    UNKNOWN = "unknown", _("Outcome unknown")
    PUBLISHED = "published", _("Published")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# From each state, the states that may follow. Nothing changes a state without asking this table.
TRANSITIONS: dict[str, set[str]] = {
    State.SCHEDULED: {State.SENDING, State.HELD, State.CANCELLED, State.FAILED},
    State.HELD: {State.SCHEDULED, State.CANCELLED},
    State.SENDING: {State.PUBLISHED, State.RETRYING, State.UNKNOWN, State.FAILED},
    # Published: the word of an earlier attempt that was given up for lost.
    State.RETRYING: {State.SENDING, State.HELD, State.CANCELLED, State.FAILED, State.PUBLISHED},
    State.UNKNOWN: {State.PUBLISHED, State.RETRYING, State.FAILED, State.CANCELLED},
    State.FAILED: {State.RETRYING, State.CANCELLED},
    State.PUBLISHED: {State.RETRYING, State.UNKNOWN},  # only for its first comment: `scheduling.retry_delivery`
    State.CANCELLED: set(),
}
WAITING = (State.SCHEDULED, State.RETRYING)
FINAL = (State.PUBLISHED, State.FAILED, State.CANCELLED)


def states_before(state: str) -> list[str]:
    """The states from which `state` may be reached."""
    return [str(before) for before, after in TRANSITIONS.items() if state in after]


def revision_uuid(post_id: uuid.UUID, revision_id: int) -> uuid.UUID:
    """The id that the API gives a revision of a post: Wagtail's own are numbers that count everybody's."""
    return uuid.uuid5(post_id, str(revision_id))


class DeliveryQuerySet(ForOrganization):
    def waiting(self):
        """Not yet sent, and going to be."""
        return self.filter(state__in=WAITING)

    def move_to(self, state: str, *, keep_lease: bool = False, **changes) -> int:
        """Moves those rows from which `state` may be reached, in one statement, and says how many.

        Rows in any other state stay as they are: whoever was faster has won.
        """
        if not keep_lease:
            changes = {"lease_expires_at": None, "leased_by": "", **changes}
        return self.filter(state__in=states_before(state)).update(state=state, **changes)


class Delivery(models.Model):
    """One approved revision on its way through one channel.

    `message` is the whole of what is sent, frozen when the delivery was made,
    so that no later edit can reach it. `revision_id` and `post_id` name where
    it came from; they are no foreign keys, because a delivery outlives its page.
    """

    State = State
    TRANSITIONS = TRANSITIONS
    WAITING = WAITING
    FINAL = FINAL
    WITHOUT_COMMENT = "comment"  # `failure_kind` of a post that is out, but not its first comment

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="deliveries")
    post_id = models.UUIDField(editable=False, db_index=True)
    revision_id = models.BigIntegerField(editable=False)
    message = models.JSONField(editable=False)
    content_hash = models.CharField(max_length=64, editable=False)

    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.SCHEDULED)
    due_at = models.DateTimeField(_("due"))
    local_time = models.DateTimeField(_("local time"), help_text=_("Wall-clock time in `timezone`, stored as if UTC."))
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_timezone])
    late_allowed = models.BooleanField(default=False, editable=False)  # somebody, or the policy, said: send it late

    # Who has it in hand, and until when: after that the sweep takes it up.
    next_attempt_at = models.DateTimeField(editable=False)
    lease_expires_at = models.DateTimeField(null=True, editable=False)
    leased_by = models.CharField(max_length=100, blank=True, editable=False)
    attempt_count = models.PositiveSmallIntegerField(default=0, editable=False)  # sends
    look_count = models.PositiveSmallIntegerField(default=0, editable=False)  # looks after an unknown outcome

    # `asks_person` is set where the engine cannot find out by itself whether it was sent.
    asks_person = models.BooleanField(default=False, editable=False)
    progress = models.JSONField(default=list, editable=False)  # PublishedSegments so far, for threads
    remote_id = models.CharField(max_length=300, blank=True, editable=False)
    permalink = models.URLField(max_length=500, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    failure = models.TextField(_("what went wrong"), blank=True, editable=False)
    failure_kind = models.CharField(max_length=20, blank=True, editable=False)
    news_pending = models.BooleanField(default=False, editable=False)  # `delivery_finished` is still to be sent

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-due_at", "-id"]
        constraints = [
            # A cancelled one may be followed by another: unscheduling and scheduling again is one's right.
            models.UniqueConstraint(
                fields=["revision_id", "channel"],
                condition=~models.Q(state="cancelled"),
                name="one_delivery_per_revision_and_channel",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="delivery_due",
                condition=models.Q(state__in=["scheduled", "retrying", "unknown"], asks_person=False),
            ),
            models.Index(
                fields=["channel"],
                name="delivery_leased",
                condition=models.Q(lease_expires_at__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="delivery_news",
                condition=models.Q(news_pending=True),
            ),
            models.Index(fields=["organization", "-due_at", "-id"], name="delivery_calendar"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} at {self.due_at:%Y-%m-%d %H:%M} UTC"

    @property
    def revision_uuid(self) -> uuid.UUID:
        return revision_uuid(self.post_id, self.revision_id)

    def is_due(self) -> bool:
        return self.state in self.WAITING and self.next_attempt_at <= timezone.now()

    @property
    def lacks_comment(self) -> bool:
        """True where the post is out, and its first comment was given up."""
        return self.state == State.PUBLISHED and self.failure_kind == self.WITHOUT_COMMENT

    def may_move_to(self, state: str) -> bool:
        return state in TRANSITIONS[self.state]

    def move_to(self, state: str, **changes) -> None:
        """Moves this row to `state` and says so in the database, or raises Conflict if it may not or was overtaken."""
        same = type(self).objects.filter(pk=self.pk, state=self.state)
        if not same.move_to(state, **changes):
            self.refresh_from_db(fields=["state"])
            raise Conflict(
                _("This delivery is now “%(state)s”, so that is no longer possible. Reload the page.")
                % {"state": self.get_state_display()}
            )
        self.refresh_from_db()

    @property
    def text(self) -> str:
        """What it says, for lists: the first segment's text."""
        segments: Iterable[dict] = self.message.get("segments", ())
        return next((segment["text"] for segment in segments), "")

    @property
    def as_message(self) -> Message:
        return Message.from_json(self.message)


class Attempt(models.Model):
    """One try at one delivery, as a person can read it. Secrets are removed before it is stored.

    It is written before the network is called, so that a crash leaves a trace,
    and completed afterwards. A look for a post whose outcome was unknown is an
    attempt too.
    """

    class Outcome(models.TextChoices):
        PUBLISHED = "published", _("Published")
        TRY_LATER = "try_later", _("To be tried again")
        RECONNECT = "reconnect", _("Channel needs to be connected again")
        REJECTED = "rejected", _("Refused")
        UNKNOWN = "unknown", _("Outcome unknown")
        FOUND = "found", _("Found on the network")
        NOT_FOUND = "not_found", _("Not found on the network")

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    lateness = models.FloatField(null=True)  # seconds between the due moment and the call, of a first try
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    explanation = models.TextField(blank=True)
    exchanges = models.JSONField(default=list)  # every call: method, url, sent, status, received, milliseconds
    worker = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["started_at", "id"]
        indexes = [models.Index(fields=["started_at"], name="attempt_started")]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.delivery_id}"

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
