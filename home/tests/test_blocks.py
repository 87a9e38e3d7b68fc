"""Blocks as an editor meets them: each explains itself, and can be seen before it is chosen."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import RequestFactory
from wagtail.blocks.stream_block import StreamBlock

from home.blocks import ArticleBody, LandingBody
from home.blocks.base import LinkBlock
from home.blocks.landing import ComparisonBlock
from home.first_content.markdown import blocks as blocks_of

pytestmark = pytest.mark.django_db
BLOCKS = {**LandingBody().child_blocks, **ArticleBody().child_blocks}


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_says_what_it_is_for(name):
    block = BLOCKS[name]
    assert len(str(block.get_description())) > 20
    assert block.meta.icon != "placeholder"
    assert str(block.meta.group)


@pytest.mark.parametrize("name", BLOCKS)
def test_every_block_can_be_seen_in_the_chooser(name, db):
    block = BLOCKS[name]
    assert block.is_previewable
    value = block.get_preview_value()
    request = RequestFactory().get("/")
    context = {
        "request": request,
        "block_def": block,
        "block_class": type(block),
        "bound_block": block.bind(value),
        "page": None,
    }
    html = render_to_string(block.get_preview_template(value, context), block.get_preview_context(value, context))
    body = html.split("<main", 1)[1].split("</main>")[0]
    assert "<section" in body or "<div" in body or "<figure" in body or "<aside" in body or "<p" in body


@pytest.mark.parametrize("name", ["plans", "features"])
def test_without_a_heading_no_level_is_left_out(name):
    block = BLOCKS[name]
    value = block.to_python(block.get_prep_value(block.get_preview_value()) | {"heading": ""})
    assert re.findall(r"<h(\d)", value.render_as_block())[0] == "2"


def test_every_icon_that_can_be_chosen_is_drawn():
    from home.blocks.base import ICONS
    from home.icons import PATHS

    assert {name for name, _ in ICONS} <= set(PATHS)


def test_every_drawing_that_can_be_chosen_exists():
    from home.blocks.media import ILLUSTRATIONS

    for name, _ in ILLUSTRATIONS:
        assert render_to_string(f"home/drawings/{name}.svg").lstrip().startswith("<svg ")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://x.test"])
def test_a_link_leads_only_to_web_and_mail_addresses(address):
    block = LinkBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"label": "x", "address": address}))


def test_a_link_needs_exactly_one_place_to_lead_to():
    block = LinkBlock()
    with pytest.raises(ValidationError):
        block.clean(block.to_python({"label": "x", "address": ""}))
    assert block.clean(block.to_python({"label": "x", "address": "/pricing/"}))["label"] == "x"


def test_a_comparison_needs_a_cell_for_each_of_the_others():
    block = ComparisonBlock()
    value = {
        "heading": "h",
        "checked_on": "2026-11-23",
        "others": ["A", "B"],
        "rows": [{"capability": "c", "ours": "o", "theirs": ["only one"]}],
        "sources": [{"label": "s", "address": "https://example.org/"}],
    }
    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))
    value["rows"][0]["theirs"].append("the other")
    assert block.clean(block.to_python(value))


def test_a_comparison_says_of_each_product_what_is_said_of_it():
    block = ComparisonBlock()
    value = block.get_preview_value() | {
        "others": ["Tool A", "Tool B"],
        "rows": [
            {"capability": "Approves", "ours": "Yes", "theirs": ["A1", "B1"]},
            {"capability": "Retries", "ours": "Always", "theirs": ["A2"]},  # a draft that is not finished
        ],
    }
    html = block.to_python(block.get_prep_value(block.to_python(value))).render_as_block()
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL)]
    assert rows[1:] == [["Content Studio", "Yes", "Always"], ["Tool A", "A1", "A2"], ["Tool B", "B1", ""]]


def test_only_one_hero_stands_on_a_page():
    body = LandingBody()
    hero = {"type": "hero", "value": {"heading": "h", "text": "<p>t</p>"}}
    with pytest.raises(ValidationError):
        body.clean(body.to_python([hero, hero]))
    assert isinstance(body, StreamBlock)


def test_markdown_becomes_blocks():
    text = "## A\n\nText **b**.\n\n```bash Try\nls\n```\n```python\nx\n```\n\n"
    text += "> Tip: Do.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n[networks]\n"
    made = blocks_of(text)
    assert [kind for kind, _ in made] == ["text", "code", "note", "table", "networks"]
    assert made[0][1] == "<h2>A</h2> <p>Text <b>b</b>.</p>"
    assert [sample["language"] for sample in made[1][1]["samples"]] == ["bash", "python"]
    assert made[2][1] == {"kind": "tip", "text": "<p>Do.</p>"}


def test_every_picture_of_the_product_is_there_in_every_width():
    from django.contrib.staticfiles import finders

    from home import pictures

    for name in pictures.PICTURES:
        for source in pictures.sources(name):
            for _width, address in source.files:
                assert finders.find(address.removeprefix("/static/")), address
    assert [source.media for source in pictures.sources("editor")][::2] == [
        "(max-width: 40rem) and (prefers-color-scheme: dark)",
        "(max-width: 40rem)",
        "(prefers-color-scheme: dark)",
        "",
    ]
