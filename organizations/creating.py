"""How an organization begins."""

from django.db import transaction
from django.utils.text import slugify
from wagtail.models import Collection

from .groups import make_groups
from .models import Membership, Organization, Role
from .signals import organization_created
from .walls import outside_walls


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
