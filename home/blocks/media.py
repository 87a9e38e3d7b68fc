"""Blocks with pictures and films."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from home.pictures import PICTURES

from .base import ARTICLE, LANDING, MARKER_HELP, PREVIEW, links, must_be_public

ILLUSTRATIONS = [
    ("journey", _("A post’s way from brief to published")),
    ("approval", _("A text with the marker on it")),
    ("calendar", _("A week with posts")),
    ("delivery", _("One message, many networks")),
    ("team", _("Four roles around a table")),
    ("api", _("A terminal and an answer")),
]


SIDES = [("end", _("Picture after the text")), ("start", _("Picture first"))]


class PictureFields(blocks.StructBlock):
    """A picture of the product, or one of the site's own drawings."""

    screenshot = blocks.ChoiceBlock(
        choices=[(name, picture.label) for name, picture in PICTURES.items()],
        required=False,
        search_index=False,
        label=_("Picture of the product"),
        help_text=_("Taken from the running product, in the light and in the dark."),
    )
    image = ImageChooserBlock(
        required=False, label=_("Or an image of your own"), help_text=_("It is shown in place of the picture above.")
    )
    image_dark = ImageChooserBlock(
        required=False,
        label=_("The same image for dark screens"),
        help_text=_("Only if yours looks wrong on a dark page."),
    )
    drawing = blocks.ChoiceBlock(
        choices=ILLUSTRATIONS,
        required=False,
        search_index=False,
        label=_("Or a drawing"),
        help_text=_("Used where neither a picture nor an image is chosen."),
    )
    alt = blocks.CharBlock(
        required=False,
        max_length=250,
        label=_("Description"),
        help_text=_("What can be seen, for people who cannot see it. Empty: the picture only decorates."),
    )
    caption = blocks.CharBlock(required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "home/blocks/picture_fields.html"

    def clean(self, value):
        value = super().clean(value)
        must_be_public(value, "image", "image_dark")
        return value


class PictureBlock(PictureFields):
    class Meta:
        icon = "image"
        group = ARTICLE
        label = _("Picture")
        description = _("A picture of the product in a frame, as wide as the page allows, with a caption.")
        template = "home/blocks/picture.html"
        preview_template = PREVIEW
        preview_value = {"drawing": "journey", "alt": "A post’s way from brief to published", "caption": "A caption"}


class PictureAndTextBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, help_text=MARKER_HELP)
    text = blocks.RichTextBlock(features=["bold", "italic", "code", "link", "ul", "ol"])
    buttons = links()
    picture = PictureFields()
    side = blocks.ChoiceBlock(choices=SIDES, default="end", search_index=False)

    class Meta:
        icon = "image"
        group = LANDING
        label = _("Picture and text")
        description = _("One capability: a heading, a few sentences, and beside them the picture that proves it.")
        template = "home/blocks/picture_and_text.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "Say yes to *this very text*",
            "text": "<p>An approval is of one revision. A later edit asks again.</p>",
            "picture": {"drawing": "approval", "alt": "A text with the marker on it"},
            "side": "end",
        }


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    film = DocumentChooserBlock(help_text=_("An MP4 or WebM file. It is played from here: no other company is told."))
    poster = ImageChooserBlock(help_text=_("The picture that is shown before it plays."))
    minutes = blocks.DecimalBlock(min_value=0, max_digits=5, decimal_places=1)
    transcript = blocks.RichTextBlock(
        features=["bold", "italic", "link", "ul", "ol"],
        help_text=_("What is said and shown, for all who cannot play it."),
    )

    class Meta:
        icon = "media"
        group = ARTICLE
        label = _("Video")
        description = _("A film with its transcript. Nothing is loaded before somebody presses play.")
        template = "home/blocks/video.html"
        preview_template = PREVIEW
        preview_value = {
            "title": "A film",
            "minutes": "2.5",
            "transcript": "<p>What is said in it.</p>",
        }

    def clean(self, value):
        value = super().clean(value)
        must_be_public(value, "film", "poster")
        return value
