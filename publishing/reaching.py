"""How networks reach this installation: some fetch pictures themselves, from addresses that need no log-in."""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from .adapters.uploads import public_address
from .adapters.wire import Wire
from .errors import PublishingError

PROBE = b"reachable\n"


def address_problem() -> str:
    """Why networks surely cannot fetch files from here, as a sentence; empty if nothing speaks against it."""
    parts = urlsplit(public_address("probe.txt"))
    if parts.scheme != "https":
        return _(
            "Instagram fetches pictures from this installation, and only over https, but its address is %(address)s. "
            "Whoever runs it sets BASE_URL to an https address that is on the public internet."
        ) % {"address": f"{parts.scheme}://{parts.netloc}"}
    if _is_private(parts.hostname or ""):
        return _(
            "Instagram fetches pictures from this installation, but %(host)s is not on the public internet. "
            "Whoever runs it sets BASE_URL to an address that is."
        ) % {"host": parts.hostname}
    return ""


def reach_problem() -> str:
    """The same, after having fetched a file from here as a network would."""
    if problem := address_problem():
        return problem
    path = default_storage.save("reachable/probe.txt", ContentFile(PROBE))
    try:
        reply = Wire(name=_("This installation")).request("GET", public_address(path), timeout=10.0)
        if reply.ok and reply.body == PROBE:
            return ""
        said = _("it answered %(status)s") % {"status": reply.status}
    except PublishingError as err:
        said = err.message
    finally:
        default_storage.delete(path)
    return _(
        "Instagram fetches pictures from %(address)s, but a picture could not be fetched from there: %(said)s. "
        "Whoever runs this installation makes that address reachable from the internet."
    ) % {"address": settings.BASE_URL, "said": said.rstrip(".")}


def _is_private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".test")) or "." not in host:
        return ":" not in host
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False  # a name: only looking it up would tell
