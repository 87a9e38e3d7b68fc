"""First comments: sent under the post, tried again by themselves, never at the cost of sending the post again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from organizations.problems import Conflict
from publishing import scheduling
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.messages import Message, Segment
from publishing.models import Channel, Delivery, SandboxPost
from publishing.tests.loopback import Loopback

pytestmark = pytest.mark.django_db
State = Delivery.State
STATUSES = "POST /api/v1/statuses"
SAID = Message(segments=(Segment(text="Good morning"),), first_comment="Read on")
POST, REPLY = (200, "mastodon/status.json"), (200, "mastodon/reply.json")


@pytest.fixture
def server():
    server = Loopback({STATUSES: [POST, REPLY]})
    yield server
    server.close()


@pytest.fixture
def delivery(acme, server):
    channel = ChannelFactory(
        organization=acme, sandbox=False, base_url=server.url, remote_id="1", credentials={"access_token": "t"}
    )
    return DeliveryFactory(channel=channel, said=SAID)


def deliver(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt_at=timezone.now())
    Channel.objects.update(paused_until=None)
    deliver_due()
    delivery.refresh_from_db()


def said(server):
    return [call.form["status"] for call in server.calls("POST", "/api/v1/statuses")]


def test_the_first_comment_is_an_answer_to_the_post(delivery, server):
    deliver(delivery)
    assert delivery.state == State.PUBLISHED
    assert said(server) == ["Good morning", "Read on"]
    assert server.record[1].form["in_reply_to_id"] == delivery.remote_id == "113000000000000001"
    assert [each["kind"] for each in delivery.progress] == ["segment", "comment"]


def test_a_comment_is_tried_again_without_sending_the_post_again(delivery, server):
    server.routes[STATUSES] = [POST, (503, {"error": "Down"}), REPLY]
    deliver(delivery)
    assert (delivery.state, delivery.failure_kind) == (State.RETRYING, "comment")
    assert "The post is out, its first comment is not" in delivery.failure
    out_at, remote_id = delivery.published_at, delivery.remote_id
    deliver(delivery)
    assert (delivery.state, delivery.failure) == (State.PUBLISHED, "")
    assert (delivery.published_at, delivery.remote_id) == (out_at, remote_id)
    assert said(server) == ["Good morning", "Read on", "Read on"]


def test_a_refused_comment_leaves_the_post_published_and_is_told_to_people(delivery, server, mailoutbox):
    server.routes[STATUSES] = [POST, (422, "mastodon/too_long.json")]
    deliver(delivery)
    assert (delivery.state, delivery.failure_kind) == (State.PUBLISHED, "comment")
    assert "character limit of 500" in delivery.failure
    assert mailoutbox[0].subject.startswith("Published without its first comment")


def test_a_comment_that_nobody_confirmed_is_looked_for_before_it_is_sent_again(delivery, server):
    server.routes[STATUSES] = [POST, Loopback.SILENCE, REPLY]
    own = {"id": "7", "created_at": timezone.now().isoformat(), "in_reply_to_id": delivery.remote_id, "url": "u"}
    deliver(delivery)
    assert delivery.state == State.UNKNOWN
    mine = {**own, "in_reply_to_id": delivery.remote_id, "content": "<p>Read on</p>"}
    server.routes["GET /api/v1/accounts/1/statuses"] = [(200, [mine]), (200, [])]
    deliver(delivery)
    assert delivery.state == State.PUBLISHED
    assert delivery.progress[1]["remote_id"] == "7"
    assert said(server) == ["Good morning", "Read on"]


def test_a_comment_that_is_not_there_is_sent_after_all(delivery, server):
    server.routes[STATUSES] = [POST, Loopback.SILENCE, REPLY]
    server.routes["GET /api/v1/accounts/1/statuses"] = (200, [])
    deliver(delivery)
    deliver(delivery)
    assert delivery.state == State.PUBLISHED
    assert said(server) == ["Good morning", "Read on", "Read on"]


def test_a_comment_that_was_given_up_is_tried_again_when_a_person_says_so(delivery, server):
    server.routes[STATUSES] = [POST, (422, "mastodon/too_long.json"), REPLY]
    deliver(delivery)
    scheduling.retry_delivery(delivery, user=None)
    assert delivery.state == State.RETRYING
    deliver(delivery)
    assert (delivery.state, delivery.failure, delivery.failure_kind) == (State.PUBLISHED, "", "")
    assert said(server) == ["Good morning", "Read on", "Read on"]
    with pytest.raises(Conflict, match="cannot be tried again"):
        scheduling.retry_delivery(delivery, user=None)


def test_a_comment_of_which_nobody_knows_is_looked_for_before_it_is_tried_again(delivery, server):
    server.routes[STATUSES] = [POST, Loopback.SILENCE, REPLY]
    server.routes["GET /api/v1/accounts/1/statuses"] = (403, {"error": "This action is not allowed"})
    deliver(delivery)
    deliver(delivery)
    assert delivery.lacks_comment and "Whether its first comment is, is not known" in delivery.failure
    server.routes["GET /api/v1/accounts/1/statuses"] = (200, [])
    scheduling.retry_delivery(delivery, user=None)
    assert delivery.state == State.UNKNOWN
    for _look_then_send in range(2):
        deliver(delivery)
    assert (delivery.state, delivery.failure) == (State.PUBLISHED, "")
    assert said(server) == ["Good morning", "Read on", "Read on"]


def test_what_is_out_is_not_called_off_while_its_comment_waits(delivery, server):
    server.routes[STATUSES] = [POST, (503, {"error": "Down"})]
    deliver(delivery)
    with pytest.raises(Conflict, match="out already"):
        scheduling.cancel_delivery(delivery, user=None)
    assert scheduling.cancel_deliveries(post_id=delivery.post_id) == 0


def test_the_sandbox_comments_as_each_network_does(acme):
    for network in ("linkedin", "x"):
        channel = ChannelFactory(organization=acme, network=network)
        DeliveryFactory(channel=channel, said=SAID, due_at=timezone.now() - timedelta(seconds=1))
    deliver_due()
    comments = SandboxPost.objects.filter(is_comment=True)
    assert [comment.in_reply_to.text for comment in comments] == ["Good morning", "Good morning"]
