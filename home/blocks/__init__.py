"""What pages of the public site are made of. Each block has a description and a preview in the chooser."""

from wagtail import blocks

from .article import CodeBlock, NoteBlock, TableBlock, TextBlock
from .landing import (
    CallToActionBlock,
    ComparisonBlock,
    FeaturesBlock,
    FiguresBlock,
    HeroBlock,
    PlansBlock,
    QuestionsBlock,
    QuotesBlock,
    StepsBlock,
)
from .media import PictureAndTextBlock, PictureBlock, VideoBlock
from .reference import NetworksBlock, ProblemsBlock, RolesBlock
from .reusable import NewsletterBlock, ReusableBlock

__all__ = ["ArticleBody", "LandingBody", "SectionBody"]


class SectionBody(blocks.StreamBlock):
    """Blocks that can stand anywhere on a marketing page, in the order in which the chooser offers them."""

    picture_and_text = PictureAndTextBlock()
    features = FeaturesBlock()
    steps = StepsBlock()
    plans = PlansBlock()
    comparison = ComparisonBlock()
    figures = FiguresBlock()
    quotes = QuotesBlock()
    questions = QuestionsBlock()
    call_to_action = CallToActionBlock()
    newsletter = NewsletterBlock()
    picture = PictureBlock()
    video = VideoBlock()
    text = TextBlock()
    table = TableBlock()
    code = CodeBlock()
    networks = NetworksBlock()
    roles = RolesBlock()

    class Meta:
        template = "home/blocks/stream.html"


class Opening(blocks.StreamBlock):
    """What comes first on a landing page, and so first in the chooser."""

    hero = HeroBlock()


class LandingBody(SectionBody, Opening):
    """The body of the home page and of landing and feature pages."""

    reusable = ReusableBlock()

    class Meta:
        template = "home/blocks/stream.html"
        block_counts = {"hero": {"max_num": 1}}


class ArticleBody(blocks.StreamBlock):
    """The body of documentation, blog and plain pages: a column of text and what belongs into it."""

    text = TextBlock()
    code = CodeBlock()
    note = NoteBlock()
    picture = PictureBlock()
    video = VideoBlock()
    table = TableBlock()
    networks = NetworksBlock()
    roles = RolesBlock()
    problems = ProblemsBlock()
    questions = QuestionsBlock()
    call_to_action = CallToActionBlock()
    reusable = ReusableBlock()

    class Meta:
        template = "home/blocks/stream.html"
