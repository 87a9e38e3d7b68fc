"""What organizations add to the studio. Registers only."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import logbook
from .menu import OrganizationMenuItem
from .roles import Action, may
from .views import deleting, exports, keys, log, settings, team


@hooks.register("register_admin_urls")
def register_urls():
    return [
        path("organization/settings/", settings.SettingsView.as_view(), name="organization_settings"),
        path("organization/log/", log.LogView.as_view(), name="organization_log"),
        path("organization/log/export.csv", log.LogExportView.as_view(), name="organization_log_export"),
        path("organization/keys/", keys.KeysView.as_view(), name="organization_keys"),
        path("organization/keys/<uuid:pk>/revoke/", keys.RevokeKeyView.as_view(), name="organization_key_revoke"),
        path("organization/delete/", deleting.DeleteView.as_view(), name="organization_delete"),
        path("organization/exports/", exports.ExportsView.as_view(), name="organization_exports"),
        path("organization/exports/<uuid:pk>/link/", exports.LinkView.as_view(), name="organization_export_link"),
        path("team/", team.TeamView.as_view(), name="team"),
        path("team/roles/", team.RolesView.as_view(), name="team_roles"),
        path("team/leave/", team.LeaveView.as_view(), name="team_leave"),
        path("team/<uuid:pk>/role/", team.ChangeRoleView.as_view(), name="team_change_role"),
        path("team/<uuid:pk>/remove/", team.RemoveView.as_view(), name="team_remove"),
        path("team/<uuid:pk>/transfer/", team.TransferView.as_view(), name="team_transfer"),
        path("team/invitations/<uuid:pk>/resend/", team.ResendInvitationView.as_view(), name="invitation_resend"),
        path("team/invitations/<uuid:pk>/revoke/", team.RevokeInvitationView.as_view(), name="invitation_revoke"),
    ]


@hooks.register("construct_document_chooser_queryset")
def with_their_collections(documents, request):
    return documents.select_related("collection")  # each row names its own


class RoleMenuItem(MenuItem):
    """Shown to whoever's role allows `action` in the current organization."""

    def __init__(self, *args, action=Action.VIEW, **kwargs):
        self.action = action
        super().__init__(*args, **kwargs)

    def is_shown(self, request):
        return may(request.user, self.action, organization=request.organization)


@hooks.register("register_admin_menu_item")
def register_organization_menu_item():
    return OrganizationMenuItem()


@hooks.register("register_admin_menu_item")
def register_team_menu_item():
    return RoleMenuItem(_("Team"), reverse("team"), name="team", icon_name="group", order=70)


@hooks.register("register_admin_menu_item")
def register_settings_menu_item():
    return RoleMenuItem(
        _("Settings"),
        reverse("organization_settings"),
        name="organization-settings",
        icon_name="cog",
        order=90,
        action=Action.MANAGE_SETTINGS,
    )


@hooks.register("register_log_actions")
def register_log_actions(actions):
    logbook.register(
        actions,
        "organizations",
        (
            ("invite", _("Invite"), _("Invited %(email)s as %(role)s")),
            ("revoke_invitation", _("Take an invitation back"), _("Took the invitation of %(email)s back")),
            ("join", _("Join"), _("%(email)s joined as %(role)s")),
            ("change_role", _("Change a role"), _("Changed %(email)s from %(before)s to %(role)s")),
            ("remove_person", _("Remove a person"), _("Removed %(email)s")),
            ("leave", _("Leave"), _("%(email)s left")),
            ("transfer", _("Hand over"), _("Made %(email)s Owner in their own place")),
            ("create_key", _("Create an API key"), _("Created the API key “%(name)s”")),
            ("revoke_key", _("Revoke an API key"), _("Revoked the API key “%(name)s”")),
            ("delete", _("Delete the organization"), _("Deleted %(name)s")),
            ("restore", _("Bring the organization back"), _("Brought %(name)s back")),
            ("request_export", _("Ask for all data"), _("Asked for an archive of all data")),
            ("download_export", _("Download all data"), _("Downloaded an archive of all data")),
            ("export_log", _("Export the log"), _("Exported the log as CSV%(filter)s")),
            ("change_settings", _("Change settings"), _("Changed the settings: %(fields)s")),
        ),
    )
