import pytest

from content_studio.factories import make_approved
from publishing.factories import ChannelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(acme):
    acme.timezone = "Europe/Berlin"
    acme.save()
    return ChannelFactory(organization=acme)


def test_the_api_has_slots_next_free_fill_and_shuffle(api_of, acme, bob, adam, channel, globex, charlie):
    api = api_of(adam)
    made = api.post("/api/v1/slots/", {"channel": str(channel.pk), "weekday": 1, "time": "09:30"})
    assert made.status_code == 201 and made.json()["time"] == "09:30" and made.json()["timezone"] == "Europe/Berlin"
    slot = f"/api/v1/slots/{made.json()['id']}/"
    assert api.patch(slot, {"weekday": 2}).json()["weekday"] == 2
    free = api.get("/api/v1/slots/next-free/", {"channel": str(channel.pk)}).json()
    assert free["local_time"].endswith("T09:30:00") and free["timezone"] == "Europe/Berlin"
    post = make_approved(acme, user=bob, approver=adam, channels=[channel])
    (placed,) = api.post("/api/v1/slots/fill/", {"channel": str(channel.pk)}).json()
    assert placed["post"] == str(post.uuid) and placed["slot"]["at"] == free["at"]
    assert len(api.post("/api/v1/slots/shuffle/", {"channel": str(channel.pk)}).json()) == 1
    assert api.patch("/api/v1/slots/queue/", {"channel": str(channel.pk), "paused": True}).json()["paused"]
    assert api.get("/api/v1/slots/next-free/", {"channel": str(channel.pk)}).status_code == 409
    assert api.patch("/api/v1/slots/queue/", {"channel": str(channel.pk), "pause": True}).status_code == 400
    member = api_of(bob)
    assert member.delete(slot).status_code == 403
    assert len(member.get("/api/v1/slots/").json()) == 1
    outsider = api_of(charlie)
    assert outsider.delete(slot).status_code == 404
    assert outsider.post("/api/v1/slots/fill/", {"channel": str(channel.pk)}).status_code == 404
    assert outsider.get("/api/v1/slots/").json() == []
    assert api.delete(slot).status_code == 204
