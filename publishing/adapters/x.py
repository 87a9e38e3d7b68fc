"""X, by its API v2. Tweepy writes the calls, the engine's own wire carries them.

X has no idempotency key. An unknown outcome is looked up in the account's own
timeline; a duplicate that X refuses is looked for there as well.
"""

import html
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlencode

import tweepy
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from publishing import oauth
from publishing.accounts import Account
from publishing.errors import ReconnectNeeded, Rejected, TryLater
from publishing.messages import Media, Published, PublishedSegment

from .authorized import AuthorizedAdapter
from .base import nothing
from .uploads import opened
from .wire import Reply, Wire

SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access")
CHUNK = 1024 * 1024


def base() -> str:
    return settings.X_API_BASE.rstrip("/").removesuffix("/2")


def provider() -> oauth.Provider:
    return oauth.Provider(
        name="X",
        authorize_url=settings.X_AUTHORIZE_URL,
        token_url=f"{base()}/2/oauth2/token",
        client_id=settings.X_CLIENT_ID,
        client_secret=settings.X_CLIENT_SECRET,
        scopes=SCOPES,
        revoke_url=f"{base()}/2/oauth2/revoke",
    )


class Client(tweepy.Client):
    """Tweepy's calls, carried by `send`."""

    def __init__(self, send):
        super().__init__(return_type=dict)
        self.send = send

    def request(self, method, route, params=None, json=None, user_auth=False):
        return self.send(method, route, params=params, data=json)


class XAdapter(AuthorizedAdapter):
    network = "x"
    name = "X"
    commit_calls = re.compile(r"^POST \S+/2/tweets$")
    can_find = True
    find_after = 10.0

    rehearsal = {
        r"^POST \S+/2/tweets$": ({"data": {"id": "id-of-post-{n}"}}, {}),
        r"^POST \S+/initialize$": ({"data": {"id": "id-of-file-{n}"}}, {}),
    }

    MEDIA_SECONDS = 120.0
    JUST_NOW = timedelta(minutes=15)  # a duplicate of a post this young is the post itself

    def __init__(self, channel, **options):
        super().__init__(channel, **options)
        self.api = Client(self._call)

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            segment = message.segments[index]
            media = [self._upload(item) for item in segment.media]
            text = self.rules.text_of(segment)
            parent = done[-1].remote_id if done else None
            try:
                said = self.api.create_tweet(
                    text=text,
                    media_ids=media or None,
                    poll_options=list(segment.poll.options) if segment.poll else None,
                    poll_duration_minutes=segment.poll.minutes if segment.poll else None,
                    in_reply_to_tweet_id=parent,
                    reply_settings=message.options.get("reply_settings") or None,
                    user_auth=False,
                )
                remote_id = said["data"]["id"]
            except Duplicate:
                remote_id = self._duplicate_of(text, parent)
            done.append(self._segment(remote_id))
            on_progress(done[-1])
        return Published(segments=tuple(done))

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        own = self._own_posts(since - timedelta(minutes=2))
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            parent = done[-1].remote_id if done else None
            post = _matching(own, self.rules.text_of(message.segments[index]), parent)
            if post is None:
                return None
            done.append(self._segment(post["id"]))
            on_progress(done[-1])
        return Published(segments=tuple(done))

    def _duplicate_of(self, text: str, parent: str | None) -> str:
        """The id of the post that X calls a duplicate, if it is from just now: an earlier try that did arrive."""
        post = _matching(self._own_posts(timezone.now() - self.JUST_NOW), text, parent)
        if post is None:
            raise Rejected(_("X refuses a text that this account has posted before. Change it a little."))
        return post["id"]

    def _own_posts(self, since: datetime) -> list[dict]:
        said = self.api.get_users_tweets(
            self.channel.remote_id,
            start_time=since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            max_results=100,
            tweet_fields=["created_at", "entities", "referenced_tweets"],
            user_auth=False,
        )
        return [post for post in said.get("data") or [] if (parse_datetime(post["created_at"]) or since) >= since]

    def _segment(self, remote_id: str) -> PublishedSegment:
        handle = self.channel.handle.lstrip("@") or "i"
        return PublishedSegment(remote_id=str(remote_id), permalink=f"https://x.com/{handle}/status/{remote_id}")

    # Media, in chunks: never a whole video in memory

    def _upload(self, media: Media) -> str:
        category = {"image/gif": "tweet_gif"}.get(media.mime_type, f"tweet_{media.kind}")
        with opened(media) as file:
            started = self._call(
                "POST",
                "/2/media/upload/initialize",
                data={"media_type": media.mime_type, "media_category": category, "total_bytes": file.size},
            )
            media_id = started.json()["data"]["id"]
            for index, chunk in enumerate(_chunks(file)):
                fields = [("segment_index", str(index)), ("media", ("chunk", chunk, "application/octet-stream"))]
                self._call("POST", f"/2/media/upload/{media_id}/append", fields=fields)
        self._wait(media, media_id, self._call("POST", f"/2/media/upload/{media_id}/finalize").json())
        if media.alt and not media.decorative:
            self._call(
                "POST", "/2/media/metadata", data={"id": media_id, "metadata": {"alt_text": {"text": media.alt}}}
            )
        return media_id

    def _wait(self, media: Media, media_id: str, said: dict) -> None:
        give_up = time.monotonic() + self.MEDIA_SECONDS
        while processing := (said.get("data") or {}).get("processing_info"):
            if processing["state"] == "succeeded":
                return
            if processing["state"] == "failed":
                raise Rejected(_("X cannot use the file “%(title)s”.") % {"title": media.title})
            if time.monotonic() > give_up:
                raise TryLater(_("X is still working on “%(title)s”.") % {"title": media.title})
            time.sleep(min(max(processing.get("check_after_secs", 1), 0), 10))
            said = self._call("GET", "/2/media/upload", params={"media_id": media_id, "command": "STATUS"}).json()

    # Authorization

    @classmethod
    def scopes_needed(cls, channel):
        return SCOPES

    @property
    def provider(self):
        return provider()

    def explained(self, reply):
        return _explained(reply)

    def _call(self, method: str, route: str, *, params: dict | None = None, **call) -> Reply:
        return self.ask(method, f"{base()}{route}" + (f"?{urlencode(params)}" if params else ""), **call)


class Duplicate(Rejected):
    """X has this text already."""


def accounts(wire: Wire, said: dict) -> list[Account]:
    """The account that a token reply belongs to."""
    reply = wire.request("GET", f"{base()}/2/users/me", headers={"Authorization": f"Bearer {said['access_token']}"})
    if not reply.ok:
        raise _explained(reply)
    account = reply.json()["data"]
    return [
        Account(
            remote_id=account["id"],
            name=account["name"],
            handle=f"@{account['username']}",
            credentials=oauth.credentials_of(said),
            scopes=oauth.scopes_of(said),
            token_expires_at=oauth.expiry_of(said),
        )
    ]


def _explained(reply: Reply):
    """A refusal, named by what to do next."""
    said = reply.json()
    detail = said.get("detail") or said.get("title") or next(
        (error.get("message", "") for error in said.get("errors") or []), str(reply.status)
    )  # fmt: skip
    if reply.status == 401:
        return ReconnectNeeded(
            _("X no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"said": detail}
        )
    if reply.status == 403 and "duplicate" in detail.lower():
        return Duplicate(_("X refuses this: “%(said)s”.") % {"said": detail})
    return Rejected(_("X refuses this: “%(said)s”.") % {"said": detail})


def _chunks(file) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _matching(posts: list[dict], text: str, parent: str | None) -> dict | None:
    for post in posts:
        replied = next(
            (each["id"] for each in post.get("referenced_tweets") or [] if each["type"] == "replied_to"), None
        )
        if replied == parent and _written(post) == " ".join(text.split()):
            return post
    return None


def _written(post: dict) -> str:
    """The text of a post as its author wrote it: X shortens addresses and adds one for media."""
    text = post["text"]
    for url in (post.get("entities") or {}).get("urls") or []:
        text = text.replace(url["url"], "" if url.get("media_key") else url.get("expanded_url", url["url"]))
    return " ".join(html.unescape(text).split())
