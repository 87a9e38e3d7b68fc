"""Files on their way to LinkedIn: begun, put where LinkedIn says, finished, waited for."""

import time
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from publishing.errors import Rejected, TryLater
from publishing.messages import Media

from .authorized import AuthorizedAdapter
from .uploads import Upload, opened

KINDS = {"image": "images", "video": "videos", "document": "documents"}
READY = "AVAILABLE"


def base() -> str:
    return settings.LINKEDIN_API_BASE.rstrip("/").removesuffix("/rest")


class SendsFiles(AuthorizedAdapter):
    """The part of the LinkedIn adapter that is about files."""

    FILE_SECONDS = 120.0  # for LinkedIn to make a file ready
    PUT_SECONDS = 120.0

    @property
    def author(self) -> str:
        """The URN of the person or organization that posts."""
        return self.channel.remote_id

    def url(self, path: str) -> str:
        return f"{base()}/rest{path}"

    def upload(self, media: Media) -> str:
        """The URN of the file, once LinkedIn can show it."""
        kind = KINDS[media.kind]
        with opened(media) as file:
            said = self._begin(kind, media, size=file.size)
            urn = said[kind.removesuffix("s")]
            if media.kind == "video":
                self._put_parts(file, media, urn, said)
            else:
                self._put(said["uploadUrl"], Upload(file, media=media))
        self._wait(kind, urn, media)
        return urn

    def _begin(self, kind: str, media: Media, *, size: int) -> dict:
        wanted: dict = {"owner": self.author}
        if media.kind == "video":
            wanted |= {"fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False}
        reply = self.ask("POST", self.url(f"/{kind}?action=initializeUpload"), data={"initializeUploadRequest": wanted})
        return reply.json()["value"]

    def _put_parts(self, file, media: Media, urn: str, said: dict) -> None:
        parts = []
        for part in said["uploadInstructions"]:
            first, last = part["firstByte"], part["lastByte"]
            piece = Upload(file, media=media, offset=first, length=last - first + 1)
            parts.append(self._put(part["uploadUrl"], piece).headers.get("ETag", "").strip('"'))
        self.ask(
            "POST",
            self.url("/videos?action=finalizeUpload"),
            data={
                "finalizeUploadRequest": {
                    "video": urn,
                    "uploadToken": said.get("uploadToken", ""),
                    "uploadedPartIds": parts,
                }
            },
        )

    def _put(self, url: str, upload: Upload):
        # The address is LinkedIn's answer; the token goes along only to LinkedIn itself.
        host = urlsplit(url).hostname or ""
        ours = host.endswith(".linkedin.com") or host == urlsplit(self.url("")).hostname
        token = {"Authorization": f"Bearer {self.channel.credentials.get('access_token', '')}"} if ours else {}
        reply = self.wire.request(
            "PUT",
            url,
            body=upload,
            headers={"Content-Type": "application/octet-stream", **token},
            timeout=self.PUT_SECONDS,
        )
        if not reply.ok:
            raise TryLater(
                _("LinkedIn did not take the file “%(title)s” (it answered %(status)s).")
                % {"title": upload.media.title, "status": reply.status}
            )
        return reply

    def _wait(self, kind: str, urn: str, media: Media) -> None:
        give_up = time.monotonic() + self.FILE_SECONDS
        pause = 0.5
        while True:
            state = self.ask("GET", self.url(f"/{kind}/{quote(urn, safe='')}")).json().get("status", READY)
            if state == READY:
                return
            if state == "PROCESSING_FAILED":
                raise Rejected(_("LinkedIn cannot use the file “%(title)s”.") % {"title": media.title})
            if time.monotonic() > give_up:
                raise TryLater(_("LinkedIn is still working on “%(title)s”.") % {"title": media.title})
            time.sleep(pause)
            pause = min(pause * 1.5, 5.0)
