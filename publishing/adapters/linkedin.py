"""LinkedIn, by its versioned REST API, for people and for the pages that they administer.

LinkedIn has no idempotency key. An unknown outcome is looked up among the
author's posts, where the app may read them; where it may not, a person is
asked. A duplicate that LinkedIn refuses names the post that it means.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from publishing import oauth
from publishing.accounts import Account
from publishing.errors import ReconnectNeeded, Rejected, TryLater
from publishing.messages import Published, PublishedSegment, Segment
from publishing.networks.linkedin import duration_of, escape_little_text, plain_of, question_of

from .base import nothing
from .linkedin_files import SendsFiles, base
from .wire import Reply, Wire

ORGANIZATION = "urn:li:organization:"
MAY_POST = {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN"}
POST_URN = re.compile(r"urn:li:(?:share|ugcPost|activity):\d+")


def api_headers(token: str) -> dict:
    return {
        "Authorization": f"Bearer {token}",
        "LinkedIn-Version": settings.LINKEDIN_VERSION,
        "X-Restli-Protocol-Version": "2.0.0",
    }


def provider(*, pages: bool = False) -> oauth.Provider:
    """LinkedIn's authorization server. Pages need an app of their own, with the Community Management product."""
    server = settings.LINKEDIN_AUTH_BASE.rstrip("/")
    return oauth.Provider(
        name="LinkedIn",
        authorize_url=f"{server}/oauth/v2/authorization",
        token_url=f"{server}/oauth/v2/accessToken",
        revoke_url=f"{server}/oauth/v2/revoke",
        client_id=settings.LINKEDIN_PAGES_CLIENT_ID if pages else settings.LINKEDIN_CLIENT_ID,
        client_secret=settings.LINKEDIN_PAGES_CLIENT_SECRET if pages else settings.LINKEDIN_CLIENT_SECRET,
        scopes=tuple(settings.LINKEDIN_PAGES_SCOPES if pages else settings.LINKEDIN_SCOPES),
        pkce=False,
        keys_in_form=True,
    )


class LinkedInAdapter(SendsFiles):
    network = "linkedin"
    name = "LinkedIn"
    commit_calls = re.compile(r"^POST \S+/(rest/posts|(rest|v2)/socialActions/[^/]+/comments)$")
    can_find = True
    find_after = 10.0
    renew_before = timedelta(days=7)

    rehearsal = {
        r"^POST \S+/rest/posts$": ({}, {"x-restli-id": "urn-of-post-{n}"}),
        r"^POST \S+/comments$": ({}, {"x-restli-id": "urn-of-comment-{n}"}),
        r"^POST \S+/images\?": (
            {"value": {"uploadUrl": "https://address-from-linkedin", "image": "urn-of-image-{n}"}},
            {},
        ),
        r"^POST \S+/documents\?": (
            {"value": {"uploadUrl": "https://address-from-linkedin", "document": "urn-of-document-{n}"}},
            {},
        ),
        r"^POST \S+/videos\?action=init": (
            {"value": {"uploadInstructions": [], "uploadToken": "given-by-linkedin", "video": "urn-of-video-{n}"}},
            {},
        ),
    }

    JUST_NOW = timedelta(minutes=15)  # a duplicate of a post this young is the post itself
    COUNT = 50  # posts or comments to look through

    def publish(self, message, *, idempotency_key, progress=(), on_progress=nothing):
        if progress:
            return Published(segments=tuple(progress))
        segment, began = message.segments[0], timezone.now()
        reply = self.try_to_ask("POST", self.url("/posts"), data=self._post(segment))
        if reply.ok:
            urn = reply.headers.get("x-restli-id") or reply.json().get("id", "")
        elif _is_duplicate(reply):
            urn = self._duplicate(reply, began)
        else:
            raise self.explained(reply)
        out = _segment(urn)
        on_progress(out)
        return Published(segments=(out,))

    def find(self, message, *, idempotency_key, since, progress=(), on_progress=nothing):
        author = quote(self.author, safe="")
        said = self._read(f"/posts?author={author}&q=author&count={self.COUNT}&sortBy=CREATED", finder=True)
        wanted = plain_of(escape_little_text(self.rules.text_of(message.segments[0])))
        for post in said.get("elements") or []:
            made = _moment(post.get("createdAt") or post.get("publishedAt"))
            # LinkedIn's clock may differ from ours.
            if plain_of(post.get("commentary") or "") == wanted and made >= since - timedelta(minutes=2):
                out = _segment(post["id"])
                on_progress(out)
                return Published(segments=(out,))
        return None

    # What a post is made of

    def _post(self, segment: Segment) -> dict:
        post = {
            "author": self.author,
            "commentary": escape_little_text(self.rules.text_of(segment)),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        if content := self._content(segment):
            post["content"] = content
        return post

    def _content(self, segment: Segment) -> dict | None:
        files = [(media, self.upload(media)) for media in segment.media]
        if len(files) > 1:
            return {"multiImage": {"images": [{"id": urn, "altText": media.alt} for media, urn in files]}}
        if files:
            media, urn = files[0]
            described = {"altText": media.alt} if media.kind == "image" and media.alt else {}
            titled = {"title": media.title or media.path.rpartition("/")[2]} if media.kind != "image" else {}
            return {"media": {"id": urn, **titled, **described}}
        if segment.poll:
            return {
                "poll": {
                    "question": question_of(segment.text),
                    "options": [{"text": option} for option in segment.poll.options],
                    "settings": {"duration": duration_of(segment.poll.minutes)},
                }
            }
        if segment.link:
            return {"article": self._article(segment.link)}
        return None

    def _article(self, link) -> dict:
        # LinkedIn does not look at the address: what the card says is the sender's to give.
        article = {"source": link.url, "title": (link.title or link.url)[:399]}
        if link.description:
            article["description"] = link.description[:4000]
        if link.image:
            article["thumbnail"] = self.upload(link.image)
            if link.image.alt:
                article["thumbnailAltText"] = link.image.alt
        return article

    # Comments

    def comment(self, message, published, *, idempotency_key):
        urn = published.remote_id
        path = f"/socialActions/{quote(urn, safe='')}/comments"
        data = {"actor": self.author, "object": urn, "message": {"text": message.first_comment}}
        reply = self.try_to_ask("POST", self.url(path), data=data)
        if reply.status == 403:
            # Only apps with the Community Management product may comment there. The address without a version
            # takes comments from all that may post.
            reply = self.try_to_ask("POST", f"{base()}/v2{path}", data=data, headers={"LinkedIn-Version": None})
        if reply.status == 403:  # the app's right is missing, not the account's: connecting again would change nothing
            raise Rejected(_("LinkedIn lets this app post, but not comment. That takes its Community Management API."))
        if not reply.ok:
            raise self.explained(reply)
        said = reply.json()
        return _comment(reply.headers.get("x-restli-id") or said.get("commentUrn") or str(said.get("id", "")), urn)

    def find_comment(self, message, published, *, idempotency_key, since):
        urn = published.remote_id
        said = self._read(f"/socialActions/{quote(urn, safe='')}/comments?count={self.COUNT}")
        for each in said.get("elements") or []:
            text = (each.get("message") or {}).get("text", "")
            if each.get("actor") == self.author and text.split() == message.first_comment.split():
                return _comment(each.get("commentUrn") or str(each.get("id", "")), urn)
        return None

    # Duplicates, and reading

    def _duplicate(self, reply: Reply, began: datetime) -> str:
        """The post that LinkedIn calls a duplicate, if it is from just now: an earlier try that did arrive."""
        if found := POST_URN.search(reply.body.decode(errors="replace")):
            urn = found.group()
            there = self.try_to_ask("GET", self.url(f"/posts/{quote(urn, safe='')}"))
            made = _made(urn)
            # Without the right to read, the moment in its number has to do. One that is made by the very call that
            # was refused is no post: LinkedIn hands out such numbers too.
            if timezone.now() - made < self.JUST_NOW and (
                there.ok or (there.status == 403 and made < began - timedelta(seconds=1))
            ):
                return urn
        raise Rejected(_("LinkedIn refuses a text that this account has posted before. Change it a little."))

    def _read(self, path: str, *, finder: bool = False) -> dict:
        reply = self.try_to_ask("GET", self.url(path), headers={"X-RestLi-Method": "FINDER"} if finder else None)
        if reply.status == 403:
            raise Rejected(_("LinkedIn does not let the studio read what this account has posted."))
        if not reply.ok:
            raise self.explained(reply)
        return reply.json()

    # Authorization

    @classmethod
    def scopes_needed(cls, channel):
        return ("w_organization_social",) if channel.remote_id.startswith(ORGANIZATION) else ("w_member_social",)

    @property
    def provider(self):
        return provider(pages=self.author.startswith(ORGANIZATION))

    def headers(self, token):
        return api_headers(token)

    def explained(self, reply):
        return _explained(reply)


def accounts(wire: Wire, said: dict) -> list[Account]:
    """The person that a token reply belongs to."""
    reply = wire.request("GET", f"{base()}/v2/userinfo", headers={"Authorization": f"Bearer {said['access_token']}"})
    if not reply.ok:
        raise _explained(reply)
    person = reply.json()
    return [_account(said, remote_id=f"urn:li:person:{person['sub']}", name=person.get("name") or _("LinkedIn member"))]


def page_accounts(wire: Wire, said: dict) -> list[Account]:
    """The pages that the person of a token reply may post for."""
    headers = api_headers(said["access_token"])

    def read(path: str) -> dict:
        reply = wire.request("GET", f"{base()}/rest{path}", headers=headers)
        if not reply.ok:
            raise _explained(reply)
        return reply.json()

    roles = read("/organizationAcls?q=roleAssignee&state=APPROVED&count=100").get("elements") or []
    urns = {role["organization"] for role in roles if role.get("role") in MAY_POST}
    found = []
    for urn in sorted(urns):
        page = read(f"/organizations/{urn.removeprefix(ORGANIZATION)}")
        handle = page.get("vanityName") or ""
        found.append(_account(said, remote_id=urn, name=page.get("localizedName") or handle, handle=handle))
    return found


def _account(said: dict, **who) -> Account:
    return Account(
        credentials=oauth.credentials_of(said),
        scopes=oauth.scopes_of(said),
        token_expires_at=oauth.expiry_of(said),
        **who,
    )


def _explained(reply: Reply):
    """A refusal, named by what to do next."""
    said = reply.json()
    detail, code = said.get("message") or str(reply.status), str(said.get("code", ""))
    if reply.status == 426 or "VERSION" in code:
        return TryLater(
            _(
                "LinkedIn no longer answers version %(version)s of its API. "
                "Whoever runs this installation sets LINKEDIN_VERSION to a newer one."
            )
            % {"version": settings.LINKEDIN_VERSION}
        )
    if reply.status == 401 or (reply.status == 403 and "permission" in detail.lower()):
        return ReconnectNeeded(
            _("LinkedIn no longer accepts this channel's authorization (“%(said)s”). Connect the channel again.")
            % {"said": detail}
        )
    return Rejected(_("LinkedIn refuses this: “%(said)s”.") % {"said": detail})


def _is_duplicate(reply: Reply) -> bool:
    return reply.status in (409, 422) and b"duplicate" in reply.body.lower()


def _segment(urn: str) -> PublishedSegment:
    return PublishedSegment(remote_id=urn, permalink=f"https://www.linkedin.com/feed/update/{urn}/")


def _comment(urn: str, post: str) -> PublishedSegment:
    return PublishedSegment(
        remote_id=urn, permalink=f"https://www.linkedin.com/feed/update/{post}/", kind=PublishedSegment.COMMENT
    )


def _moment(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)


def _made(urn: str) -> datetime:
    """When a post was made: its number begins with the milliseconds since 1970."""
    return _moment(int(urn.rpartition(":")[2]) >> 22)
