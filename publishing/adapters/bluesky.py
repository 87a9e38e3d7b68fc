"""Bluesky, on the account's own server (PDS), by its XRPC calls.

Every post has a record key that follows from its delivery, so that sending
twice writes the same record: `putRecord` is idempotent for good.
"""

import hashlib
import re
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from publishing import tokens
from publishing.errors import ReconnectNeeded, Rejected, TryLater
from publishing.messages import Media, Message, Published, PublishedSegment, Segment

from .base import Adapter, nothing
from .uploads import Upload, opened
from .wire import Reply, Wire

COLLECTION = "app.bsky.feed.post"
DAY = 86_400_000  # milliseconds
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"

# Source of the patterns: docs.bsky.app, "Links, mentions, and rich text".
MENTION = re.compile(
    rb"(?:^|[\s(])(@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)"
)
LINK = re.compile(rb"(?:^|[\s(])(https?://[^\s<>\"]+)")
TAG = re.compile(r"(?:^|\s)([#＃](?!\ufe0f)[^\s#＃]*[^\d\s#＃.,;:!?'\"()\[\]{}…][^\s#＃]*)")
TRAILING = re.compile(r"[.,;:!?'\"()\[\]{}…]+$")


def xrpc(wire: Wire, server: str, method: str, name: str, *, token: str = "", **call) -> Reply:
    """One XRPC call, of a query (GET) or a procedure (POST)."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= call.pop("headers", {})
    return wire.request(method, f"{server}/xrpc/{name}", headers=headers, **call)


def record_key(key: str, index: int) -> str:
    """The record key, in the form of a TID, of one segment of the delivery `key`: always the same one.

    A TID is a moment in microseconds and a clock's number. The moment here is
    one of the day before the delivery was made, chosen by a hash: 2⁴⁶ keys a
    day, so that no two deliveries of one account ever share one.
    """
    digest = int.from_bytes(hashlib.sha256(f"{key}:{index}".encode()).digest())
    try:
        milliseconds = UUID(key).int >> 80  # the moment inside a UUID of version 7
    except ValueError:
        milliseconds = 0
    microseconds = (milliseconds // DAY - 1) % 30_000 * DAY * 1000 + digest % (DAY * 1000)
    number = microseconds << 10 | (digest >> 64) % 1024
    return "".join(SORTABLE[(number >> shift) & 31] for shift in range(60, -1, -5))


def facets_of(text: str, resolve) -> list[dict]:
    """Links, mentions and tags of `text` with their byte ranges. `resolve` turns a handle into a DID, or none."""
    raw = text.encode()
    found = []
    for match in LINK.finditer(raw):
        address = match.group(1).decode().rstrip(".,;:!?'\"")
        if address.endswith(")") and "(" not in address:
            address = address[:-1]
        found.append(_facet(match.start(1), address.encode(), {"$type": "link", "uri": address}))
    for match in MENTION.finditer(raw):
        if did := resolve(match.group(1)[1:].decode()):
            found.append(_facet(match.start(1), match.group(1), {"$type": "mention", "did": did}))
    for tagged in TAG.finditer(text):
        tag = TRAILING.sub("", tagged.group(1))
        if 1 < len(tag) <= 65:
            start = len(text[: tagged.start(1)].encode())
            found.append(_facet(start, tag.encode(), {"$type": "tag", "tag": tag[1:]}))
    return sorted(found, key=lambda facet: facet["index"]["byteStart"])


def _facet(start: int, covered: bytes, feature: dict) -> dict:
    feature["$type"] = f"app.bsky.richtext.facet#{feature['$type']}"
    return {"index": {"byteStart": start, "byteEnd": start + len(covered)}, "features": [feature]}


class BlueskyAdapter(Adapter):
    network = "bluesky"
    name = "Bluesky"
    commit_calls = re.compile(r"^POST \S+/xrpc/com\.atproto\.repo\.putRecord$")
    can_find = True
    idempotent = True
    find_after = 1.0

    rehearsal = {
        r"/xrpc/com\.atproto\.repo\.putRecord$": ({"uri": "uri-of-post-{n}", "cid": "cid-of-post-{n}"}, {}),
        r"/xrpc/com\.atproto\.repo\.uploadBlob$": ({"blob": {"$type": "blob", "ref": "ref-of-file-{n}"}}, {}),
        r"/xrpc/com\.atproto\.identity\.resolveHandle": ({"did": "did-of-the-mentioned-{n}"}, {}),
    }

    MEDIA_SECONDS = 60.0

    @property
    def did(self) -> str:
        return self.channel.remote_id

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            record = self._record(message, message.segments[index], done)
            rkey = record_key(idempotency_key, index)
            reply = self._call(
                "POST",
                "com.atproto.repo.putRecord",
                data={"repo": self.did, "collection": COLLECTION, "rkey": rkey, "validate": True, "record": record},
            )
            done.append(self._segment(reply.json(), rkey))
            on_progress(done[-1])
        return Published(segments=tuple(done))

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            rkey = record_key(idempotency_key, index)
            reply = self._call(
                "GET",
                f"com.atproto.repo.getRecord?repo={self.did}&collection={COLLECTION}&rkey={rkey}",
                missing=("RecordNotFound", "InvalidRequest"),
            )
            if not reply.ok:
                return None
            done.append(self._segment(reply.json(), rkey))
            on_progress(done[-1])
        return Published(segments=tuple(done))

    def _record(self, message: Message, segment: Segment, done: list[PublishedSegment]) -> dict:
        text = self.rules.text_of(segment)
        record: dict = {
            "$type": COLLECTION,
            "text": text,
            "createdAt": timezone.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "langs": [message.language],
        }
        if facets := facets_of(text, self._resolve):
            record["facets"] = facets
        if embed := self._embed(segment):
            record["embed"] = embed
        if done:
            record["reply"] = {"root": self._strong(done[0]), "parent": self._strong(done[-1])}
        return record

    def _embed(self, segment: Segment) -> dict | None:
        images = [media for media in segment.media if media.kind == "image"]
        videos = [media for media in segment.media if media.kind == "video"]
        if videos:
            return {
                "$type": "app.bsky.embed.video",
                "video": self._upload(videos[0]),
                "alt": videos[0].alt,
                **_aspect(videos[0]),
            }
        if images:
            return {
                "$type": "app.bsky.embed.images",
                "images": [{"alt": media.alt, "image": self._upload(media), **_aspect(media)} for media in images],
            }
        if segment.link:
            card: dict = {
                "uri": segment.link.url,
                "title": segment.link.title or segment.link.url,
                "description": segment.link.description,
            }
            if segment.link.image:
                card["thumb"] = self._upload(segment.link.image)
            return {"$type": "app.bsky.embed.external", "external": card}
        return None

    def _upload(self, media: Media) -> dict:
        with opened(media) as file:
            reply = self._call(
                "POST",
                "com.atproto.repo.uploadBlob",
                body=Upload(file, media=media),
                headers={"Content-Type": media.mime_type},
                timeout=self.MEDIA_SECONDS,
            )
        return reply.json()["blob"]

    def _resolve(self, handle: str) -> str | None:
        reply = self._call(
            "GET", f"com.atproto.identity.resolveHandle?handle={handle}", missing=("InvalidRequest", "HandleNotFound")
        )
        return reply.json().get("did") if reply.ok else None

    def _segment(self, said: dict, rkey: str) -> PublishedSegment:
        return PublishedSegment(
            remote_id=said["uri"],
            permalink=f"https://bsky.app/profile/{self.channel.handle.lstrip('@')}/post/{rkey}",
            extra={"cid": said["cid"]},
        )

    @staticmethod
    def _strong(segment: PublishedSegment) -> dict:
        return {"uri": segment.remote_id, "cid": segment.extra["cid"]}

    # Authorization

    def revoke(self):
        token = self.channel.credentials.get("refresh_jwt", "")
        if token:
            # Ends the session; the app password stays until it is deleted in the account's settings.
            xrpc(self.wire, self.channel.base_url, "POST", "com.atproto.server.deleteSession", token=token)
        return False

    def _call(self, method: str, name: str, *, missing: tuple = (), **call) -> Reply:
        """Calls with the stored token, renewed where it has run out. Errors named in `missing` are answers."""
        token = self.channel.credentials.get("access_jwt", "")
        reply = xrpc(self.wire, self.channel.base_url, method, name, token=token, **call) if token else None
        if reply is None or (not reply.ok and reply.json().get("error") in ("ExpiredToken", "InvalidToken")):
            token = tokens.renew(self.channel, stale=token, name="access_jwt", ask=self._renew)["access_jwt"]
            reply = xrpc(self.wire, self.channel.base_url, method, name, token=token, **call)
        if not reply.ok and reply.json().get("error") not in missing:
            raise explained(reply)
        return reply

    def _renew(self, stored: dict):
        reply = None
        if stored.get("refresh_jwt"):
            reply = xrpc(
                self.wire,
                self.channel.base_url,
                "POST",
                "com.atproto.server.refreshSession",
                token=stored["refresh_jwt"],
            )
        if reply is None or not reply.ok:
            reply = create_session(
                self.wire, self.channel.base_url, identifier=self.did, password=stored.get("app_password", "")
            )
        said = reply.json()
        return {"access_jwt": said["accessJwt"], "refresh_jwt": said["refreshJwt"]}, None


def create_session(wire: Wire, server: str, *, identifier: str, password: str) -> Reply:
    """Signs in with an app password. Raises ReconnectNeeded where it is not accepted."""
    reply = xrpc(
        wire,
        server,
        "POST",
        "com.atproto.server.createSession",
        data={"identifier": identifier, "password": password},
    )
    if not reply.ok:
        said = reply.json().get("message", reply.status)
        if reply.status not in (400, 401):
            raise TryLater(_("Bluesky does not let the channel log in just now (“%(said)s”).") % {"said": said})
        raise ReconnectNeeded(
            _("Bluesky did not accept the app password (“%(said)s”). Connect the channel again.") % {"said": said}
        )
    return reply


def explained(reply: Reply):
    """A refusal, named by what to do next."""
    said = reply.json()
    if reply.status == 401 or said.get("error") in ("AccountTakedown", "AccountDeactivated", "AuthMissing"):
        return ReconnectNeeded(
            _("Bluesky no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"said": said.get("message", said.get("error", ""))}
        )
    return Rejected(_("Bluesky refuses this: “%(said)s”.") % {"said": said.get("message", said.get("error", ""))})


def _aspect(media: Media) -> dict:
    return {"aspectRatio": {"width": media.width, "height": media.height}} if media.width and media.height else {}
