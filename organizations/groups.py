"""The groups through which Wagtail knows an organization's roles, and what each group may do where."""

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from .models import Role, RoleGroup
from .roles import Action, collection_permissions_of, page_permissions_of, permissions_of, roles_that_may


def make_groups(organization) -> None:
    """Gives `organization` a group for each role, with the role's permissions in its own collection."""
    for role in Role:
        group = Group.objects.create(name=f"{organization.slug}: {role.label}")
        RoleGroup.objects.create(organization=organization, role=role, group=group)
        group.permissions.set(named_permissions(permissions_of(role)))
        GroupCollectionPermission.objects.bulk_create(
            GroupCollectionPermission(group=group, collection=organization.collection, permission=permission)
            for permission in named_permissions(collection_permissions_of(role))
        )


def grant_page_permissions(organization, page) -> None:
    """Lets every role do on `page` and below it what the table of roles says. Saying it twice changes nothing."""
    for entry in organization.role_groups.select_related("group"):
        for permission in page_permissions(page_permissions_of(Role(entry.role))):
            GroupPagePermission.objects.get_or_create(group=entry.group, page=page, permission=permission)


def group_of(organization, role: Role) -> Group:
    """The group of the people who have `role` in `organization`."""
    return Group.objects.get(role_group__organization=organization, role_group__role=role)


def groups_that_may(action: Action, *, organization):
    """The groups of `organization` whose role allows `action`: for example, who approves."""
    return Group.objects.filter(role_group__organization=organization, role_group__role__in=roles_that_may(action))


def page_permissions(codenames: set[str]):
    """What can be allowed on pages, by its code names."""
    return Permission.objects.filter(
        content_type__app_label="organizations", content_type__model="basepage", codename__in=codenames
    )


def named_permissions(names: set[str]):
    """Permissions by their names, `app_label.codename`."""
    if not names:
        return Permission.objects.none()
    wanted = Q()
    for name in names:
        app_label, codename = name.split(".")
        wanted |= Q(content_type__app_label=app_label, codename=codename)
    return Permission.objects.filter(wanted)
