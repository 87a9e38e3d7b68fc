"""Webhooks are made, tried, read and replayed through the API and in the studio, by Admins alone."""

import pytest
from rest_framework.test import APIClient

from organizations import keys
from organizations.models import KeptAnswer
from webhooks.announcing import announce
from webhooks.delivering import deliver_due
from webhooks.models import Endpoint, Telling

pytestmark = pytest.mark.django_db

WEBHOOKS = "/api/v1/webhooks/"


def slug(answer):
    return answer.json()["type"].rsplit("/", 1)[1]


def test_a_webhook_is_made_tried_read_and_replayed(api_of, acme, adam, receiver):
    client = api_of(adam)
    said = {"url": f"{receiver.url}/hook", "event_types": ["post.published"], "description": "CI"}
    made = client.post(WEBHOOKS, said, headers={"Idempotency-Key": "one"})
    assert made.status_code == 201, made.content
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert client.post(WEBHOOKS, said, headers={"Idempotency-Key": "one"}).json()["secret"] is None
    assert secret not in str(KeptAnswer.objects.values())
    path = f"{WEBHOOKS}{made.json()['id']}/"
    assert "secret" not in client.get(path).json()

    tried = client.post(f"{path}test/")
    assert tried.status_code == 202
    deliver_due()
    (listed,) = client.get(f"{path}messages/?state=delivered").json()["results"]
    assert (listed["type"], listed["state"]) == ("webhook.test", "delivered")
    message = client.get(f"{path}messages/{listed['id']}/").json()
    assert message["payload"]["type"] == "webhook.test"
    assert message["attempts"][0]["status"] == 204
    assert client.post(f"{path}messages/{listed['id']}/replay/").status_code == 202
    deliver_due()
    assert {call.headers["webhook-id"] for call in receiver.record} == {listed["webhook_id"]}
    assert len(receiver.record) == 2


def test_changing_switching_rotating_and_deleting(api_of, acme, adam, endpoint):
    client, path = api_of(adam), f"{WEBHOOKS}{endpoint.pk}/"
    changed = client.patch(path, {"event_types": ["post.failed"], "enabled": False}).json()
    assert (changed["event_types"], changed["enabled"]) == (["post.failed"], False)
    assert "Adam" in changed["disabled_reason"]
    assert slug(client.post(f"{path}test/")) == "conflict"
    assert client.patch(path, {"enabled": True}).json()["enabled"] is True
    assert client.post(f"{path}rotate-secret/").json()["secret"] not in {None, endpoint.secret}
    assert client.post(f"{path}replay/", {"since": "2020-01-01T00:00:00Z"}).json() == {"replayed": 0}
    assert client.delete(path).status_code == 204
    actions = {entry["action"] for entry in client.get("/api/v1/audit-log/").json()["results"]}
    assert {"webhooks.change", "webhooks.rotate", "webhooks.delete"} <= actions


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "example.com", "event_types": ["post.failed"]}, "url"),
        ({"url": "https://example.com", "event_types": []}, "event_types"),
        ({"url": "https://example.com", "event_types": ["post.exploded"]}, "event_types.0"),
        ({"url": "https://example.com", "event_types": ["webhook.test"]}, "event_types.0"),
        ({"url": "https://example.com", "event_types": ["post.failed"], "secret": "mine"}, "secret"),
    ],
)
def test_what_makes_no_webhook_is_refused(api_of, adam, said, field):
    answer = api_of(adam).post(WEBHOOKS, said)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "url", ["http://example.com/hook", "https://me:secret@example.com/hook", "ftp://example.com/hook"]
)
def test_an_address_without_encryption_or_with_a_password_is_refused(api_of, adam, url, settings):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    answer = api_of(adam).post(WEBHOOKS, {"url": url, "event_types": ["post.failed"]})
    assert (answer.status_code, slug(answer)) == (422, "webhook-address-not-usable")


def test_only_admins_have_a_part_in_it(api_of, acme, globex, adam, bob, vera, charlie, endpoint):
    announce(acme.pk, "post.published")
    telling = Telling.objects.get()
    _key, secret = keys.create_key(acme, name="All", scopes=["read", "write", "publish"], user=adam)
    tool = APIClient()
    tool.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    for client in (api_of(bob), api_of(vera), tool):
        assert client.get(WEBHOOKS).status_code == 403
        assert client.post(WEBHOOKS, {}).status_code == 403
    path = f"{WEBHOOKS}{endpoint.pk}/"
    outsider = api_of(charlie)
    assert outsider.get(WEBHOOKS).json()["results"] == []
    for method, address in (
        ("get", path),
        ("patch", path),
        ("delete", path),
        ("post", f"{path}test/"),
        ("post", f"{path}rotate-secret/"),
        ("post", f"{path}replay/"),
        ("get", f"{path}messages/"),
        ("get", f"{path}messages/{telling.pk}/"),
        ("post", f"{path}messages/{telling.pk}/replay/"),
    ):
        assert getattr(outsider, method)(address, {}).status_code == 404, (method, address)
    assert Endpoint.objects.count() == 1


def test_the_studio_makes_shows_and_replays(client, acme, adam, receiver):
    client.force_login(adam)
    pages = "/admin/organization/webhooks/"
    empty = client.get(pages)
    assert "told of what happens here yet" in empty.content.decode()
    assert "post.published" in empty.context["form"]["event_types"].value()
    said = {"url": f"{receiver.url}/hook", "event_types": ["post.published"], "description": "CI"}
    made = client.post(pages, said)
    endpoint = Endpoint.objects.get()
    assert endpoint.secret in made.content.decode()
    assert endpoint.secret not in client.get(pages).content.decode()
    page = f"{pages}{endpoint.pk}/"
    assert "Send a test" in client.get(page).content.decode()
    client.post(f"{page}test/")
    receiver.routes["POST /hook"] = (500, b"out of order")
    deliver_due()
    assert "again at" in client.get(page).content.decode()
    telling = Telling.objects.get()
    message = client.get(f"{page}messages/{telling.pk}/").content.decode()
    assert "out of order" in message
    assert "webhook.test" in message
    receiver.routes["POST /hook"] = (200, b"")
    client.post(f"{page}replay/")
    deliver_due()
    assert "Delivered" in client.get(f"{page}?state=delivered").content.decode()
    assert endpoint.secret not in client.post(f"{page}rotate/").content.decode()
    client.post(f"{page}switch/")
    assert "Adam switched it off" in client.get(page).content.decode()
    client.post(f"{page}delete/")
    assert not Endpoint.objects.exists()


def test_the_studios_form_says_what_is_wrong(client, acme, adam, settings):
    settings.PUBLISHING_ALLOW_PRIVATE_ADDRESSES = False
    client.force_login(adam)
    html = client.post(
        "/admin/organization/webhooks/", {"url": "http://example.com", "event_types": ["post.failed"]}
    ).content.decode()
    assert "begins with https" in html
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("who", ["bob", "vera", "charlie"])
def test_the_studios_pages_are_for_admins(client, acme, globex, endpoint, who, request):
    client.force_login(request.getfixturevalue(who))
    answer = client.get(f"/admin/organization/webhooks/{endpoint.pk}/")
    assert answer.status_code == 404 if who == "charlie" else answer.status_code in {302, 403}
