"""Who edits the public site without belonging to any organization, and what they may do there: the only table of it.

Operators put a person into the group in the studio (Settings → Users → Roles).
A site editor works behind a wall of their own: the rows that belong to nobody
exist for them, and no organization's do. See `organizations.policies`.
"""

from django.contrib.auth.models import Group
from django.core.cache import cache
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from .groups import named_permissions, page_permissions
from .walls import outside_walls

GROUP = "Site editors"
COLLECTION = "Public site"

# Names of models of apps above are strings on purpose, as in `organizations.roles`.
PERMISSIONS = {
    "wagtailadmin.access_admin",
    "home.change_sitesettings",
    "home.view_contactmessage",
    "home.change_contactmessage",
    "home.view_subscription",
    "home.delete_subscription",
    "wagtailredirects.add_redirect",
    "wagtailredirects.change_redirect",
    "wagtailredirects.delete_redirect",
    "wagtailredirects.view_redirect",
} | {
    f"home.{verb}_{model}"
    for model in ("author", "category", "reusablesection")
    for verb in ("add", "change", "delete", "view")
}
PAGE_PERMISSIONS = {"add_basepage", "change_basepage", "publish_basepage", "lock_basepage", "unlock_basepage"}
COLLECTION_PERMISSIONS = {
    f"{app}.{verb}_{model}"
    for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document"))
    for verb in ("add", "change", "choose")
} | {"wagtailcore.add_collection", "wagtailcore.change_collection", "wagtailcore.delete_collection"}


def make_group() -> Group:
    """The group with all that it may do outside of pages, and its collection. Saying it twice changes nothing."""
    group, _made = Group.objects.get_or_create(name=GROUP)
    group.permissions.set(named_permissions(PERMISSIONS))
    root = Collection.get_first_root_node()
    collection = root.get_children().filter(name=COLLECTION, organization=None).first() or root.add_child(
        name=COLLECTION
    )
    for permission in named_permissions(COLLECTION_PERMISSIONS):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    return group


def let_edit(page) -> Group:
    """Lets site editors, whose group it returns, work on `page` and below it. Saying it twice changes nothing."""
    group = make_group()
    for permission in page_permissions(PAGE_PERMISSIONS):
        GroupPagePermission.objects.get_or_create(group=group, page=page, permission=permission)
    return group


def is_site_editor(user) -> bool:
    """True if an operator has made `user` an editor of the public site."""
    with outside_walls():  # the group is nobody's in an organization
        return user.is_active and user.groups.filter(name=GROUP).exists()


def is_offered_the_site(user) -> bool:
    """`is_site_editor`, up to a minute old: for the menu of every page, never for a permission."""
    return bool(cache.get_or_set(f"site-editor:{user.pk}", lambda: is_site_editor(user), timeout=60))
