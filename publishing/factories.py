"""Channels and deliveries for tests and the demo."""

import itertools
from datetime import timedelta
from uuid import uuid4

import factory
from django.utils import timezone

from .localtime import as_stored, to_local
from .messages import Message, Segment
from .models import Channel, Delivery

_revisions = itertools.count(1_000_000_000)


class ChannelFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Channel

    network = "mastodon"
    sandbox = True
    name = factory.Sequence(lambda n: f"Channel {n}")
    handle = factory.Sequence(lambda n: f"channel{n}")


class DeliveryFactory(factory.django.DjangoModelFactory):
    """Due a second ago, unless told otherwise."""

    class Meta:
        model = Delivery

    class Params:
        text = "Good morning"
        texts = factory.LazyAttribute(lambda it: [it.text])
        said = factory.LazyAttribute(lambda it: Message(segments=tuple(Segment(text=text) for text in it.texts)))

    organization = factory.SelfAttribute("channel.organization")
    post_id = factory.LazyFunction(uuid4)
    revision_id = factory.LazyFunction(lambda: next(_revisions))
    message = factory.LazyAttribute(lambda it: it.said.to_json())
    content_hash = factory.LazyAttribute(lambda it: it.said.content_hash())
    due_at = factory.LazyFunction(lambda: timezone.now() - timedelta(seconds=1))
    next_attempt_at = factory.SelfAttribute("due_at")
    timezone = "Europe/Berlin"
    local_time = factory.LazyAttribute(lambda it: as_stored(to_local(it.due_at, it.timezone)))


def message_of(text: str) -> Message:
    return Message(segments=(Segment(text=text),))
