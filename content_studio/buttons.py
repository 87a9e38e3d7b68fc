"""The menu behind the three dots of a post."""

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.widgets.button import Button

from organizations.roles import Action


def post_buttons(post, user, *, editing: bool = False) -> list[Button]:
    """Everything that can be done with a post besides its next steps."""
    permissions = post.permissions_for_user(user)
    buttons = []
    if editing:
        buttons.append(
            Button(_("Overview"), url=reverse("posts:detail", args=[post.pk]), icon_name="view", priority=10)
        )
    elif permissions.can_edit():
        buttons.append(Button(_("Edit"), url=post.admin_url, icon_name="edit", priority=10))
    buttons.append(Button(_("Dry run"), url=reverse("posts:dry_run", args=[post.pk]), icon_name="code", priority=25))
    if permissions.may(Action.WRITE):
        buttons.append(
            Button(
                _("Versions"),
                url=reverse("wagtailadmin_pages:history", args=[post.pk]),
                icon_name="history",
                priority=20,
            )
        )
        # A POST in a menu: Wagtail's action controller sends it with the page's token.
        address = reverse("posts:duplicate", args=[post.pk])
        buttons.append(
            Button(
                _("Duplicate"),
                icon_name="copy",
                priority=30,
                attrs={
                    "data-controller": "w-action",
                    "data-action": "w-action#post",
                    "data-w-action-url-value": address,
                },
            )
        )
    if permissions.may(Action.APPROVE):
        address = f"{reverse('review_links')}?post={post.pk}"
        buttons.append(Button(_("Link for a client"), url=address, icon_name="link", priority=40))
    if permissions.can_delete():
        buttons.append(
            Button(
                _("Delete"),
                url=reverse("wagtailadmin_pages:delete", args=[post.pk]) + f"?next={reverse('posts:index')}",
                icon_name="bin",
                priority=90,
            )
        )
    return buttons
