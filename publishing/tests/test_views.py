import html
import re

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Channel, Delivery, SandboxPost

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme, name="Acme on Mastodon")


@pytest.fixture
def as_alice(client, alice, acme):
    client.force_login(alice)
    return client


@pytest.fixture
def as_vera(client, vera):
    client.force_login(vera)
    return client


def test_the_channels_page_lists_the_organizations_channels_and_no_others(as_alice, channel, globex):
    ChannelFactory(organization=globex, name="Globex on X")
    page = as_alice.get(reverse("channels")).content.decode()
    assert "Acme on Mastodon" in page
    assert "Globex" not in page


@pytest.mark.parametrize("name", ["channel", "sandbox_timeline"])
def test_an_outsiders_channel_is_not_found(as_alice, globex, name):
    assert as_alice.get(reverse(name, args=[ChannelFactory(organization=globex).pk])).status_code == 404


@pytest.mark.parametrize("action", ["suspend", "resume", "disconnect", "reconnect", "rename", "behaviour"])
def test_an_outsiders_channel_cannot_be_acted_on(as_alice, globex, action):
    theirs = ChannelFactory(organization=globex)
    assert as_alice.post(reverse(f"channel_{action}", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == Channel.State.CONNECTED


@pytest.mark.parametrize("action", ["retry", "cancel", "was_sent", "was_not_sent"])
def test_an_outsiders_delivery_is_not_found(as_alice, globex, action):
    theirs = DeliveryFactory(channel=ChannelFactory(organization=globex), state=State.FAILED)
    assert as_alice.get(reverse("delivery", args=[theirs.pk])).status_code == 404
    assert as_alice.post(reverse(f"delivery_{action}", args=[theirs.pk])).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == State.FAILED


def test_a_viewer_sees_channels_and_deliveries_but_changes_nothing(as_vera, channel):
    delivery = DeliveryFactory(channel=channel, state=State.FAILED)
    page = as_vera.get(reverse("channel", args=[channel.pk])).content.decode()
    assert "Suspend" not in page
    assert "Try again" not in as_vera.get(reverse("delivery", args=[delivery.pk])).content.decode()
    as_vera.post(reverse("channel_suspend", args=[channel.pk]))
    as_vera.post(reverse("delivery_retry", args=[delivery.pk]))
    channel.refresh_from_db()
    delivery.refresh_from_db()
    assert (channel.state, delivery.state) == (Channel.State.CONNECTED, State.FAILED)


def test_a_sandbox_channel_is_added_and_shows_what_it_published(as_alice, acme):
    answer = as_alice.post(reverse("channel_connect_sandbox"), {"network": "bluesky", "name": "Training"})
    channel = Channel.objects.get(name="Training")
    assert answer.url == reverse("channel", args=[channel.pk])
    DeliveryFactory(channel=channel, texts=["First <b>post</b>", "its reply"])
    deliver_due()
    page = as_alice.get(reverse("sandbox_timeline", args=[channel.pk])).content.decode()
    assert "First &lt;b&gt;post&lt;/b&gt;" in page
    assert "its reply" in page


def test_the_timeline_shows_pictures_that_can_be_seen_and_one_at_before_a_handle(as_alice, channel):
    Channel.objects.update(handle="@acme")
    path = default_storage.save("kettle.png", ContentFile(b"picture"))
    SandboxPost.objects.create(
        channel=channel, idempotency_key="1", text="Look", media=[{"kind": "image", "path": path, "alt": "A kettle"}]
    )
    page = as_alice.get(reverse("sandbox_timeline", args=[channel.pk])).content.decode()
    (address,) = re.findall(r'<img src="(/media/[^"]+)" alt="A kettle"', page)
    assert b"".join(as_alice.get(html.unescape(address)).streaming_content) == b"picture"
    assert "@acme" in page and "@@acme" not in page


def test_a_first_comment_that_is_missing_is_tried_again_by_a_button(as_alice, channel):
    delivery = DeliveryFactory(channel=channel, state=State.PUBLISHED, remote_id="1", failure_kind="comment")
    assert "Try the first comment again" in as_alice.get(reverse("delivery", args=[delivery.pk])).content.decode()
    as_alice.post(reverse("delivery_retry", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert delivery.state == State.RETRYING
    assert "Try the first comment" not in as_alice.get(reverse("delivery", args=[delivery.pk])).content.decode()


def test_a_plan_without_room_says_so_on_the_form(as_alice, acme):
    ChannelFactory.create_batch(6, organization=acme)
    page = as_alice.post(reverse("channel_connect_sandbox"), {"network": "x", "name": "One more"}).content.decode()
    assert "has room for 6 channels" in page
    assert not Channel.objects.filter(name="One more").exists()


def test_the_sandbox_can_be_told_to_misbehave(as_alice, channel):
    as_alice.post(reverse("channel_behaviour", args=[channel.pk]), {"behaviour": "refuses", "times": 1})
    refused, taken = DeliveryFactory(channel=channel), DeliveryFactory(channel=channel)
    deliver_due()
    states = {Delivery.objects.get(pk=delivery.pk).state for delivery in (refused, taken)}
    assert states == {State.FAILED, State.PUBLISHED}


def test_suspending_keeps_posts_back_and_resuming_asks_what_to_do_with_them(as_alice, channel):
    as_alice.post(reverse("channel_suspend", args=[channel.pk]))
    delivery = DeliveryFactory(channel=channel)
    assert deliver_due() == 0
    assert "has missed its time" in as_alice.get(reverse("channel", args=[channel.pk])).content.decode()
    as_alice.post(reverse("channel_resume", args=[channel.pk]), {"missed": "cancel"})
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED


def test_a_channel_with_waiting_posts_is_not_disconnected(as_alice, channel):
    DeliveryFactory(channel=channel)
    page = as_alice.post(reverse("channel_disconnect", args=[channel.pk]), follow=True).content.decode()
    assert "still wait to go out" in page
    channel.refresh_from_db()
    assert channel.state == Channel.State.CONNECTED


def test_a_person_says_that_it_was_sent(as_alice, channel):
    delivery = DeliveryFactory(channel=channel, state=State.UNKNOWN, asks_person=True)
    page = as_alice.get(reverse("delivery", args=[delivery.pk])).content.decode()
    assert "It was sent" in page
    as_alice.post(reverse("delivery_was_sent", args=[delivery.pk]))
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert "Alice" in delivery.attempts.get().explanation


def test_a_person_has_the_studio_look_again(as_alice, channel):
    delivery = DeliveryFactory(channel=channel, state=State.UNKNOWN, asks_person=True)
    assert "Look again" in as_alice.get(reverse("delivery", args=[delivery.pk])).content.decode()
    page = as_alice.post(reverse("delivery_look_again", args=[delivery.pk]), follow=True).content.decode()
    assert "looks on the network" in page and "Look again" not in page


def test_a_person_says_that_it_was_not_sent_and_it_is_sent_again(as_alice, channel):
    delivery = DeliveryFactory(channel=channel, state=State.UNKNOWN, asks_person=True)
    as_alice.post(reverse("delivery_was_not_sent", args=[delivery.pk]))
    deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED
    assert SandboxPost.objects.count() == 1


def test_the_log_of_attempts_can_be_read(as_alice, channel):
    channel.options = {"sandbox": {"behaviour": "rate_limits"}}
    channel.save()
    delivery = DeliveryFactory(channel=channel)
    deliver_due()
    page = as_alice.get(reverse("delivery", args=[delivery.pk])).content.decode()
    assert "asks to come back in half a minute" in page
    assert "Try again now" in page


@pytest.mark.parametrize("name", ["channels", "deliveries"])
def test_lists_take_the_same_number_of_queries_for_one_row_and_for_many(
    as_alice, channel, name, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    DeliveryFactory(channel=channel)
    as_alice.get(reverse(name))
    with CaptureQueriesContext(connection) as few:
        as_alice.get(reverse(name))
    for _more in range(5):
        DeliveryFactory(channel=ChannelFactory(organization=channel.organization))
    with CaptureQueriesContext(connection) as many:
        as_alice.get(reverse(name))
    assert len(many) == len(few)


def test_the_timeline_takes_the_same_number_of_queries_for_one_post_and_for_many(as_alice, channel):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("sandbox_timeline", args=[channel.pk])
    SandboxPost.objects.create(channel=channel, idempotency_key="0", text="one")
    as_alice.get(url)
    with CaptureQueriesContext(connection) as few:
        as_alice.get(url)
    for key in range(1, 6):
        SandboxPost.objects.create(channel=channel, idempotency_key=str(key), text="more")
    with CaptureQueriesContext(connection) as many:
        as_alice.get(url)
    assert len(many) == len(few)
