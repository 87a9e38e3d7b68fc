"""Blocks of documentation, blog and plain pages."""

import re

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.rich_text import get_text_for_indexing

from .base import ARTICLE, PREVIEW, TEXT_FEATURES, phrase

LANGUAGES = [
    ("bash", "Shell"),
    ("python", "Python"),
    ("javascript", "JavaScript"),
    ("json", "JSON"),
    ("http", "HTTP"),
    ("yaml", "YAML"),
    ("ini", "Settings"),
    ("text", _("Plain text")),
]


_ENDS = re.compile(r"</(?:p|li|h[23]|blockquote)>")

KINDS = [("note", _("Note")), ("tip", _("Tip")), ("warning", _("Warning"))]


class TextBlock(blocks.RichTextBlock):
    def __init__(self, **kwargs):
        kwargs.setdefault("features", TEXT_FEATURES)
        super().__init__(**kwargs)

    def get_searchable_content(self, value):
        """One piece for each paragraph, heading and entry of a list."""
        return [get_text_for_indexing(part) for part in _ENDS.split(value.source)]

    class Meta:
        icon = "pilcrow"
        group = ARTICLE
        label = _("Text")
        description = _("Paragraphs, headings, lists, links. Level-two headings become the page’s table of contents.")
        template = "home/blocks/text.html"
        preview_template = PREVIEW
        preview_value = "<h2>A heading</h2><p>And a paragraph with a <a href='/'>link</a> and <code>code</code>.</p>"


class CodeBlock(blocks.StructBlock):
    caption = blocks.CharBlock(required=False, max_length=120)
    samples = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("language", blocks.ChoiceBlock(choices=LANGUAGES, default="bash", search_index=False)),
                ("code", blocks.TextBlock(rows=8)),
            ],
            icon="code",
            label=_("Sample"),
        ),
        min_num=1,
        max_num=4,
        help_text=_("The same thing in several languages becomes tabs."),
    )

    class Meta:
        icon = "code"
        group = ARTICLE
        label = _("Code")
        description = _("Code samples, coloured; several languages become tabs.")
        template = "home/blocks/code.html"
        preview_template = PREVIEW
        preview_value = {
            "caption": "Ask who you are",
            "samples": [
                {"language": "bash", "code": 'curl -H "Authorization: Bearer $TOKEN" $STUDIO/api/v1/me/'},
                {"language": "python", "code": 'requests.get(f"{studio}/api/v1/me/", headers=headers).json()'},
            ],
        }


class NoteBlock(blocks.StructBlock):
    kind = blocks.ChoiceBlock(choices=KINDS, default="note", search_index=False)
    text = phrase()

    class Meta:
        icon = "info-circle"
        group = ARTICLE
        label = _("Note")
        description = _("A sentence or two that must not be missed: a note, a tip or a warning.")
        template = "home/blocks/note.html"
        preview_template = PREVIEW
        preview_value = {"kind": "tip", "text": "<p>Press the button twice.</p>"}


class TableBlock(TypedTableBlock):
    def __init__(self, **kwargs):
        super().__init__([("text", phrase(label=_("Text")))], **kwargs)

    class Meta:
        icon = "table"
        group = ARTICLE
        label = _("Table")
        description = _("Rows and columns with headings. Give it a caption: it is read first by who cannot see it.")
        template = "home/blocks/table.html"
        preview_template = PREVIEW
        preview_value = {
            "columns": [{"type": "text", "heading": "Network"}, {"type": "text", "heading": "Characters"}],
            "rows": [{"values": ["<p>Mastodon</p>", "<p>500</p>"]}, {"values": ["<p>Bluesky</p>", "<p>300</p>"]}],
            "caption": "How long a post may be",
        }
