"""What all blocks of the public site share: buttons, icons, rich text, and the preview in the chooser."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

PREVIEW = "home/block_preview.html"
TEXT_FEATURES = ["h2", "h3", "bold", "italic", "code", "link", "ol", "ul", "hr", "blockquote"]
PHRASE_FEATURES = ["bold", "italic", "code", "link"]
MARKER_HELP = _("Put *stars* around the words that the marker should highlight.")

LANDING = _("Landing page")
PROOF = _("Reasons to believe")
ARTICLE = _("Text and media")
ACTION = _("Ask for something")

ICONS = [
    ("pencil", _("Pencil: writing")),
    ("spark", _("Spark: AI")),
    ("check", _("Check: approval")),
    ("calendar", _("Calendar: planning")),
    ("send", _("Paper plane: publishing")),
    ("people", _("People: teams and roles")),
    ("lock", _("Lock: safety")),
    ("code", _("Brackets: API")),
    ("repeat", _("Arrows: retry")),
    ("eye", _("Eye: preview")),
    ("gauge", _("Gauge: limits and usage")),
    ("clock", _("Clock: time")),
    ("server", _("Server: hosting")),
    ("image", _("Picture: media")),
]


START_FREE = [{"label": "Start free", "address": "/accounts/signup/"}]


class LinkBlock(blocks.StructBlock):
    """A button or link: to a page of this site, or to any address."""

    label = blocks.CharBlock(
        max_length=60, help_text=_("What happens when one presses it: “Start free”, not “Click here”.")
    )
    page = blocks.PageChooserBlock(required=False)
    address = blocks.CharBlock(
        required=False,
        max_length=500,
        help_text=_("Only without a page: https://…, mailto:…, or a path such as /accounts/signup/."),
    )

    class Meta:
        icon = "link"
        label = _("Button")
        label_format = "{label}"

    def clean(self, value):
        value = super().clean(value)
        page, address = value.get("page"), value.get("address")
        if bool(page) == bool(address):
            message = _("Choose either a page or an address.")
            raise blocks.StructBlockValidationError(block_errors={"address": ValidationError(message)})
        if address and not address.startswith(("https://", "http://", "mailto:", "/", "#")):
            message = _("Begin with https://, mailto:, / or #.")
            raise blocks.StructBlockValidationError(block_errors={"address": ValidationError(message)})
        if page and page.organization_id:
            message = _("This page belongs to an organization; only pages of the public site can be linked.")
            raise blocks.StructBlockValidationError(block_errors={"page": ValidationError(message)})
        return value


def address_of(link) -> str:
    """Where a LinkBlock's value leads; empty where its page is not public (any more)."""
    page = link.get("page")
    if page is not None:
        return page.url or "" if page.live and not page.organization_id else ""
    return link.get("address") or ""


def must_be_public(value, *names):
    """Raises unless every picture or file in these fields belongs to the public site."""
    wrong = {
        name: ValidationError(_("This belongs to an organization. Choose something from the public site’s collection."))
        for name in names
        if value.get(name) is not None and value[name].organization_id
    }
    if wrong:
        raise blocks.StructBlockValidationError(block_errors=wrong)


def links(**options):
    """A list of up to two buttons; the first one is the main one."""
    options.setdefault("default", [])
    options.setdefault("help_text", _("Up to two. The first is the one that you want people to press."))
    return blocks.ListBlock(LinkBlock(), required=False, max_num=2, min_num=0, **options)


def phrase(**options):
    return blocks.RichTextBlock(features=PHRASE_FEATURES, **options)
