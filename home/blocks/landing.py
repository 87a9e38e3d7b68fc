"""Blocks of landing pages: what the product does, why to believe it, and what to do next."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from .base import ACTION, ICONS, LANDING, MARKER_HELP, PREVIEW, PROOF, START_FREE, LinkBlock, links, phrase
from .media import PictureFields


class HeroBlock(blocks.StructBlock):
    eyebrow = blocks.CharBlock(required=False, max_length=80, help_text=_("A short line above the heading."))
    heading = blocks.CharBlock(max_length=90, help_text=MARKER_HELP)
    text = phrase()
    buttons = links(default=START_FREE)
    note = blocks.CharBlock(required=False, max_length=120, help_text=_("A short line below the buttons."))
    picture = PictureFields(required=False)

    class Meta:
        icon = "title"
        group = LANDING
        label = _("Hero")
        description = _(
            "The first thing that a visitor sees: one heading, one sentence, one button. Use it once, on top."
        )
        template = "home/blocks/hero.html"
        preview_template = PREVIEW
        preview_value = {
            "eyebrow": "For teams that sign off what they say",
            "heading": "What was *approved* is what goes out.",
            "text": "<p>Write with AI, review together, schedule with confidence.</p>",
            "buttons": START_FREE,
            "note": "No card needed.",
        }


class FeatureBlock(blocks.StructBlock):
    icon = blocks.ChoiceBlock(choices=ICONS, default="check", search_index=False)
    title = blocks.CharBlock(max_length=80)
    text = phrase()
    link = blocks.ListBlock(LinkBlock(), max_num=1, default=[], label=_("Link"))

    class Meta:
        icon = "tick-inverse"
        label = _("Feature")


class FeaturesBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)
    features = blocks.ListBlock(FeatureBlock(), min_num=1)

    class Meta:
        icon = "grid"
        group = LANDING
        label = _("Features")
        description = _("Cards with an icon, a title and two sentences each. Three to six read best.")
        template = "home/blocks/features.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "One place from brief to published",
            "features": [
                {"icon": "spark", "title": "A first draft", "text": "<p>That fits each network’s limit.</p>"},
                {"icon": "check", "title": "A second pair of eyes", "text": "<p>Approval of one exact revision.</p>"},
                {"icon": "send", "title": "Sent once", "text": "<p>Never twice, whatever breaks.</p>"},
            ],
        }


class StepsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)
    steps = blocks.ListBlock(
        blocks.StructBlock(
            [("title", blocks.CharBlock(max_length=60)), ("text", phrase())],
            icon="order",
            label=_("Step"),
        ),
        min_num=2,
    )

    class Meta:
        icon = "list-ol"
        group = LANDING
        label = _("Steps")
        description = _("A way through something, numbered. Three to six steps.")
        template = "home/blocks/steps.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "How a post gets out",
            "steps": [
                {"title": "Brief", "text": "<p>Say what it is about.</p>"},
                {"title": "Draft", "text": "<p>AI writes, a person edits.</p>"},
                {"title": "Approve", "text": "<p>Somebody says yes to this very text.</p>"},
            ],
        }


class ComparisonBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)
    checked_on = blocks.DateBlock(help_text=_("The day on which every statement about others was checked."))
    others = blocks.ListBlock(
        blocks.CharBlock(max_length=40, label=_("Product")), min_num=1, max_num=6, label=_("The other products")
    )
    rows = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("capability", blocks.CharBlock(max_length=120)),
                ("ours", blocks.CharBlock(max_length=160, label=_("What we do"))),
                (
                    "theirs",
                    blocks.ListBlock(
                        blocks.CharBlock(max_length=160, label=_("What it does")),
                        label=_("What the others do"),
                        help_text=_(
                            "One for each of the other products, in the same order. A dash where nothing can be read."
                        ),
                    ),
                ),
            ],
            icon="table",
            label=_("Row"),
        ),
        min_num=1,
    )
    sources = blocks.ListBlock(
        blocks.StructBlock(
            [("label", blocks.CharBlock(max_length=120)), ("address", blocks.URLBlock())],
            icon="link-external",
            label=_("Source"),
        ),
        min_num=1,
        help_text=_("Where each statement about others can be read. Without a source, leave the statement out."),
    )

    class Meta:
        icon = "table"
        group = PROOF
        label = _("Comparison")
        description = _("A table beside other products: true, dated, with its sources. Two to four rows read best.")
        template = "home/blocks/comparison.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "How it compares",
            "checked_on": "2026-11-23",
            "others": ["Another tool"],
            "rows": [{"capability": "Approval of one exact revision", "ours": "Yes", "theirs": ["Not documented"]}],
            "sources": [{"label": "Another tool: documentation", "address": "https://example.org/"}],
        }

    def clean(self, value):
        value = super().clean(value)
        wanted = len(value["others"])
        wrong = {
            index: blocks.StructBlockValidationError(
                block_errors={
                    "theirs": blocks.list_block.ListBlockValidationError(
                        non_block_errors=[
                            _("Give exactly %(count)d, one for each of the other products.") % {"count": wanted}
                        ]
                    )
                }
            )
            for index, row in enumerate(value["rows"])
            if len(row["theirs"]) != wanted
        }
        if wrong:
            rows = blocks.list_block.ListBlockValidationError(block_errors=wrong)
            raise blocks.StructBlockValidationError(block_errors={"rows": rows})
        return value


class QuotesBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120)
    quotes = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("text", blocks.TextBlock(max_length=500)),
                ("person", blocks.CharBlock(max_length=80)),
                ("role", blocks.CharBlock(required=False, max_length=120)),
                (
                    "permission",
                    blocks.CharBlock(
                        max_length=200,
                        search_index=False,
                        help_text=_("Who allowed us to print this, when and how. Not shown. No permission, no quote."),
                    ),
                ),
            ],
            icon="openquote",
            label=_("Quote"),
        ),
        min_num=1,
        max_num=3,
    )

    class Meta:
        icon = "openquote"
        group = PROOF
        label = _("Quotes")
        description = _("What real people said, word for word, with their permission.")
        template = "home/blocks/quotes.html"
        preview_template = PREVIEW
        preview_value = {
            "quotes": [
                {
                    "text": "The words of a real person stand here.",
                    "person": "Their name",
                    "role": "What they do, and where",
                    "permission": "E-mail of 1 March",
                }
            ]
        }


class FiguresBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120)
    figures = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("value", blocks.CharBlock(max_length=20)),
                ("label", blocks.CharBlock(max_length=120)),
                ("source", blocks.CharBlock(max_length=200, help_text=_("How and when it was measured. Shown."))),
            ],
            icon="decimal",
            label=_("Figure"),
        ),
        min_num=1,
        max_num=4,
    )

    class Meta:
        icon = "decimal"
        group = PROOF
        label = _("Figures")
        description = _("Up to four numbers, each with how it was measured.")
        template = "home/blocks/figures.html"
        preview_template = PREVIEW
        preview_value = {
            "figures": [
                {"value": "7", "label": "networks", "source": "Counted in the product"},
                {"value": "0", "label": "cookies on this site", "source": "Look in your browser"},
            ]
        }


class QuestionsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(default="Questions", max_length=120)
    questions = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(max_length=200)),
                ("answer", blocks.RichTextBlock(features=[*("bold", "italic", "code", "link"), "ul", "ol"])),
            ],
            icon="help",
            label=_("Question"),
        ),
        min_num=1,
    )

    class Meta:
        icon = "help"
        group = PROOF
        label = _("Questions")
        description = _("Questions with answers to open. Search engines read them too.")
        template = "home/blocks/questions.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "Questions",
            "questions": [{"question": "Do I need a card to start?", "answer": "<p>No.</p>"}],
        }


class PlansBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)

    class Meta:
        icon = "tag"
        group = LANDING
        label = _("Plans")
        description = _("The plans and their prices, always those that are really charged.")
        template = "home/blocks/plans.html"
        preview_template = PREVIEW
        preview_value = {"heading": "Plans"}


class CallToActionBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)
    buttons = links(default=START_FREE)

    class Meta:
        icon = "pick"
        group = ACTION
        label = _("Call to action")
        description = _("One sentence and one or two buttons; the end of most pages.")
        template = "home/blocks/call_to_action.html"
        preview_template = PREVIEW
        preview_value = {
            "heading": "Send your *first* post today.",
            "text": "<p>Free for up to four people.</p>",
            "buttons": START_FREE,
        }
