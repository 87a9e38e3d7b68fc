"""Blocks whose content is kept elsewhere."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.snippets.blocks import SnippetChooserBlock

from .base import ACTION, PREVIEW, phrase


class ReusableBlock(SnippetChooserBlock):
    def __init__(self, **kwargs):
        super().__init__("home.ReusableSection", **kwargs)

    class Meta:
        icon = "snippet"
        group = ACTION
        label = _("Reusable section")
        description = _("A section that is kept once, under Site content, and shown on many pages.")
        template = "home/blocks/reusable.html"
        preview_template = "home/block_preview_reusable.html"

    def get_preview_value(self):
        return self.model_class.objects.filter(live=True).first()


class NewsletterBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, default="What is new, about once a month")
    text = phrase(required=False)

    class Meta:
        icon = "mail"
        group = ACTION
        label = _("Newsletter")
        description = _("The form that subscribes to the newsletter. Every address is confirmed by mail first.")
        template = "home/blocks/newsletter.html"
        preview_template = PREVIEW
        preview_value = {"heading": "What is new, about once a month", "text": "<p>No more often.</p>"}
