"""What a post is made of."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock

from publishing.models import Network


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


class PollBlock(blocks.StructBlock):
    """A poll below the text, which is its question."""

    options = blocks.ListBlock(
        blocks.CharBlock(label=_("Option"), required=False, max_length=100),
        label=_("Options"),
        min_num=2,
        max_num=8,
        default=["", ""],
    )
    minutes = blocks.ChoiceBlock(
        choices=[
            ("60", _("1 hour")),
            ("360", _("6 hours")),
            ("720", _("12 hours")),
            ("1440", _("1 day")),
            ("4320", _("3 days")),
            ("10080", _("7 days")),
        ],
        label=_("Open for"),
        default="1440",
    )

    class Meta:
        icon = "list-ul"
        label = _("Poll")


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
    poll = blocks.ListBlock(PollBlock(), label=_("Poll"), max_num=1, default=[])

    class Meta:
        icon = "pilcrow"
        label = _("Segment")


class OverrideBlock(blocks.StructBlock):
    """What is different on one network. Whatever is left empty is as in the post itself."""

    network = blocks.ChoiceBlock(choices=Network.choices, label=_("Network"))
    segments = blocks.StreamBlock(
        [("segment", SegmentBlock())],
        label=_("Content there"),
        required=False,
        help_text=_(
            "Each segment stands for the post's segment in the same place; its empty fields are taken over from there. "
            "One segment here makes a single post of a thread."
        ),
    )
    first_comment = blocks.TextBlock(label=_("First comment there"), required=False, rows=2)
    leave_out = blocks.MultipleChoiceBlock(
        choices=[
            ("media", _("Pictures and files")),
            ("link", _("Link")),
            ("poll", _("Poll")),
            ("first_comment", _("First comment")),
        ],
        label=_("Leave out there"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        icon = "site"
        label = _("Different on one network")


class PostBlock(blocks.StreamBlock):
    """The whole post: its segments, in order, and what goes with them. More than one segment is a thread."""

    segment = SegmentBlock()
    first_comment = blocks.TextBlock(
        label=_("First comment"),
        icon="comment",
        rows=2,
        help_text=_("Published below the post at once, where the network allows it."),
    )
    override = OverrideBlock()

    class Meta:
        required = False
        block_counts = {"first_comment": {"max_num": 1}}

    def clean(self, value):
        cleaned = super().clean(value)
        networks = [block.value["network"] for block in cleaned if block.block_type == "override"]
        if len(set(networks)) < len(networks):
            raise blocks.StreamBlockValidationError(
                non_block_errors=[ValidationError(_("There are two blocks for the same network. Join them into one."))]
            )
        return cleaned


# Wagtail shows no label for a field that stands alone in a stream or a list.
for _alone in (PostBlock.base_blocks["first_comment"], PollBlock.base_blocks["options"].child_block):
    _alone.field.widget.attrs["aria-label"] = _alone.label
