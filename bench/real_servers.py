"""Sends what the adapters send to servers that nobody here wrote, and looks at what became of it. By hand.

Needs no database, and ends with 1 where something failed.

Bluesky: a real PDS with a directory of identities, both from npm (Node 20), started in a directory of their own:

    mkdir /tmp/pds && cd /tmp/pds && npm init -y && npm install @atproto/pds @did-plc/server
    node …/bench/bluesky.mjs
    bench/real_servers --bluesky http://localhost:2583

Mastodon's API: any server on which you have an account, with an access token that may read and write. Last tried
with Takahē on loopback: TAKAHE_MEDIA_URL has to be a whole address, and an administrator needs an identity.

    bench/real_servers --mastodon http://localhost:8059 TOKEN

X: a mock that holds every request against X's own OpenAPI description, https://api.x.com/2/openapi.json:

    mkdir /tmp/prism && cd /tmp/prism && npm init -y && npm install @stoplight/prism-cli
    node_modules/.bin/prism mock -d --errors --json-schema-faker-fillProperties=false -p 4011 openapi.json
    bench/real_servers --x http://127.0.0.1:4011
"""

import argparse
import io
import json
import os
import re
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.dev"
os.environ["PUBLISHING_ALLOW_PRIVATE_ADDRESSES"] = "true"
os.environ["MEDIA_ROOT"] = tempfile.mkdtemp(prefix="real-servers-")

import django

TEXT = "Grüße 👩‍👩‍👧 an alle: https://example.org/ä?b=1 #Düsseldorf"
failures = 0


def say(what: str, ok: bool, more: object = "") -> None:
    global failures
    failures += not ok
    print(f"  {'ok  ' if ok else 'FAIL'}  {what}{f': {more}' if more != '' else ''}", flush=True)


def picture(name: str, colour: str, alt: str):
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from PIL import Image

    from publishing.messages import Media

    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "PNG")
    path = default_storage.save(name, ContentFile(file.getvalue()))
    return Media(kind="image", path=path, mime_type="image/png", title=name, alt=alt, width=64, height=48)


def read(url: str, token: str = "") -> dict:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def message(text: str = TEXT, **more):
    from publishing.messages import Message, Segment

    media = (picture("red.png", "red", "A red field"), picture("blue.png", "blue", "A blue field"))
    segments = (Segment(text=text, media=media), Segment(text="and a second thing"))
    return Message(segments=segments, first_comment="Read on", language="de", **more)


def publish(channel, said, key: str):
    from publishing.adapters import adapter_for

    adapter = adapter_for(channel)
    published = adapter.publish(said, idempotency_key=key)
    return published, adapter.comment(said, published, idempotency_key=key)


def bluesky(server: str) -> None:
    from uuid_utils.compat import uuid7

    from publishing.adapters import adapter_for, bluesky
    from publishing.adapters.wire import Wire
    from publishing.errors import ReconnectNeeded
    from publishing.messages import Link, Message, Segment
    from publishing.models import Channel

    print(f"Bluesky, the server at {server}")
    name = f"u{int(time.time())}"
    account = {"handle": f"{name}.test", "email": f"{name}@example.org", "password": "an app password"}
    wire = Wire(name="Bluesky")
    made = bluesky.xrpc(wire, server, "POST", "com.atproto.server.createAccount", data=account)
    say("an account is made", made.ok, made.json().get("message", made.json().get("did")))
    said = bluesky.create_session(wire, server, identifier=account["handle"], password=account["password"]).json()
    channel = Channel(
        network="bluesky",
        base_url=server,
        remote_id=said["did"],
        handle=f"@{said['handle']}",
        credentials={"access_jwt": said["accessJwt"], "refresh_jwt": said["refreshJwt"]},
    )
    key = str(uuid7())
    began = django.utils.timezone.now()
    text = f"{TEXT} @{account['handle']}"
    published, comment = publish(channel, message(text), key)
    publish(channel, message(text), key)  # as after a crash
    listed = f"{server}/xrpc/com.atproto.repo.listRecords?repo={said['did']}&collection=app.bsky.feed.post"
    records = {each["uri"]: each["value"] for each in read(listed)["records"]}
    say("sending a thread with its comment twice gives each record once", len(records) == 3, len(records))
    first = records[published.remote_id]
    covered = {
        text.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(): facet["features"][0]
        for facet in first["facets"]
    }
    wanted = {"https://example.org/ä?b=1", "#Düsseldorf", f"@{account['handle']}"}
    say("facets cover link, tag and mention", set(covered) == wanted, sorted(covered))
    say("the mention has the real identity", covered[f"@{account['handle']}"].get("did") == said["did"])
    alts = [each["alt"] for each in first["embed"]["images"]]
    say("pictures have their alternative text", alts == ["A red field", "A blue field"], alts)
    cid = first["embed"]["images"][0]["image"]["ref"]["$link"]
    blob = f"{server}/xrpc/com.atproto.sync.getBlob?did={said['did']}&cid={cid}"
    with urllib.request.urlopen(blob) as reply:
        say("the picture itself can be fetched", reply.read(4) == b"\x89PNG")
    second = records[published.segments[1].remote_id]["reply"]
    say("the second segment answers the first", second["parent"]["uri"] == second["root"]["uri"] == published.remote_id)
    say("the comment answers the last", records[comment.remote_id]["reply"]["root"]["uri"] == published.remote_id)
    found = adapter_for(channel).find(message(text), idempotency_key=key, since=began)
    say("what is out is found", found is not None and found.remote_id == published.remote_id)
    say(
        "what is not is not",
        adapter_for(channel).find(message(text), idempotency_key=str(uuid7()), since=began) is None,
    )
    card = Link(url="https://example.org/a", title="A title", description="More", image=picture("c.png", "green", ""))
    linked, key = Message(segments=(Segment(text="Read", link=card),)), str(uuid7())
    out = adapter_for(channel).publish(linked, idempotency_key=key)
    records = {each["uri"]: each["value"] for each in read(listed)["records"]}
    say("a link has its card", records[out.remote_id]["embed"]["external"]["title"] == "A title")
    try:
        bluesky.create_session(wire, server, identifier=account["handle"], password="wrong")
        say("a wrong password is refused", False)
    except ReconnectNeeded as err:
        say("a wrong password is refused", True, err.message)


def mastodon(server: str, token: str) -> None:
    from publishing.adapters import adapter_for, mastodon
    from publishing.adapters.wire import Wire
    from publishing.errors import ReconnectNeeded, Rejected
    from publishing.messages import Message, Segment
    from publishing.models import Channel

    print(f"Mastodon's API, the server at {server}")
    api = mastodon.client(Wire(name="Mastodon"), base_url=server, access_token=token)
    account = mastodon.ask(api.account_verify_credentials)
    say("the account is read", bool(account["id"]), account["acct"])
    limits = mastodon.read_limits(Wire(name="Mastodon"), base_url=server, access_token=token)
    say("its limits are read", bool(limits.get("max_characters")), limits.get("max_characters"))
    channel = Channel(
        network="mastodon",
        base_url=server,
        remote_id=str(account["id"]),
        credentials={"access_token": token},
        limits=limits,
    )
    began = django.utils.timezone.now()
    key = f"key-{time.time()}"
    said = message(f"{TEXT} {key[-6:]}")
    published, comment = publish(channel, said, key)
    posted = read(f"{server}/api/v1/statuses/{published.remote_id}", token)
    say("the post appears with its text", "Düsseldorf" in posted["content"], posted["content"][:60])
    alts = [each["description"] for each in posted["media_attachments"]]
    say("pictures have their alternative text", alts == ["A red field", "A blue field"], alts)
    second = read(f"{server}/api/v1/statuses/{published.segments[1].remote_id}", token)
    say("the second segment answers the first", str(second["in_reply_to_id"]) == published.remote_id)
    third = read(f"{server}/api/v1/statuses/{comment.remote_id}", token)
    say("the comment answers the last", str(third["in_reply_to_id"]) == published.segments[1].remote_id)
    found = adapter_for(channel).find(said, idempotency_key=key, since=began)
    say(
        "what is out is found, so that it is not sent again",
        found is not None and found.remote_id == published.remote_id,
    )
    other = Message(segments=(Segment(text="never sent"),))
    say("what is not is not", adapter_for(channel).find(other, idempotency_key="k", since=began) is None)
    test = Message(segments=(Segment(text="Only for me"),), options=adapter_for(channel).only_for_oneself or {})
    alone = adapter_for(channel).publish(test, idempotency_key=f"{key}-test")
    shown = read(f"{server}/api/v1/statuses/{alone.remote_id}", token)
    say("a test post is for nobody else", shown["visibility"] == "direct", shown["visibility"])
    wrong = Channel(network="mastodon", base_url=server, remote_id="1", credentials={"access_token": "wrong"})
    try:
        adapter_for(wrong).publish(other, idempotency_key="k")
        say("a wrong token is refused", False)
    except (ReconnectNeeded, Rejected) as err:  # not every server says 401
        say(f"a wrong token is refused ({type(err).__name__})", True, err.message)


def x(server: str) -> None:
    from django.conf import settings

    from publishing import adapters
    from publishing.adapters.wire import Wire
    from publishing.messages import Message, Poll, Segment
    from publishing.models import Channel

    class Numbered(Wire):
        """The mock makes up words where X has numbers, and then refuses its own words."""

        def _call(self, method, url, *args, **kwargs):
            reply = super()._call(method, url, *args, **kwargs)
            body = re.sub(rb'("id": ?)"[^"0-9]+"', rb'\1"1880028106020515840"', reply.body)
            return replace(reply, body=body.replace(b'"processing_info"', b'"something_else"'))

    def adapter_for(channel):
        return adapters.ADAPTERS[channel.network](channel, wire=Numbered)

    print(f"X, a mock of its OpenAPI description at {server}")
    settings.X_API_BASE = server
    channel = Channel(network="x", remote_id="2244994945", handle="@acme", credentials={"access_token": "token"})
    began = django.utils.timezone.now() - timedelta(days=3650)
    clip = picture("clip.png", "red", "A wave")
    cases = {
        "a text": Message(segments=(Segment(text=TEXT),)),
        "a thread": Message(segments=(Segment(text="One"), Segment(text="Two"))),
        "a poll": Message(segments=(Segment(text="What?", poll=Poll(options=("Tea", "Coffee"), minutes=60)),)),
        "reply settings": Message(segments=(Segment(text="Hi"),), options={"reply_settings": "mentionedUsers"}),
        "a picture with alternative text": Message(segments=(Segment(text="Look", media=(clip,)),)),
    }
    for name, said in cases.items():
        _try(name, lambda said=said: adapter_for(channel).publish(said, idempotency_key="key"))
    hello = Message(segments=(Segment(text="Hi"),))
    _try(
        "looking for a post", lambda: adapter_for(channel).find(hello, idempotency_key="k", since=began) or "not there"
    )


def _try(name: str, call) -> None:
    try:
        call()
        say(f"{name} is accepted", True)
    except Exception as err:
        say(f"{name} is accepted", False, err)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bluesky", help="address of a PDS that lets one make accounts")
    parser.add_argument("--mastodon", nargs=2, metavar=("ADDRESS", "TOKEN"))
    parser.add_argument("--x", help="address of a mock of X's API")
    asked = parser.parse_args()
    django.setup()
    for check, given in ((bluesky, [asked.bluesky]), (mastodon, asked.mastodon or [None]), (x, [asked.x])):
        if given[0]:
            check(*given)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
