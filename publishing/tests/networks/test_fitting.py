"""A text that is too long is cut where it hurts least, by the network's own counter."""

import grapheme
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.networks import NETWORKS, rules_for

PIECES = st.sampled_from(
    [
        *("Word", "longer-word", "🚀", "👨‍👩‍👧‍👦", "日本語", "。", ". ", "! ", " ", "\n\n"),
        *("https://example.com/path", "#tag", "e\u0301", "@a@b.example"),
    ]
)
LONG_TEXTS = st.lists(PIECES, min_size=1, max_size=40).map("".join)


def test_a_text_that_fits_is_left_alone():
    assert rules_for("x").truncate("Short. ") == "Short. "


def test_the_cut_is_at_a_sentences_end():
    text = "The first sentence is here. " * 12
    cut = rules_for("x").truncate(text)
    assert cut == ("The first sentence is here. " * 10).strip()


def test_quotes_belong_to_their_sentence():
    sentence = "She said “Come and see it all today.” "
    assert rules_for("x").truncate(sentence * 10).endswith("today.”")


def test_east_asian_sentences_need_no_space():
    assert rules_for("x").truncate("今日は晴れです。" * 30) == "今日は晴れです。" * 17


def test_a_paragraph_without_a_full_stop_is_a_sentence_too():
    assert rules_for("bluesky").truncate("a" * 200 + "\n" + "b" * 200) == "a" * 200


def test_one_endless_sentence_is_cut_at_a_word_and_marked():
    cut = rules_for("x").truncate("word " * 100)
    assert cut == "word " * 55 + "word…" or cut == ("word " * 55).strip() + "…"
    assert rules_for("x").count(cut).value > 270


def test_a_very_early_sentence_end_does_not_throw_the_rest_away():
    assert len(rules_for("x").truncate("Hi. " + "word " * 100)) > 250


def test_a_word_without_end_is_cut_between_characters_that_people_see():
    assert rules_for("bluesky").truncate("👨‍👩‍👧‍👦" * 200) == "👨‍👩‍👧‍👦" * 119 + "…"  # 119 * 25 + 3 bytes


def test_a_link_is_kept_whole_or_left_out():
    text = "a" * 270 + " https://example.com/page and more text behind it"
    assert "http" not in rules_for("x").truncate(text)


def test_limits_of_the_account_are_followed():
    assert len(rules_for("mastodon").truncate("word " * 3000, {"max_characters": 5000})) > 4900


@pytest.mark.parametrize("rules", NETWORKS, ids=lambda rules: rules.key)
@settings(max_examples=60, deadline=None)
@given(text=LONG_TEXTS, limit=st.integers(min_value=2, max_value=80))
def test_what_comes_out_always_fits_and_is_a_beginning(rules, text, limit):
    cut = rules.truncate(text, {"max_characters": limit})
    assert rules.fits(cut, limits={"max_characters": limit})
    beginning = cut.removesuffix("…") if cut != text else cut
    assert text.startswith(beginning)
    characters = list(grapheme.graphemes(text))
    assert list(grapheme.graphemes(beginning)) == characters[: len(list(grapheme.graphemes(beginning)))]
