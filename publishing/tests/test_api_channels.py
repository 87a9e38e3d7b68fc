"""Channels in the API: connected, renamed and taken off as in the studio, and what tools are told of it."""

from urllib.parse import urlsplit

import pytest

from organizations import keys
from organizations.models import KeptAnswer
from publishing.connecting import connect_mastodon
from publishing.delivering import deliver_due
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Channel
from publishing.tests.loopback import REPLIES, Loopback
from webhooks import announcing, endpoints
from webhooks.events import CHOOSABLE
from webhooks.models import Event

pytestmark = pytest.mark.django_db
CHANNELS = "/api/v1/channels/"
SESSION = "POST /xrpc/com.atproto.server.createSession"
ACCOUNT = "GET /api/v1/accounts/verify_credentials"
# A session whose own server is no address.
ELSEWHERE = (
    b'{"did": "did:plc:1", "handle": "acme", "accessJwt": "a", "refreshJwt": "r",'
    b' "didDoc": {"service": [{"id": "#atproto_pds", "serviceEndpoint": {"url": "https://pds.example"}}]}}'
)


@pytest.fixture
def server():
    server = Loopback({"GET /api/v2/instance": (200, "mastodon/instance.json")})
    server.routes[ACCOUNT] = (200, "mastodon/account.json")
    session = (REPLIES / "bluesky/session.json").read_text().replace('"PDS"', f'"{server.url}"')
    server.routes[SESSION] = (200, session.encode())
    yield server
    server.close()


@pytest.fixture
def told(acme, adam):
    """`told()` lists what a webhook that hears everything was told since it was last called."""
    announcing._heard.clear()
    every = [value for value, _label in CHOOSABLE]
    endpoints.create_endpoint(acme, url="https://example.com/hook", event_types=every, user=adam)
    known = set()

    def news():
        found = [event for event in Event.objects.order_by("occurred_at", "pk") if event.pk not in known]
        known.update(event.pk for event in found)
        return [event.type for event in found]

    return news


@pytest.fixture
def api(api_of, adam):
    return api_of(adam)


@pytest.fixture
def channel(acme):
    return ChannelFactory(organization=acme, name="Acme on Mastodon")


class TestConnecting:
    def test_with_an_app_password_or_a_token_which_is_never_to_be_had_again(self, api, server, told):
        secrets = {"app_password": "abcd-efgh-ijkl", "access_token": "mastodons-t0ken"}
        bluesky = api.post(
            f"{CHANNELS}connect/bluesky/",
            {"handle": "acme.bsky.social", "app_password": secrets["app_password"], "server": server.url},
            headers={"Idempotency-Key": "1"},
        )
        mastodon = api.post(
            f"{CHANNELS}connect/mastodon/", {"server": server.url, "access_token": secrets["access_token"]}
        )

        assert (bluesky.status_code, mastodon.status_code) == (201, 201), (bluesky.content, mastodon.content)
        assert (bluesky.json()["network"], bluesky.json()["handle"]) == ("bluesky", "@acme.bsky.social")
        assert mastodon.json()["limits"]["max_characters"] == 5000
        assert server.record[0].json["password"] == secrets["app_password"]
        said = bluesky.content + mastodon.content + api.get(CHANNELS).content
        said += str(list(Event.objects.values())).encode() + str(list(KeptAnswer.objects.values())).encode()
        assert not [name for name, secret in secrets.items() if secret.encode() in said]
        assert told() == ["channel.connected", "channel.connected"]

    def test_the_same_account_again_is_the_same_channel_and_keeps_the_name_that_people_gave_it(self, api, server, told):
        said = {"server": server.url, "access_token": "abc"}
        first = api.post(f"{CHANNELS}connect/mastodon/", said).json()
        api.patch(f"{CHANNELS}{first['id']}/", {"name": "Acme in Spain"})
        again = api.post(f"{CHANNELS}connect/mastodon/", {**said, "access_token": "new"}).json()

        assert (again["id"], again["name"]) == (first["id"], "Acme in Spain")
        assert Channel.objects.get().credentials == {"access_token": "new"}
        assert told() == ["channel.connected", "channel.renamed", "channel.connected"]

    @pytest.mark.parametrize(
        ("way", "said"),
        [
            ("mastodon", {"server": "SERVER", "access_token": "wrong"}),
            ("bluesky", {"handle": "acme", "app_password": "no", "server": "SERVER"}),
        ],
    )
    def test_what_the_network_does_not_accept_is_explained_without_the_secret(self, api, server, way, said):
        server.routes |= {ACCOUNT: (401, "mastodon/token_invalid.json"), SESSION: (401, "bluesky/wrong_password.json")}
        answer = api.post(
            f"{CHANNELS}connect/{way}/", {name: value.replace("SERVER", server.url) for name, value in said.items()}
        )
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/connection-failed")
        assert "did not accept this" in answer.json()["detail"] and "wrong" not in answer.json()["detail"]
        assert not Channel.objects.exists()

    @pytest.mark.parametrize("entered", ["a..b", "x" * 200, "[", "http://[::1", "//", "mas todon.social", "a:99999"])
    def test_what_is_no_servers_address_is_refused_in_words(self, api, entered):
        answer = api.post(f"{CHANNELS}connect/mastodon/", {"server": entered, "access_token": "abc"})
        assert answer.status_code == 422, answer.content
        assert answer.json()["type"].endswith("/connection-failed")

    @pytest.mark.parametrize("answer", [b"[]", b'{"id": "1"}', b"<html>", b'{"did": 5}', ELSEWHERE])
    def test_a_server_that_speaks_otherwise_is_refused_in_words(self, api, server, answer):
        server.routes |= {ACCOUNT: (200, answer), SESSION: (200, answer)}
        for way, said in (
            ("mastodon", {"server": server.url, "access_token": "abc"}),
            ("bluesky", {"handle": "acme", "app_password": "abcd", "server": server.url}),
        ):
            refused = api.post(f"{CHANNELS}connect/{way}/", said)
            assert refused.status_code == 422, (way, refused.content)

    def test_a_token_that_no_header_could_carry_is_refused_before_anybody_is_called(self, api, server):
        said = {"server": server.url, "access_token": "abc\nX-Other: 1"}
        assert api.post(f"{CHANNELS}connect/mastodon/", said).status_code == 422
        assert server.record == []

    def test_a_plan_without_room_says_so(self, api, acme, server):
        ChannelFactory.create_batch(6, organization=acme)
        answer = api.post(f"{CHANNELS}connect/sandbox/", {"network": "x", "name": "One more"})
        assert answer.json()["type"].endswith("/limit-reached"), answer.content
        assert Channel.objects.count() == 6

    def test_the_ways_say_what_this_installation_is_set_up_for(self, api, settings):
        settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "client", "client-secret"
        settings.INSTAGRAM_APP_ID = settings.INSTAGRAM_APP_SECRET = ""
        answer = api.get(f"{CHANNELS}connect/")
        ways = {each["key"]: each for each in answer.json()}
        assert (ways["x"]["available"], ways["x"]["by_person"], ways["x"]["network"]) == (True, True, "x")
        assert (ways["instagram"]["available"], ways["sandbox"]["network"]) == (False, None)
        assert b"client-secret" not in answer.content
        refused = api.post(f"{CHANNELS}connect/by-person/", {"way": "instagram"})
        assert refused.status_code == 409 and "INSTAGRAM_APP_ID" in refused.json()["detail"]


class TestByAPerson:
    @pytest.fixture(autouse=True)
    def set_up(self, settings):
        settings.X_CLIENT_ID, settings.X_CLIENT_SECRET = "client", "client-secret"

    def opened(self, client, url):
        parts = urlsplit(url)
        return client.get(f"{parts.path}?{parts.query}")

    def test_whoever_may_connect_is_led_on_to_the_network_for_the_organization_that_asked(
        self, api, client, acme, adam, globex
    ):
        from organizations.factories import MembershipFactory

        first = MembershipFactory(organization=globex, user=adam, role="viewer")
        type(first).objects.filter(pk=first.pk).update(created_at="2020-01-01T00:00Z")  # where Adam's studio opens
        client.force_login(adam)
        answer = api.post(f"{CHANNELS}connect/by-person/", {"way": "x", "organization_id": str(acme.pk)})
        assert answer.status_code == 200, answer.content
        there = self.opened(client, answer.json()["url"])
        there = self.opened(client, there.url)  # the studio has changed to Acme
        assert there.url.startswith("https://x.com/") and "client_id=client" in there.url
        assert client.session["connecting"]["organization"] == str(acme.pk)

    def test_nobody_else_gets_anywhere_by_the_address(self, api, client, bob, charlie, globex):
        url = api.post(f"{CHANNELS}connect/by-person/", {"way": "x"}).json()["url"]
        assert "/accounts/login/" in self.opened(client, url).url
        for person, status in ((bob, 302), (charlie, 404)):
            client.force_login(person)
            answer = self.opened(client, url)
            assert answer.status_code == status
            assert "x.com" not in answer.get("Location", "")

    def test_a_channel_is_connected_again_by_its_own_way(self, api, acme, globex, channel):
        mine = Channel.objects.create(organization=acme, network="x", name="Acme", remote_id="1")
        theirs = Channel.objects.create(organization=globex, network="x", name="Globex", remote_id="1")
        answer = api.post(f"{CHANNELS}connect/by-person/", {"channel": str(mine.pk)}).json()
        assert answer["way"] == "x" and answer["url"].endswith(f"?channel={mine.pk}")
        for said, code in (
            ({"channel": str(theirs.pk)}, "does_not_exist"),
            ({"channel": str(channel.pk)}, "not_by_person"),
            ({"channel": str(mine.pk), "way": "linkedin"}, "another_way"),
            ({}, "required"),
        ):
            refused = api.post(f"{CHANNELS}connect/by-person/", said)
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, code)


class TestOneChannel:
    def test_its_whole_life_is_told(self, api, acme, alice, server, told):
        path = f"{CHANNELS}{connect_mastodon(acme, server=server.url, access_token='abc', user=alice).pk}/"
        assert api.patch(path, {"name": "Acme"}).json()["name"] == "Acme"
        assert api.patch(path, {"name": "Acme"}).status_code == 200
        assert api.post(f"{path}suspend/", {"reason": "Holidays"}).json()["state_reason"] == "Holidays"
        assert api.post(f"{path}resume/").json()["state"] == "connected"
        gone = api.post(f"{path}disconnect/").json()
        assert (gone["state"], gone["revoked"]) == ("disconnected", False)
        assert Channel.objects.get().credentials == {}
        assert told() == [
            "channel.connected",
            "channel.renamed",
            "channel.suspended",
            "channel.resumed",
            "channel.disconnected",
        ]
        renamed = Event.objects.get(type="channel.renamed").data
        assert (renamed["before"], renamed["channel"]["name"], renamed["actor"]["name"]) == ("Acme Ltd", "Acme", "Adam")

    def test_it_is_not_disconnected_while_posts_wait(self, api, channel):
        DeliveryFactory(channel=channel)
        answer = api.post(f"{CHANNELS}{channel.pk}/disconnect/")
        assert answer.status_code == 409 and "1 posts still wait" in answer.json()["detail"]

    def test_the_switch_of_the_whole_organization_is_told(self, api, channel, told):
        api.post("/api/v1/publishing/suspend/", {"reason": "Storm"})
        api.post("/api/v1/publishing/resume/")
        assert told() == ["publishing.suspended", "publishing.resumed"]

    def test_the_sandbox_misbehaves_as_told_and_shows_what_went_out(self, api, channel):
        path = f"{CHANNELS}{channel.pk}/"
        answer = api.post(f"{path}behaviour/", {"behaviour": "refuses", "times": 1})
        assert answer.json() == api.get(f"{path}behaviour/").json() == {"behaviour": "refuses", "times": 1}
        for text in ("Refused", "Taken"):
            DeliveryFactory(channel=channel, text=text)
            deliver_due()
        (out,) = api.get(f"{path}timeline/").json()["results"]
        assert (out["text"], out["media"], out["in_reply_to"]) == ("Taken", [], None)
        real = Channel.objects.create(organization=channel.organization, network="x", name="Acme", remote_id="1")
        assert api.post(f"{CHANNELS}{real.pk}/behaviour/", {"behaviour": "slow"}).status_code == 409
        assert api.get(f"{CHANNELS}{real.pk}/timeline/").json()["results"] == []

    @pytest.mark.parametrize("by", ["API", "studio"])
    def test_a_sandbox_that_wanted_to_be_connected_again_is(self, api, client, adam, channel, told, by):
        api.post(f"{CHANNELS}{channel.pk}/behaviour/", {"behaviour": "reconnect", "times": 1})
        waiting = DeliveryFactory(channel=channel)
        deliver_due()
        channel.refresh_from_db()
        assert channel.state == Channel.State.RECONNECT
        client.force_login(adam)
        if by == "API":
            assert api.post(f"{CHANNELS}{channel.pk}/reconnect/").json()["state"] == "connected"
        else:
            page = client.get(f"/admin/channels/{channel.pk}/").content.decode()
            assert f"/admin/channels/{channel.pk}/reconnect/" in page
            client.post(f"/admin/channels/{channel.pk}/reconnect/")
        assert api.post(f"/api/v1/deliveries/{waiting.pk}/retry/").json()["state"] == "retrying"
        assert deliver_due() == 1
        assert [each for each in told() if each.startswith("channel.")] == [
            "channel.needs_reconnect",
            "channel.connected",
        ]
        real = Channel.objects.create(organization=channel.organization, network="x", name="Acme", remote_id="1")
        assert api.post(f"{CHANNELS}{real.pk}/reconnect/").status_code == 409


def test_a_key_connects_only_with_the_scope_for_it(acme, adam, api_of):
    from rest_framework.test import APIClient

    said = {"network": "x", "name": "Training"}
    for scopes, status in ((["read", "write", "publish"], 403), (["channels"], 201)):
        _key, secret = keys.create_key(acme, name="CI", scopes=scopes, user=adam)
        tool = APIClient(headers={"authorization": f"Bearer {secret}"})
        assert tool.post(f"{CHANNELS}connect/sandbox/", said).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("patch", "", {"name": "Mine"}),
        ("post", "disconnect/", {}),
        ("post", "reconnect/", {}),
        ("post", "behaviour/", {"behaviour": "slow"}),
        ("get", "behaviour/", None),
        ("get", "timeline/", None),
        ("post", "test/", {"text": "Hello"}),
    ],
)
def test_an_outsider_finds_no_channel(charlie, globex, api_of, channel, method, path, said):
    assert getattr(api_of(charlie), method)(f"{CHANNELS}{channel.pk}/{path}", said).status_code == 404
    channel.refresh_from_db()
    assert (channel.name, channel.state, channel.options) == ("Acme on Mastodon", "connected", {})


@pytest.mark.parametrize(
    ("query", "names"),
    [("sandbox=maybe", {"sandbox"}), ("state=", {"state"}), ("network=x&sandbox=", {"sandbox"})],
)
def test_a_filter_that_says_nothing_is_refused(api, channel, query, names):
    answer = api.get(f"{CHANNELS}?{query}")
    assert answer.status_code == 400
    assert {each["field"] for each in answer.json()["errors"]} == names
