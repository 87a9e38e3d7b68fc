"""Instagram, for business and creator accounts: a container is made, filled by the network, and published.

The container is the handle by which an unknown outcome is cleared up: its id is
stored before it is published, and one that says PUBLISHED was sent. Instagram
fetches pictures and videos itself, from signed addresses of this installation.
"""

import re
import time
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from publishing import tokens
from publishing.errors import PublishingError, ReconnectNeeded, Rejected, TryLater
from publishing.messages import Media, Published, PublishedSegment, Segment

from . import instagram_login as login
from .authorized import AuthorizedAdapter
from .base import nothing
from .uploads import public_address
from .wire import Reply

accounts, provider = login.accounts, login.provider

PUBLISHED, FINISHED, BROKEN = "PUBLISHED", "FINISHED", ("ERROR", "EXPIRED")
TOO_OFTEN = {4, 9, 17, 32, 613, 80002}  # of application, user, page or account; 9: no more posts today
FORGOTTEN = {102, 190, 463, 467}
NOT_ALLOWED = {10, 200, 299}


class InstagramAdapter(AuthorizedAdapter):
    network = "instagram"
    name = "Instagram"
    commit_calls = re.compile(r"^POST \S+/\d[^/?]*/(media_publish|comments)(\?|$)")
    can_find = True
    find_after = 15.0
    renew_before = timedelta(days=30)  # of 60

    rehearsal = {
        r"^POST \S+/media$": ({"id": "id-of-container-{n}"}, {}),
        r"^POST \S+/media_publish$": ({"id": "id-of-post-{n}"}, {}),
        r"^POST \S+/comments$": ({"id": "id-of-comment-{n}"}, {}),
        r"^GET \S+fields=status_code": ({"status_code": FINISHED}, {}),
    }

    CONTAINER_SECONDS = 300.0  # for a video to be made ready
    CONTAINER_LIFE = timedelta(hours=23)
    NEWEST = 25  # of the account's own posts, when looking for one

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        self._check_quota()
        container = self._container_of(progress)
        if not container or self._state(container) in BROKEN:
            container = self._container(message.segments[0])
            on_progress(
                PublishedSegment(
                    remote_id=container, extra={"made": timezone.now().isoformat()}, kind=PublishedSegment.HANDLE
                )
            )
        if self._wait(container, message.segments[0]) == PUBLISHED:
            found = self.find(message, idempotency_key=idempotency_key, since=timezone.now(), progress=progress)
            if found:
                return found
        said = self._post("media_publish", creation_id=container)
        out = self._out(said["id"])
        on_progress(out)
        return Published(segments=(out,))

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        container = self._container_of(progress)
        if not container or self._state(container) != PUBLISHED:
            return None  # nothing is out before its container is published
        out = self._newest(message.segments[0].text, since) or PublishedSegment(remote_id=container)
        on_progress(out)
        return Published(segments=(out,))

    def _newest(self, caption: str, since) -> PublishedSegment | None:
        """The account's own newest post with this caption. It is surely out: only its id is wanted."""
        said = self._get(f"{self.channel.remote_id}/media", fields="id,caption,timestamp,permalink", limit=self.NEWEST)
        for each in said.get("data") or []:
            made = parse_datetime(each.get("timestamp") or "")
            same = (each.get("caption") or "").split() == caption.split()
            if same and made and made >= since - timedelta(hours=24):
                return PublishedSegment(remote_id=each["id"], permalink=each.get("permalink", ""))
        return None

    # Containers

    @classmethod
    def _container_of(cls, progress) -> str:
        """The newest container of this delivery that may still be alive."""
        for each in reversed(progress):
            made = parse_datetime(each.extra.get("made", "")) if each.kind == PublishedSegment.HANDLE else None
            if made and timezone.now() - made < cls.CONTAINER_LIFE:
                return each.remote_id
        return ""

    def _container(self, segment: Segment) -> str:
        caption = self.rules.text_of(segment)
        if not segment.media:
            raise Rejected(_("Instagram takes no text without a picture or video. Add one."))
        if len(segment.media) == 1:
            return self._post("media", caption=caption, **self._file(segment.media[0], alone=True))["id"]
        children = [self._post("media", is_carousel_item="true", **self._file(each))["id"] for each in segment.media]
        for child, media in zip(children, segment.media, strict=True):
            self._wait(child, Segment(text="", media=(media,)))
        return self._post("media", media_type="CAROUSEL", children=",".join(children), caption=caption)["id"]

    @staticmethod
    def _file(media: Media, *, alone: bool = False) -> dict:
        address = public_address(media.path)
        if media.kind == "video":
            return {"media_type": "REELS" if alone else "VIDEO", "video_url": address}
        described = {"alt_text": media.alt} if media.alt and not media.decorative else {}
        return {"image_url": address, **described}

    def _state(self, container: str) -> str:
        return self._get(container, fields="status_code").get("status_code", "")

    def _wait(self, container: str, segment: Segment) -> str:
        """Waits until the network has fetched and made ready what the container holds."""
        give_up = time.monotonic() + self.CONTAINER_SECONDS
        pause = 1.0
        while True:
            said = self._get(container, fields="status_code,status")
            state = said.get("status_code")
            if state in (FINISHED, PUBLISHED):
                return state
            if state in BROKEN:
                titles = ", ".join(media.title or media.path.rsplit("/", 1)[-1] for media in segment.media)
                raise Rejected(
                    _("Instagram cannot use “%(titles)s”: %(said)s") % {"titles": titles, "said": said.get("status")}
                )
            if time.monotonic() > give_up:
                raise TryLater(_("Instagram is still making the post ready."))
            time.sleep(pause)
            pause = min(pause * 1.5, 10.0)

    def _out(self, remote_id: str) -> PublishedSegment:
        try:
            permalink = self._get(remote_id, fields="permalink").get("permalink", "")
        except PublishingError:
            permalink = ""  # it is out all the same
        return PublishedSegment(remote_id=remote_id, permalink=permalink)

    def _check_quota(self) -> None:
        """Reads how many posts the account may still publish today, and waits where there is none."""
        said = self._get(f"{self.channel.remote_id}/content_publishing_limit", fields="quota_usage,config")
        now: dict = next(iter(said.get("data") or []), {})
        most, used = (now.get("config") or {}).get("quota_total"), now.get("quota_usage")
        if most is None or used is None:
            return
        self.wire.quota = {"remaining": max(most - used, 0), "limit": most, "resets_at": None}
        if used >= most:
            raise TryLater(
                _("Instagram takes no more than %(most)s posts a day from this account.") % {"most": most},
                retry_after=3600.0,
            )

    # Comments

    def comment(self, message, published, *, idempotency_key):
        post = published.segments[0]
        said = self._post("comments", of=post.remote_id, message=message.first_comment)
        return PublishedSegment(remote_id=said["id"], permalink=post.permalink, kind=PublishedSegment.COMMENT)

    def find_comment(self, message, published, *, idempotency_key, since):
        post = published.segments[0]
        for each in self._get(f"{post.remote_id}/comments", fields="id,text").get("data") or []:
            if (each.get("text") or "").split() == message.first_comment.split():
                return PublishedSegment(remote_id=each["id"], permalink=post.permalink, kind=PublishedSegment.COMMENT)
        return None

    # Calls

    def _url(self, path: str) -> str:
        return f"{login.base(self.channel.credentials.get('login'))}/{quote(path)}"

    def _get(self, path: str, **query) -> dict:
        return self.ask("GET", f"{self._url(path)}?{urlencode(query)}").json()

    def _post(self, verb: str, *, of: str = "", **form: str) -> dict:
        return self.ask("POST", self._url(f"{of or self.channel.remote_id}/{verb}"), form=form).json()

    def explained(self, reply):
        return _explained(reply)

    # Authorization: a token renews itself, as long as it still holds

    @classmethod
    def scopes_needed(cls, channel):
        return login.scopes_needed(channel.credentials.get("login"))

    @property
    def provider(self):
        return login.provider()

    def is_renewable(self, credentials):
        return False  # by a call that was refused: only ahead

    def renew_ahead(self):
        ends, token = self.channel.token_expires_at, self.channel.credentials.get("access_token", "")
        if ends and token:
            tokens.renew(self.channel, stale=token, name="access_token", ask=self.renewed)

    def renewed(self, stored):
        return login.renewed(self.wire, stored)

    def revoke(self):
        return False  # what can be taken back there is taken from every account of the person


def _explained(reply: Reply) -> PublishingError:
    """A refusal, named by what to do next."""
    said = reply.json().get("error") or {}
    code = said.get("code")
    detail = said.get("error_user_msg") or said.get("message") or str(reply.status)
    if code in TOO_OFTEN:
        return TryLater(_("Instagram asks for a pause: “%(said)s”.") % {"said": detail}, retry_after=900.0)
    if said.get("is_transient") or code in (1, 2):
        return TryLater(_("Instagram has a problem of its own at the moment: “%(said)s”.") % {"said": detail})
    if code == 9007:
        return TryLater(_("Instagram is still making the post ready."))
    if code in FORGOTTEN or code in NOT_ALLOWED or (code is None and reply.status == 401):
        return ReconnectNeeded(
            _("Instagram no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"said": detail}
        )
    return Rejected(_("Instagram refuses this: “%(said)s”.") % {"said": detail})
