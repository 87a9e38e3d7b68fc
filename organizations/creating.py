"""How an organization begins."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone as clock
from django.utils.text import slugify
from django.utils.translation import gettext as _
from wagtail.models import Collection

from .groups import make_groups
from .models import Membership, Organization, Role, User
from .problems import Problem
from .signals import organization_created
from .walls import outside_walls

MOST_A_DAY = 5


class TooManyOrganizations(Problem):
    """One person begins organizations faster than people need them."""

    slug = "too-many-organizations"
    status = 429
    title = "Too many new organizations"

    def __init__(self, detail: object, *, wait: timedelta):
        super().__init__(detail)
        self.headers = {"Retry-After": str(max(1, round(wait.total_seconds())))}


@transaction.atomic
def begin_another(*, name: str, owner, timezone: str = "UTC") -> Organization:
    """`create_organization` for somebody who asks for it: at most five a day. Raises TooManyOrganizations."""
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)  # whoever asks twice at once waits
    day = timedelta(days=1)
    with outside_walls():
        owned = Membership.objects.filter(user=owner, role=Role.OWNER, organization__created_at__gt=clock.now() - day)
        begun = sorted(owned.values_list("organization__created_at", flat=True))
    if len(begun) >= MOST_A_DAY:
        wait = begun[-MOST_A_DAY] + day - clock.now()
        raise TooManyOrganizations(
            _("You own %(most)d organizations that were begun within a day. Another can be begun in %(hours)d hours.")
            % {"most": MOST_A_DAY, "hours": wait // timedelta(hours=1) + 1},
            wait=wait,
        )
    return create_organization(name=name, owner=owner, timezone=timezone)


@transaction.atomic
def create_organization(*, name: str, owner, timezone: str = "UTC") -> Organization:
    """Makes an organization that can be worked in, with `owner` as its Owner, or nothing at all.

    Apps above answer `organization_created` inside the same transaction with
    what they add: the workspace and the review workflow.
    """
    organization = Organization(name=name, timezone=timezone)
    with outside_walls(organization):
        # Whoever creates waits here for whoever came first: neither two collections
        # at one place in the tree nor two equal short names can come of it.
        root = Collection.objects.select_for_update().get(depth=1)
        organization.slug = _free_slug(name)
        organization.full_clean(exclude=["logo", "collection"])
        organization.collection = root.add_child(name=name)
        organization.save()
        make_groups(organization)
        Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
        organization_created.send(sender=Organization, organization=organization, owner=owner)
    return organization


def _free_slug(name: str) -> str:
    wanted = slugify(name)[:50] or "organization"
    taken = set(Organization.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
