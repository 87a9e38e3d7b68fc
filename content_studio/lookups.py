"""Whether the links of posts lead somewhere: looked up by a worker after a post is saved, and kept for a day.

Nothing waits for it: saving, checking and scheduling only read what is known.
"""

import datetime
import hashlib

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from organizations.models import Organization
from publishing.fetching import CannotBeRead, fetch
from publishing.networks.text import urls

from .labels import ForOrganization

KEPT_FOR = datetime.timedelta(days=1)
MOST_AT_ONCE = 20
# What such a server says of a link that works: it wants a log-in, knows no robots, or has enough of them.
_ALIVE = frozenset({401, 403, 405, 406, 408, 418, 425, 429, 451, 999})


class LinkLookup(models.Model):
    """What answered at an address, when somebody of the organization last linked to it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    url = models.URLField(max_length=4096)
    digest = models.CharField(max_length=64)  # of the address, which is too long for an index
    status = models.PositiveSmallIntegerField(null=True)  # none: nothing answered
    looked_up_at = models.DateTimeField()

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("looked-up link")
        verbose_name_plural = _("looked-up links")
        constraints = [models.UniqueConstraint(fields=["organization", "digest"], name="one_lookup_per_link")]

    def __str__(self) -> str:
        return self.url

    @property
    def is_broken(self) -> bool:
        return self.status is None or (self.status >= 400 and self.status not in _ALIVE)


def addresses_in(post) -> list[str]:
    """Every address in the newest content of `post`, as it was written."""
    found: list[str] = []
    for block in post.body:
        if block.block_type == "segment":
            segments = [block.value]
        elif block.block_type == "override":
            segments = [each.value for each in block.value.get("segments") or ()]
        else:
            continue
        for value in segments:
            text = value.get("text") or ""
            if "://" in text:
                found += [text[start:end] for start, end in urls(text)]
            found += [link["url"] for link in value.get("link") or () if link.get("url")]
    return list(dict.fromkeys(each for each in found if each.lower().startswith(("http://", "https://"))))


def ask_for(post) -> None:
    """Has the links of the newest revision looked up, soon."""
    if addresses_in(post):
        post_id, revision_id = post.pk, post.latest_revision_id
        transaction.on_commit(lambda: async_task("content_studio.tasks.look_up_links", post_id, revision_id))


def look_up(post, revision_id: int) -> int:
    """Looks up what is not known yet; says how many. Nothing, where a newer revision has a task of its own."""
    if post is None or post.latest_revision_id != revision_id:
        return 0
    content, organization = post.get_latest_revision_as_object(), post.organization
    known = known_of(organization, addresses_in(content))
    fresh = timezone.now() - KEPT_FOR
    wanted = [
        address for address in addresses_in(content) if address not in known or known[address].looked_up_at < fresh
    ]
    for address in wanted[:MOST_AT_ONCE]:
        status = _status_of(address)
        LinkLookup.objects.update_or_create(
            organization=organization,
            digest=_digest(address),
            defaults={"url": address, "status": status, "looked_up_at": timezone.now()},
        )
    return len(wanted[:MOST_AT_ONCE])


def known_of(organization, addresses: list[str]) -> dict[str, LinkLookup]:
    """What is known of `addresses`, in one query; in none where there are none."""
    if not addresses:
        return {}
    digests = {_digest(address): address for address in addresses}
    found = LinkLookup.objects.for_organization(organization).filter(digest__in=digests)
    return {digests[lookup.digest]: lookup for lookup in found}


def _status_of(address: str) -> int | None:
    try:
        return fetch(address, with_body=False).status
    except CannotBeRead:
        return None


def _digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
