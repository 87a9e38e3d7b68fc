"""The pretend network inside the studio: for demos, for training, and for tests.

It follows the rules of the network that its channel imitates, honours
idempotency keys, and misbehaves on request (`Behaviour`), set per channel.
"""

import time
from dataclasses import asdict, replace

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishing.errors import OutcomeUnknown, PublishingError, ReconnectNeeded, Rejected, TryLater
from publishing.messages import Published, PublishedSegment
from publishing.models import Channel, SandboxPost
from publishing.networks import rules_for

from .base import Adapter, nothing


class Behaviour(models.TextChoices):
    """How the pretend network treats what a channel sends."""

    NORMAL = "normal", gettext_lazy("Takes every post that the network's rules allow")
    SLOW = "slow", gettext_lazy("Takes three seconds for each post")
    UNAVAILABLE = "unavailable", gettext_lazy("Is down: answers with an error of its own")
    RATE_LIMITS = "rate_limits", gettext_lazy("Asks to come back in half a minute")
    REFUSES = "refuses", gettext_lazy("Refuses the post")
    TIMES_OUT = "times_out", gettext_lazy("Takes the post, but never confirms it")
    RECONNECT = "reconnect", gettext_lazy("Wants the channel to be connected again")


class SandboxAdapter(Adapter):
    network = "sandbox"
    name = "Sandbox"
    can_find = True
    idempotent = True
    find_after = 0.0
    may_be_out = True
    only_for_oneself = {}  # nobody outside sees any of it

    SLOW_SECONDS = 3.0
    WAIT_SECONDS = 30.0

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        behaviour = self._behaviour()
        self._note("publish", {"segments": [segment.text for segment in message.segments], "behaviour": behaviour})
        try:
            self._before(behaviour)
            self._check(message)
        except PublishingError as err:
            self._answer(err.message)
            raise
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            post = self._post(message.segments[index], key=f"{idempotency_key}:{index}", after=done)
            done.append(self._segment(post))
            on_progress(done[-1])
        if behaviour == Behaviour.TIMES_OUT:
            self._answer("no answer")
            raise OutcomeUnknown(_("The sandbox did not confirm the post: it may be out, or not."))
        self._answer({"ids": [segment.remote_id for segment in done]})
        return Published(segments=tuple(done), published_at=timezone.now())

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        self._note("find", {"idempotency_key": idempotency_key})
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            post = SandboxPost.objects.filter(
                channel=self.channel, idempotency_key=f"{idempotency_key}:{index}"
            ).first()
            if post is None:
                self._answer("not found")
                return None
            done.append(self._segment(post))
            on_progress(done[-1])
        self._answer({"ids": [segment.remote_id for segment in done]})
        return Published(segments=tuple(done), published_at=timezone.now())

    def comment(self, message, published, *, idempotency_key):
        self._note("comment", {"text": message.first_comment})
        post, _created = SandboxPost.objects.get_or_create(
            channel=self.channel,
            idempotency_key=f"{idempotency_key}:comment",
            defaults={
                "text": message.first_comment,
                "in_reply_to_id": published.segments[-1].remote_id,
                "is_comment": True,
            },
        )
        self._answer({"id": str(post.pk)})
        return replace(self._segment(post), kind=PublishedSegment.COMMENT)

    def find_comment(self, message, published, *, idempotency_key, since):
        self._note("find", {"idempotency_key": f"{idempotency_key}:comment"})
        post = SandboxPost.objects.filter(channel=self.channel, idempotency_key=f"{idempotency_key}:comment").first()
        self._answer({"id": str(post.pk)} if post else "not found")
        return replace(self._segment(post), kind=PublishedSegment.COMMENT) if post else None

    def _behaviour(self) -> str:
        """What was asked for, used up by one where it was asked for a number of times."""
        with transaction.atomic():
            channel = Channel.objects.select_for_update().only("options").get(pk=self.channel.pk)
            wanted = channel.options.get("sandbox", {})
            behaviour, times = wanted.get("behaviour", Behaviour.NORMAL), wanted.get("times")
            if times is not None and behaviour != Behaviour.NORMAL:
                left = {"behaviour": behaviour, "times": times - 1} if times > 1 else {}
                channel.options = {**channel.options, "sandbox": left}
                channel.save(update_fields=["options"])
        return behaviour

    def _before(self, behaviour: str) -> None:
        if behaviour == Behaviour.SLOW:
            time.sleep(self.SLOW_SECONDS)
        elif behaviour == Behaviour.UNAVAILABLE:
            raise TryLater(_("The sandbox pretends to be down."))
        elif behaviour == Behaviour.RATE_LIMITS:
            raise TryLater(_("The sandbox asks to come back in half a minute."), retry_after=self.WAIT_SECONDS)
        elif behaviour == Behaviour.REFUSES:
            raise Rejected(_("The sandbox refuses this post, because it was told to refuse posts."))
        elif behaviour == Behaviour.RECONNECT:
            raise ReconnectNeeded(_("The sandbox wants this channel to be connected again."))

    def _check(self, message) -> None:
        """Refuses what the imitated network would refuse, in one sentence per reason."""
        findings = rules_for(self.channel.network).check(message, limits=self.channel.limits)
        reasons = [finding.message for finding in findings if finding.blocking]
        if reasons:
            raise Rejected(" ".join(str(reason) for reason in reasons))

    def _post(self, segment, *, key: str, after: list[PublishedSegment]) -> SandboxPost:
        post, _created = SandboxPost.objects.get_or_create(
            channel=self.channel,
            idempotency_key=key,
            defaults={
                "text": segment.text,
                "media": [asdict(media) for media in segment.media],
                "link": asdict(segment.link) if segment.link else {},
                "poll": asdict(segment.poll) if segment.poll else {},
                "in_reply_to_id": after[-1].remote_id if after else None,
            },
        )
        return post

    def _segment(self, post: SandboxPost) -> PublishedSegment:
        timeline = reverse("sandbox_timeline", args=[self.channel.pk])
        return PublishedSegment(
            remote_id=str(post.pk), permalink=f"{settings.WAGTAILADMIN_BASE_URL}{timeline}#post-{post.pk}"
        )

    def _note(self, verb: str, sent: dict) -> None:
        self.exchanges.append({"method": "POST", "url": f"sandbox:{verb}", "sent": sent, "status": 200})
        self._began = time.monotonic()

    def _answer(self, received) -> None:
        self.exchanges[-1]["received"] = received
        self.exchanges[-1]["milliseconds"] = round((time.monotonic() - self._began) * 1000)
