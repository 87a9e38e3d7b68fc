"""What a post is made of."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock


class ImageBlock(blocks.StructBlock):
    """A picture with the alternative text that this post gives it."""

    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(
        label=_("Alternative text"),
        required=False,
        max_length=1000,
        help_text=_("What somebody who cannot see the picture should know."),
    )
    decorative = blocks.BooleanBlock(
        label=_("Decorative"),
        required=False,
        help_text=_("The picture says nothing that the text does not."),
    )

    class Meta:
        icon = "image"
        label = _("Picture")


class LinkBlock(blocks.StructBlock):
    """A link, with the card that networks show for it."""

    url = blocks.URLBlock(label=_("Address"))
    title = blocks.CharBlock(label=_("Card title"), required=False, max_length=200)
    description = blocks.CharBlock(label=_("Card text"), required=False, max_length=300)
    image = ImageChooserBlock(label=_("Card picture"), required=False)

    class Meta:
        icon = "link"
        label = _("Link")


class SegmentBlock(blocks.StructBlock):
    """One post of a thread."""

    text = blocks.TextBlock(label=_("Text"), required=False, rows=6)
    media = blocks.StreamBlock(
        [("image", ImageBlock()), ("document", DocumentChooserBlock())],
        label=_("Pictures and files"),
        required=False,
        max_num=20,
    )
    link = blocks.ListBlock(LinkBlock(), label=_("Link"), max_num=1, default=[])

    class Meta:
        icon = "pilcrow"
        label = _("Segment")


class PostBlock(blocks.StreamBlock):
    """The whole post: its segments, in order. More than one is a thread."""

    segment = SegmentBlock()

    class Meta:
        required = False
