"""Which posts still need a picture or a file: what they use cannot be deleted, in the studio, in the API, or anywhere.

Needed is what stands in the newest version of a post that is not finished, in
an approved version that has not gone out, and in whatever is still to be sent.
Earlier versions and finished posts need nothing: what they said is out, and a
library could never be tidied otherwise. See docs/decisions/0012-used-media.md.
"""

import re

from django.db.models import Q
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Revision

from organizations.library import MediumInUse
from organizations.models import LibraryDocument, LibraryImage
from publishing.models import Delivery

from .models import SocialPost

State = SocialPost.State
SHOWN = 5  # posts that a refusal names


def uses_of(medium) -> list[SocialPost]:
    """The posts that need `medium` (a LibraryImage or LibraryDocument), the newest first."""
    if medium.organization_id is None:
        return []
    pattern = _pattern_of(medium)
    waiting = Delivery.objects.filter(channel__organization=medium.organization_id).exclude(state__in=Delivery.FINAL)
    being_sent = Revision.objects.filter(
        pk__in=waiting.values("revision_id"), content__body__regex=pattern
    ).values_list("object_id", flat=True)
    needed = (
        (Q(latest_revision__content__body__regex=pattern) & ~Q(draft_state=State.PUBLISHED))
        | (Q(approved_revision__content__body__regex=pattern) & ~Q(state=State.PUBLISHED))
        | Q(pk__in=[int(pk) for pk in being_sent])
    )
    return list(SocialPost.objects.for_organization(medium.organization_id).filter(needed).order_by("-pk"))


def _pattern_of(medium) -> str:
    """How the body of a revision, as JSON, holds `medium`."""
    name = re.escape('"image": ') if isinstance(medium, LibraryImage) else re.escape('"type": "document", "value": ')
    return f"{name}{medium.pk}[^0-9]"


def require_unused(medium) -> None:
    """Raises MediumInUse, which names the posts that need `medium`."""
    posts = uses_of(medium)
    if not posts:
        return
    names = ", ".join(f"“{post.get_admin_display_title()}”" for post in posts[:SHOWN])
    if len(posts) > SHOWN:
        names = _("%(names)s and %(n)s more") % {"names": names, "n": len(posts) - SHOWN}
    raise MediumInUse(
        _("“%(title)s” is used by: %(names)s. Take it out there first.") % {"title": medium.title, "names": names},
        posts=[str(post.uuid) for post in posts],
    )


@receiver(pre_delete, sender=LibraryImage)
@receiver(pre_delete, sender=LibraryDocument)
def guard(instance, **kwargs):
    """Whoever deletes, and however."""
    require_unused(instance)
