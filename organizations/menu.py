"""The studio's menu entry that says which organization one works for, and switches."""

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import ActionMenuItem, LinkMenuItem, SubMenuItem

from .site_editors import is_offered_the_site


class OrganizationMenuItem(MenuItem):
    """Named after the current organization; below it, the others that one belongs to, and the public site."""

    def __init__(self):
        super().__init__("", "", name="organization", icon_name="folder-inverse", order=-10)

    def is_shown(self, request):
        return request.organization is not None or request.edits_site

    def render_component(self, request):
        current = request.organization
        others = sorted((each.organization for each in request.memberships), key=lambda each: each.name.casefold())
        entries = [
            ActionMenuItem(
                f"organization-{each.pk}",
                each.name,
                reverse("organization_switch", args=[each.pk]),
                icon_name="redirect",
            )
            for each in others
            if each != current
        ]
        if current and is_offered_the_site(request.user):
            entries.append(ActionMenuItem("public-site", _("Public site"), reverse("site_switch"), icon_name="site"))
        entries.append(
            LinkMenuItem("organization-new", _("Begin another"), reverse("organization_new"), icon_name="plus")
        )
        return SubMenuItem(
            self.name,
            current.name if current else _("Public site"),
            entries,
            icon_name=self.icon_name if current else "site",
            classname=self.classname,
            attrs={"data-organization": ""},  # where its logo is shown: `organization_logo.html`
        )
