"""The studio's menu entry that says which organization one works for, and switches."""

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import ActionMenuItem, LinkMenuItem, SubMenuItem

from .models import Organization


class OrganizationMenuItem(MenuItem):
    """Named after the current organization; below it, the others that one belongs to."""

    def __init__(self):
        super().__init__("", "", name="organization", icon_name="folder-inverse", order=-10)

    def is_shown(self, request):
        return request.organization is not None

    def render_component(self, request):
        others = Organization.objects.for_user(request.user).exclude(pk=request.organization.pk)
        entries = [
            ActionMenuItem(
                f"organization-{each.pk}",
                each.name,
                reverse("organization_switch", args=[each.pk]),
                icon_name="redirect",
            )
            for each in others
        ]
        entries.append(
            LinkMenuItem("organization-new", _("Begin another"), reverse("organization_new"), icon_name="plus")
        )
        return SubMenuItem(
            self.name, request.organization.name, entries, icon_name=self.icon_name, classname=self.classname
        )
