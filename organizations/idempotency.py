"""`Idempotency-Key`: a request that a tool repeats is carried out once and answered alike.

The key is the caller's own, in one organization, for 24 hours. The same key with
another request is refused; a key whose first request is still under way is,
too. An answer of 5xx is not kept: the request may be repeated.
"""

import hashlib
import json
import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from .models import KeptAnswer
from .problems import Conflict, Problem

HEADER = "Idempotency-Key"
USABLE = re.compile(r"[!-~]{1,255}")
KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")


class KeyNotUsable(Problem):
    slug = "idempotency-key-not-usable"
    title = "The idempotency key cannot be used"


class KeyReused(Problem):
    slug = "idempotency-key-reused"
    status = 422
    title = "The idempotency key belongs to another request"


class KeyInUse(Conflict):
    slug = "idempotency-key-in-use"
    title = "The first request with this idempotency key is still being carried out"


class Replayed(Exception):
    """Ends a request whose answer is kept already; carries that answer."""

    def __init__(self, kept: KeptAnswer):
        super().__init__(kept.key)
        self.kept = kept

    def response(self) -> Response:
        headers = {**self.kept.headers, "Idempotent-Replayed": "true"}
        return Response(self.kept.body, status=self.kept.status, headers=headers)


def begin(request, *, organization) -> KeptAnswer | None:
    """Takes the request's key, if it has one. Raises Replayed, KeyReused, KeyInUse or KeyNotUsable."""
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return None
    if not USABLE.fullmatch(key):
        raise KeyNotUsable(
            _("Give an Idempotency-Key of 1 to 255 ASCII letters, digits and signs without spaces, such as a UUID.")
        )
    fingerprint = _fingerprint(request)
    KeptAnswer.objects.filter(
        organization=organization, user=request.user, key=key, created_at__lt=timezone.now() - KEPT_FOR
    ).delete()
    kept, is_first = KeptAnswer.objects.get_or_create(
        organization=organization, user=request.user, key=key, defaults={"fingerprint": fingerprint}
    )
    if is_first:
        return kept
    if kept.fingerprint != fingerprint:
        raise KeyReused(_("This Idempotency-Key was sent with another request. Use a new key for a new request."))
    if kept.status is None:
        raise KeyInUse(_("The first request with this Idempotency-Key is not answered yet. Repeat it in a moment."))
    raise Replayed(kept)


def finish(kept: KeptAnswer, response, *, without=()) -> None:
    """Keeps the answer, or frees the key where the answer cannot be kept or should not be.

    Fields named in `without` are secret: they are null in an answer that is given again.
    """
    if response.status_code >= 500 or not hasattr(response, "data"):
        kept.delete()
        return
    kept.status = response.status_code
    kept.body = json.loads(JSONRenderer().render(response.data) or b"null")
    for name in without:
        if isinstance(kept.body, dict) and name in kept.body:
            kept.body[name] = None
    kept.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    kept.save(update_fields=["status", "body", "headers"])


def forget_old() -> int:
    """Removes answers that are no longer kept; says how many."""
    return KeptAnswer.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _fingerprint(request) -> str:
    said = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    # Of an uploaded file, its name and size stand for it.
    data = (
        {name: getattr(value, "name", value) for name, value in request.data.items()} if request.FILES else request.data
    )
    said.update(JSONRenderer().render(data))
    return said.hexdigest()
