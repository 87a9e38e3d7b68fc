"""Mastodon and what speaks its API, on any server.

`Idempotency-Key` is remembered for about an hour, and not by every server that
speaks this API, so an unknown outcome is looked for among the account's newest
posts as well.
"""

import html
import re
import time
from datetime import timedelta

from django.utils.translation import gettext as _
from mastodon import Mastodon, MastodonError
from mastodon.utility import parse_version_string

from publishing.errors import OutcomeUnknown, PublishingError, ReconnectNeeded, Rejected, TryLater
from publishing.messages import Media, Published, PublishedSegment

from .base import Adapter, nothing
from .uploads import MultipartUpload, opened
from .wire import Reply, Wire

# Mastodon.py asks servers that it does not know for their version, some of them without end.
ASSUMED_VERSION = "4.3.0"


def client(wire, *, base_url: str, access_token: str = "") -> Mastodon:
    """Mastodon.py on our own wire. It never waits for a rate limit by itself: that is the engine's business."""
    session = wire.session()
    session.hooks["response"].append(_check_token)
    api = Mastodon(
        api_base_url=base_url,
        access_token=access_token or None,
        session=session,
        ratelimit_method="throw",
        mastodon_version=ASSUMED_VERSION,
        version_check_mode="none",
    )
    # Mastodon.py 2.3.3 takes the version for known, but keeps 1.0.0 where it chooses between endpoints.
    api.mastodon_major, api.mastodon_minor, api.mastodon_patch = parse_version_string(ASSUMED_VERSION)
    return api


class MastodonAdapter(Adapter):
    network = "mastodon"
    name = "Mastodon"
    commit_calls = re.compile(r"^POST \S+/api/v1/statuses$")
    can_find = True

    only_for_oneself = {"visibility": "direct"}  # a direct message that mentions nobody
    rehearsal = {
        r"^POST \S+/api/v1/statuses$": ({"id": "id-of-post-{n}"}, {}),
        r"^POST \S+/api/v2/media$": ({"id": "id-of-file-{n}", "url": "there"}, {}),
    }

    MEDIA_SECONDS = 60.0
    PAGES = 25  # of 40 posts, when looking for one

    def __init__(self, channel, **options):
        super().__init__(channel, **options)
        self.token = channel.credentials.get("access_token", "")
        self.api = client(self.wire, base_url=channel.base_url, access_token=self.token)

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            segment = message.segments[index]
            media = [self._upload(item) for item in segment.media]
            status = ask(
                self.api.status_post,
                self.rules.text_of(segment),
                in_reply_to_id=done[-1].remote_id if done else None,
                media_ids=media or None,
                poll=self._poll(segment.poll),
                visibility=message.options.get("visibility") or None,
                spoiler_text=message.options.get("spoiler_text") or None,
                sensitive=self._sensitive(message, segment),
                language=message.language or None,
                idempotency_key=f"{idempotency_key}-{index}",
            )
            if not status.get("id"):
                raise OutcomeUnknown(_("Mastodon's answer names no post: it may be out, or not."))
            done.append(PublishedSegment(remote_id=str(status["id"]), permalink=status.get("url") or ""))
            on_progress(done[-1])
        return Published(segments=tuple(done))

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        candidates = self._newest(since - timedelta(minutes=2))  # the server's clock may differ from ours
        done = list(progress)
        for index in range(len(done), len(message.segments)):
            wanted = _comparable(self.rules.text_of(message.segments[index]))
            parent = done[-1].remote_id if done else None
            for status in candidates:
                answers = str(status["in_reply_to_id"]) if status["in_reply_to_id"] else None
                if answers == parent and _comparable(_plain(status["content"])) == wanted:
                    done.append(PublishedSegment(remote_id=str(status["id"]), permalink=status.get("url") or ""))
                    on_progress(done[-1])
                    break
            else:
                return None
        return Published(segments=tuple(done))

    def _newest(self, earliest) -> list:
        """The account's own posts since `earliest`."""
        account = self.channel.remote_id or str(ask(self.api.account_verify_credentials)["id"])
        found: list = []
        for _page in range(self.PAGES):
            last = found[-1]["id"] if found else None
            page = list(ask(self.api.account_statuses, account, limit=40, max_id=last))
            found.extend(page)
            if not page or page[-1]["created_at"] < earliest:
                return [status for status in found if status["created_at"] >= earliest]
        raise TryLater(_("The account has posted so much since that the post cannot be looked for."))

    def _upload(self, media: Media) -> str:
        focus = None
        if media.focal_point:
            x, y = media.focal_point
            focus = (round(x * 2 - 1, 2), round(1 - y * 2, 2))  # Mastodon counts from the middle, upwards
        fields = [] if media.decorative or not media.alt else [("description", media.alt)]
        if focus:
            fields.append(("focus", f"{focus[0]},{focus[1]}"))
        with opened(media) as file:
            # Mastodon.py would read the whole file into memory first.
            body = MultipartUpload(
                file, media=media, field="file", file_name=media.path.rsplit("/", 1)[-1], fields=fields
            )
            reply = self.wire.request(
                "POST",
                f"{self.channel.base_url}/api/v2/media",
                body=body,
                headers={"Authorization": f"Bearer {self.token}", "Content-Type": body.content_type},
                timeout=self.MEDIA_SECONDS,
            )
        if not reply.ok:
            raise explained(reply.status, _error_in(reply))
        made = reply.json()
        give_up = time.monotonic() + self.MEDIA_SECONDS
        pause = 0.5
        while not made.get("url"):
            if time.monotonic() > give_up:
                raise TryLater(_("Mastodon is still working on “%(title)s”.") % {"title": media.title})
            time.sleep(pause)
            pause = min(pause * 1.5, 5.0)
            made = ask(self.api.media, made["id"])
        return str(made["id"])

    @staticmethod
    def _sensitive(message, segment) -> bool | None:
        """With a poll Mastodon.py sends JSON, and says "0" there for no: a word that strict servers refuse."""
        sensitive = bool(message.options.get("sensitive"))
        return None if segment.poll and not sensitive else sensitive

    def _poll(self, poll):
        return poll and self.api.make_poll(list(poll.options), expires_in=poll.minutes * 60)


def ask(call, *args, **kwargs):
    """Calls Mastodon.py and names what went wrong by what to do next."""
    try:
        return call(*args, **kwargs)
    except MastodonError as err:
        if isinstance(err.__context__, PublishingError):
            raise err.__context__ from err
        raise _explained(err) from err
    except ValueError as err:
        raise Rejected(_("Mastodon cannot take this post: %(reason)s") % {"reason": err}) from err


def read_limits(wire: Wire, *, base_url: str, access_token: str = "") -> dict:
    """What the server says of its own limits, under the names that `publishing.networks` reads.

    Asked for by our own call: Mastodon.py ends the address with a slash, at
    which some servers find nothing. Older ones know only the first version.
    """
    headers = {"Authorization": f"Bearer {access_token}"} if access_token else {}
    reply = wire.request("GET", f"{base_url}/api/v2/instance", headers=headers)
    if reply.status == 404:
        reply = wire.request("GET", f"{base_url}/api/v1/instance", headers=headers)
    if not reply.ok:
        raise explained(reply.status, _error_in(reply))
    instance = reply.json()
    said: dict = {}
    for part in ("statuses", "media_attachments", "polls"):
        said.update((instance.get("configuration") or {}).get(part) or {})
    return {name: value for name, value in said.items() if value}


def _explained(err: MastodonError) -> PublishingError:
    status = err.args[1] if len(err.args) > 1 and isinstance(err.args[1], int) else None
    return explained(status, (err.args[3] if len(err.args) > 3 else "") or str(err.args[0]))


def _check_token(response, **_options) -> None:
    """Takahē refuses an unknown token with 400 and a line of text, of which Mastodon.py tells nothing."""
    if response.status_code == 400 and "bearer token" in response.text[:200].lower():
        raise explained(response.status_code, response.text[:200])


def _error_in(reply: Reply) -> str:
    return str(reply.json().get("error") or reply.body[:200].decode(errors="replace") or reply.status)


def explained(status: int | None, said: str) -> PublishingError:
    """A refusal, named by what to do next."""
    if (
        status == 401
        or (status == 403 and "scope" in said.lower())
        or (status == 400 and "bearer token" in said.lower())
    ):
        return ReconnectNeeded(
            _("Mastodon no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"said": said}
        )
    return Rejected(_("Mastodon refuses this: “%(said)s”.") % {"said": said})


def _plain(content: str) -> str:
    """The text of a status, whose content is HTML."""
    text = re.sub(r"<br\s*/?>|</p>", " ", content)
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def _comparable(text: str) -> str:
    """Text without what servers change: white space, and the domain of a mention."""
    return re.sub(r"\s+", " ", re.sub(r"(@[\w.]+)@[\w.-]+", r"\1", text)).strip()
