"""What a reader sees of a text at once, and what stands out in it."""

import re

import pytest
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from content_studio.previews.text import fold_position, marked_up, shown
from publishing.networks import NETWORKS, rules_for


def test_links_hashtags_and_mentions_stand_out():
    html = marked_up("Hi @ann@mastodon.social, see https://example.com/a #größe!", rules_for("mastodon"))
    assert '<span class="cs-mention">@ann@mastodon.social</span>' in html
    assert '<span class="cs-link">example.com/a</span>' in html
    assert '<span class="cs-tag">#größe</span>!' in html


def test_nothing_in_a_text_becomes_markup():
    html = marked_up('<script>alert("x")</script> #<b> https://example.com/"><img>', rules_for("x"))
    assert "<script" not in html and "<img" not in html and "<b>" not in html


def test_instagram_makes_no_link_of_an_address():
    assert "cs-link" not in marked_up("https://example.com", rules_for("instagram"))


def test_x_folds_after_280_characters_at_a_word():
    folded = shown("word " * 100, rules_for("x"))
    assert folded.visible == ("word " * 56).rstrip()
    assert folded.folded


def test_linkedin_folds_after_three_lines():
    folded = shown("One\nTwo\nThree\nFour", rules_for("linkedin"))
    assert (folded.visible, folded.folded) == ("One\nTwo\nThree", "\nFour")


def test_bluesky_shows_everything():
    text = "word " * 60
    assert fold_position(text, rules_for("bluesky")) == len(text)


@pytest.mark.parametrize("rules", NETWORKS, ids=lambda rules: rules.key)
@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.sampled_from('ab <>&"#@\n.é🚀\u200d') | st.characters(exclude_categories=["Cs"])))
def test_marking_up_loses_and_reorders_nothing(rules, text):
    parts = shown(text, rules)
    words = re.sub(r'</?span(?: class="cs-\w+")?>', "", parts.visible + parts.folded)
    assert words == escape(text)
