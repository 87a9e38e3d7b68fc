"""Uploaded files on this machine's disk, readable only through a signed address.

A picture belongs to one organization, but browsers, previews and networks must
be able to fetch it without logging in. So its address carries a signature that
ends: who has not been shown the picture cannot guess where it lies. With
`MEDIA_S3_BUCKET` the files lie in a bucket instead, which signs likewise.
"""

import mimetypes
import time
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.signing import BadSignature, Signer
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

DAY = 24 * 3600
VALID_DAYS = 8  # a day more than a cached page or a sent mail should need
SHOWN_IN_THE_BROWSER = ("image/gif", "image/jpeg", "image/png", "image/webp", "video/mp4")


class SignedFileSystemStorage(FileSystemStorage):
    """Files below `MEDIA_ROOT`; `url()` gives an address that works for a week."""

    def url(self, name: str | None) -> str:
        expires = (int(time.time()) // DAY + VALID_DAYS) * DAY  # the same all day long, so that browsers can cache it
        query = urlencode({"expires": str(expires), "signature": _signature(name or "", expires)})
        return f"{super().url(name)}?{query}"


def _signature(name: str, expires: int) -> str:
    return Signer(salt="cms.media").signature(f"{name}:{expires}")


@require_safe
def serve_media(request: HttpRequest, name: str) -> HttpResponseBase:
    """Sends one uploaded file to whoever has a signed address for it; 404 for everybody else."""
    try:
        expires = int(request.GET.get("expires", ""))
        if expires < time.time():
            raise Http404
        Signer(salt="cms.media").unsign(f"{name}:{expires}:{request.GET.get('signature', '')}")
        file = default_storage.open(name)
    except (ValueError, BadSignature, FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers: dict[str, Any] = {
        "Cache-Control": f"private, max-age={DAY}",
        "Content-Security-Policy": "default-src 'none'; sandbox",  # whatever the file is, it does nothing
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(file, content_type=kind, headers=headers, as_attachment=kind not in SHOWN_IN_THE_BROWSER)
