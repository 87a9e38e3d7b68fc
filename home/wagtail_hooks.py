"""What editors of the public site find in the admin besides its pages."""

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from .first_content.renewing import RENEW
from .models import Author, Category, ContactMessage, ReusableSection, Subscription


class AuthorViewSet(SnippetViewSet):
    model = Author
    icon = "user"
    list_display = ["name", "role"]
    search_fields = ["name"]


class CategoryViewSet(SnippetViewSet):
    model = Category
    icon = "tag"
    list_display = ["name", "description"]
    search_fields = ["name"]


class ReusableSectionViewSet(SnippetViewSet):
    model = ReusableSection
    icon = "snippet"
    list_display = ["name", "live"]
    search_fields = ["name"]


class ContactMessageViewSet(SnippetViewSet):
    model = ContactMessage
    icon = "mail"
    menu_label = _("Messages")
    list_display = ["name", "email", "text", "created_at", "answered_at"]
    list_export = ["name", "email", "text", "created_at", "answered_at"]
    list_filter = ["answered_at"]
    inspect_view_enabled = True
    panels = [
        FieldPanel("name", read_only=True),
        FieldPanel("email", read_only=True),
        FieldPanel("text", read_only=True),
        FieldPanel("answered_at"),
    ]


class SubscriptionViewSet(SnippetViewSet):
    model = Subscription
    icon = "mail"
    menu_label = _("Newsletter")
    list_display = ["email", "asked_at", "confirmed_at"]
    list_export = ["email", "asked_at", "confirmed_at"]
    inspect_view_enabled = True
    panels = [FieldPanel("email", read_only=True), FieldPanel("confirmed_at", read_only=True)]


class PublicSiteGroup(SnippetViewSetGroup):
    menu_label = _("Site content")
    menu_name = "site-content"
    menu_icon = "snippet"
    menu_order = 95
    items = (AuthorViewSet, CategoryViewSet, ReusableSectionViewSet, ContactMessageViewSet, SubscriptionViewSet)


register_snippet(PublicSiteGroup)


@hooks.register("register_log_actions")
def register_log_actions(actions):
    actions.register_action(RENEW, _("Renew"), _("Brought up to the words that this version comes with"))
