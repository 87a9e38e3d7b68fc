import pytest
from rest_framework.test import APIClient

from organizations.factories import PASSWORD
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Channel, Delivery, SandboxPost

pytestmark = pytest.mark.django_db
State = Delivery.State


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme, name="Acme on Mastodon", credentials={"access_token": "s3cret"})


def signed_in(person):
    client = APIClient()
    answer = client.post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD})
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    return client


@pytest.fixture
def api(alice, acme):
    return signed_in(alice)


def test_channels_are_listed_without_their_secrets(api, channel, globex):
    ChannelFactory(organization=globex)
    answer = api.get("/api/v1/channels/")
    assert [item["name"] for item in answer.json()["results"]] == ["Acme on Mastodon"]
    assert "s3cret" not in answer.content.decode()
    assert "credentials" not in answer.content.decode()


def test_a_delivery_shows_exactly_what_is_sent_and_every_attempt(api, channel):
    delivery = DeliveryFactory(channel=channel, text="Good morning")
    deliver_due()
    answer = api.get(f"/api/v1/deliveries/{delivery.pk}/").json()
    assert (answer["state"], answer["network"]) == ("published", "mastodon")
    assert answer["message"]["segments"][0]["text"] == "Good morning"
    assert answer["attempts"][0]["outcome"] == "published"
    assert answer["permalink"]


def test_deliveries_are_filtered(api, channel):
    failed = DeliveryFactory(channel=channel, state=State.FAILED)
    DeliveryFactory(channel=channel, state=State.PUBLISHED)
    found = api.get("/api/v1/deliveries/", {"state": "failed", "channel": str(channel.pk)}).json()["results"]
    assert [item["id"] for item in found] == [str(failed.pk)]


def test_a_failed_delivery_is_tried_again(api, channel):
    delivery = DeliveryFactory(channel=channel, state=State.FAILED, failure="It was down.")
    answer = api.post(f"/api/v1/deliveries/{delivery.pk}/retry/")
    assert (answer.status_code, answer.json()["state"]) == (200, "retrying")


def test_what_is_out_cannot_be_called_off(api, channel):
    delivery = DeliveryFactory(channel=channel, state=State.PUBLISHED)
    answer = api.post(f"/api/v1/deliveries/{delivery.pk}/cancel/")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/conflict")


def test_an_unknown_outcome_is_resolved(api, channel):
    delivery = DeliveryFactory(channel=channel, state=State.UNKNOWN, asks_person=True)
    answer = api.post(
        f"/api/v1/deliveries/{delivery.pk}/resolve/", {"sent": True, "permalink": "https://mastodon.example/1"}
    )
    assert answer.json()["state"] == "published"
    assert answer.json()["permalink"] == "https://mastodon.example/1"
    assert api.post(f"/api/v1/deliveries/{delivery.pk}/resolve/", {"sent": False}).status_code == 409


def test_an_unknown_outcome_is_looked_up_again_when_somebody_asks(api, channel):
    delivery = DeliveryFactory(channel=channel, state=State.UNKNOWN, asks_person=True, look_count=6, attempt_count=1)
    assert deliver_due() == 0
    answer = api.post(f"/api/v1/deliveries/{delivery.pk}/reconcile/")
    assert (answer.status_code, answer.json()["asks_person"]) == (200, False)
    deliver_due()
    shown = api.get(f"/api/v1/deliveries/{delivery.pk}/").json()
    assert shown["attempts"][0]["outcome"] == "not_found" and shown["state"] == "published"
    assert api.post(f"/api/v1/deliveries/{delivery.pk}/reconcile/").status_code == 409


def test_a_channel_is_suspended_and_resumed(api, channel):
    assert api.post(f"/api/v1/channels/{channel.pk}/suspend/").json()["state"] == "suspended"
    waiting = DeliveryFactory(channel=channel)
    assert api.post(f"/api/v1/channels/{channel.pk}/resume/", {"missed": "hold"}).json()["state"] == "connected"
    waiting.refresh_from_db()
    assert waiting.state == State.HELD


def test_the_kill_switch_stops_everything_and_the_policy_can_be_changed(api, channel):
    assert api.patch("/api/v1/publishing/policy/", {"missed": "send_late"}).json()["missed"] == "send_late"
    assert api.post("/api/v1/publishing/suspend/", {"reason": "Not today"}).json()["suspended"] is True
    DeliveryFactory(channel=channel)
    assert deliver_due() == 0
    assert api.post("/api/v1/publishing/resume/", {"missed": "send"}).json()["suspended"] is False
    assert deliver_due() == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "channels/{channel}/"),
        ("post", "channels/{channel}/suspend/"),
        ("post", "channels/{channel}/resume/"),
        ("get", "deliveries/{delivery}/"),
        ("post", "deliveries/{delivery}/retry/"),
        ("post", "deliveries/{delivery}/cancel/"),
        ("post", "deliveries/{delivery}/resolve/"),
        ("post", "deliveries/{delivery}/reconcile/"),
    ],
)
def test_an_outsider_finds_nothing(charlie, globex, channel, method, path):
    delivery = DeliveryFactory(channel=channel, state=State.FAILED)
    url = "/api/v1/" + path.format(channel=channel.pk, delivery=delivery.pk)
    assert getattr(signed_in(charlie), method)(url).status_code == 404
    channel.refresh_from_db()
    delivery.refresh_from_db()
    assert (channel.state, delivery.state) == (Channel.State.CONNECTED, State.FAILED)


def test_a_viewer_may_look_but_not_act(vera, channel):
    api = signed_in(vera)
    delivery = DeliveryFactory(channel=channel, state=State.FAILED)
    assert api.get("/api/v1/deliveries/").status_code == 200
    for path in (f"deliveries/{delivery.pk}/retry/", f"channels/{channel.pk}/suspend/", "publishing/suspend/"):
        assert api.post(f"/api/v1/{path}").status_code == 403


@pytest.mark.parametrize("path", ["channels", "deliveries"])
def test_lists_take_a_fixed_number_of_queries(api, acme, channel, path):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    DeliveryFactory(channel=channel)
    api.get(f"/api/v1/{path}/")
    with CaptureQueriesContext(connection) as few:
        api.get(f"/api/v1/{path}/")
    for _more in range(4):
        DeliveryFactory(channel=ChannelFactory(organization=acme))
    with CaptureQueriesContext(connection) as many:
        api.get(f"/api/v1/{path}/")
    assert len(many) == len(few)


def test_a_dry_run_shows_the_requests_and_sends_none(api, channel, globex):
    delivery = DeliveryFactory(channel=channel, text="Good morning")
    (shown,) = api.get(f"/api/v1/deliveries/{delivery.pk}/dry-run/").json()["requests"]
    assert (shown["method"], shown["sent"]["status"]) == ("POST", "Good morning")
    assert shown["headers"]["Idempotency-Key"] == f"{delivery.pk}-0"
    answer = api.post(f"/api/v1/channels/{channel.pk}/dry-run/", {"text": "Once"}).json()
    assert (answer["channel"], answer["requests"][0]["sent"]["status"]) == (str(channel.pk), "Once")
    assert "s3cret" not in str(answer)
    assert SandboxPost.objects.count() == 0
    theirs = DeliveryFactory(channel=ChannelFactory(organization=globex))
    assert api.get(f"/api/v1/deliveries/{theirs.pk}/dry-run/").status_code == 404
    assert api.post(f"/api/v1/channels/{theirs.channel_id}/dry-run/", {"text": "x"}).status_code == 404
    assert api.post(f"/api/v1/channels/{theirs.channel_id}/test/", {"text": "x"}).status_code == 404


def test_a_test_post_is_sent_by_those_who_may_publish(api, channel, vera):
    assert signed_in(vera).post(f"/api/v1/channels/{channel.pk}/test/", {"text": "x"}).status_code == 403
    answer = api.post(f"/api/v1/channels/{channel.pk}/test/", {"text": "Is this on?"}).json()
    assert answer["remote_id"] == str(SandboxPost.objects.get().pk)
