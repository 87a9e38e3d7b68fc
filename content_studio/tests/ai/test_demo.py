"""The demo writes without a key: readable, varied, the same for the same brief, and always within the limit."""

import itertools

import pytest

from content_studio.ai.base import NotOffered
from content_studio.ai.demo import topic
from content_studio.ai.demo_words import hashtags_for
from content_studio.ai.prompts import TONES, Brief, question_for
from content_studio.ai.registry import provider_for
from publishing.networks import NETWORKS, rules_for

PROMPTS = (
    "New product launch announcement",
    "Write a post about our solar backpack: it charges a phone in two hours",
    "Tell people that the shop is closed on Monday.\nNo other details.",
    "Thread about why we moved to Leipzig",
    "x" * 500,
)


def written(network="x", tone="professional", prompt=PROMPTS[0], **kwargs):
    brief = Brief(rules=rules_for(network), tone=tone, prompt=prompt, **kwargs)
    return brief, provider_for("demo").ask(question_for(brief)).content.segments


@pytest.mark.parametrize("network", [rules.key for rules in NETWORKS])
def test_everything_it_writes_fits_its_network(network):
    for tone, prompt, variant in itertools.product(TONES, PROMPTS, range(3)):
        brief, segments = written(network, tone, prompt, variant=variant)
        assert segments
        assert all(segment.strip() == segment and segment for segment in segments)
        assert all(brief.fits(segment, index) for index, segment in enumerate(segments))


def test_the_same_brief_gives_the_same_text_and_any_other_another():
    texts = {
        (network, tone, prompt, variant): tuple(written(network, tone, prompt, variant=variant)[1])
        for network, tone, prompt, variant in itertools.product(("x", "linkedin"), TONES, PROMPTS[:4], range(2))
    }

    assert written("x")[1] == written("x")[1]
    assert len(set(texts.values())) > 0.95 * len(texts)


def test_the_subject_is_in_the_text():
    assert "solar backpack" in written(prompt=PROMPTS[1])[1][0]


def test_a_brief_that_asks_for_a_thread_gets_one_where_there_are_threads():
    assert len(written("bluesky", prompt=PROMPTS[3])[1]) >= 4
    assert len(written("linkedin", prompt=PROMPTS[3])[1]) == 1


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        ("Write a post about our new roof.", "our new roof"),
        ("Please write a short LinkedIn post about trust", "trust"),
        ("Thread about why we moved to Leipzig", "why we moved to Leipzig"),
        ("New product launch announcement", "new product launch announcement"),
        ("NASA visits us", "NASA visits us"),
        ("Our launch: a backpack. It is green.", "our launch, a backpack"),
    ],
)
def test_it_knows_the_subject_from_the_task(prompt, subject):
    assert topic(prompt) == subject


def test_hashtags_are_the_words_that_carry_the_text():
    assert hashtags_for("We launch our solar backpack for hikers") == ["#SolarBackpack", "#Launch", "#Hikers"]


def test_it_says_so_when_something_takes_a_model():
    brief, _segments = written()
    question = question_for(brief)
    question.facts["task"] = "describe"

    with pytest.raises(NotOffered, match="Choose another AI provider"):
        provider_for("demo").ask(question)


def test_a_stream_ends_with_what_an_answer_is():
    brief, segments = written()

    *words, answer = provider_for("demo").stream(question_for(brief))

    assert answer.content.segments == segments
    assert "".join(words) == answer.text
