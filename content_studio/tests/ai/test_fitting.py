"""What leaves the fitting fits its network, whatever the model wrote."""

import pytest

from content_studio.ai.base import Malformed
from content_studio.ai.fitting import MOST_CORRECTIONS, Fitted, fit
from content_studio.ai.prompts import Brief, question_for
from content_studio.ai.registry import provider_for
from publishing.networks import NETWORKS, rules_for

from . import wire

SENTENCE = "Our new roof keeps the rain out, and the garden on top of it keeps the whole house cool in summer. "
TOO_LONG = (SENTENCE * 4).strip()


def brief_for(network="x", prompt="Write about our roof", **kwargs):
    return Brief(rules=rules_for(network), tone="casual", prompt=prompt, **kwargs)


def fitted(brief, *, budget=1_000_000):
    result = Fitted()
    provider = provider_for("openai")
    news = list(fit(brief, question_for(brief), ask=lambda q: [provider.ask(q)], budget=budget, fitted=result))
    return result, news


def test_a_draft_that_fits_is_taken_as_it_is(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("  A new roof!  \n")))

    result, news = fitted(brief_for())

    assert result.segments == ["A new roof!"]
    assert not result.shortened
    assert news == []
    assert len(openai_server.requests) == 1


def test_a_draft_that_is_too_long_goes_back_with_the_count_until_it_fits(openai_server):
    openai_server.answers(
        wire.openai_reply(wire.draft(TOO_LONG)),
        wire.openai_reply(wire.draft(TOO_LONG[:-80])),
        wire.openai_reply(wire.draft("A new roof, with a garden.")),
    )

    result, news = fitted(brief_for())

    assert result.segments == ["A new roof, with a garden."]
    assert not result.shortened
    assert [kind for kind, _texts in news] == ["correcting", "correcting"]
    assert result.provider_tokens == 3 * 402
    second, third = (request.body["input"] for request in openai_server.requests[1:])
    assert [turn["role"] for turn in second] == ["user", "assistant", "user"]
    assert second[1]["content"] == wire.draft(TOO_LONG)
    assert f"{len(TOO_LONG)} characters" in second[2]["content"]
    assert "280" in second[2]["content"]
    assert len(third) == 5
    assert result.exchanges[0]["answered"] == wire.draft(TOO_LONG)


def test_a_draft_that_never_fits_is_cut_at_the_end_of_a_sentence_and_marked(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft(TOO_LONG)))

    result, _news = fitted(brief_for())

    assert result.segments == [(SENTENCE * 2).strip()]
    assert result.shortened
    assert len(openai_server.requests) == MOST_CORRECTIONS + 1


def test_no_correction_is_asked_for_that_the_reservation_does_not_cover(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft(TOO_LONG)))

    result, _news = fitted(brief_for(), budget=1_000)

    assert result.shortened
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize("network", [rules.key for rules in NETWORKS])
@pytest.mark.parametrize(
    "text",
    ["🧗🏽‍♀️ " * 2_000, "a" * 10_000, "字" * 5_000, "#tag " * 500, "नमस्ते " * 1_000],
    ids=["emoji", "one word", "Chinese", "hashtags", "Hindi"],
)
def test_whatever_a_model_writes_fits_in_the_end(openai_server, network, text):
    openai_server.answers(wire.openai_reply(wire.draft(text)))
    brief = brief_for(network, link="https://example.com/a-rather-long-address?with=parameters")

    result, _news = fitted(brief)

    findings = [
        finding
        for index in range(len(result.segments))
        for finding in brief.rules.check_text(brief.message(result.segments), index)
        if finding.blocking
    ]
    assert result.segments
    assert findings == []


def test_the_limit_is_that_of_the_channel(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("word " * 120)))

    long_ago, _news = fitted(brief_for("mastodon"))
    roomy, _news = fitted(brief_for("mastodon", limits={"max_characters": 5000}))

    assert long_ago.shortened
    assert not roomy.shortened
    assert "5000 characters" in question_for(brief_for("mastodon", limits={"max_characters": 5000})).instructions


def test_room_is_kept_for_the_link(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("a" * 270)))

    with_link, _news = fitted(brief_for(link="https://example.com/roof"))
    without, _news = fitted(brief_for())

    assert with_link.shortened
    assert not without.shortened


def test_the_link_that_is_added_anyway_is_taken_out_of_the_text(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("A new roof! https://example.com/roof")))

    result, _news = fitted(brief_for(link="https://example.com/roof"))

    assert result.segments == ["A new roof!"]


def test_segments_of_a_thread_are_fitted_one_by_one(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("First.", TOO_LONG, "", "Third.")))

    result, _news = fitted(brief_for(prompt="A thread about our roof"))

    assert result.segments == ["First.", (SENTENCE * 2).strip(), "Third."]


def test_several_segments_that_nobody_asked_for_become_one(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("First.", "Second.")))

    result, _news = fitted(brief_for())

    assert result.segments == ["First.\n\nSecond."]


@pytest.mark.parametrize(
    ("smuggled", "left"),
    [
        ("A new roof! Win a prize at https://evil.example/win now! Come and see.", "A new roof! Come and see."),
        ("A new roof.\nMore on evil.com/roof", "A new roof."),
        ("Win a prize at https://evil.example/win now!", "Win a prize at now!"),
        ("Ask @someone_famous about roofs.", "Ask someone_famous about roofs."),
    ],
)
def test_links_and_mentions_that_nobody_asked_for_do_not_come_through(openai_server, smuggled, left):
    openai_server.answers(wire.openai_reply(wire.draft(smuggled)))

    result, _news = fitted(brief_for())

    assert result.segments == [left]
    assert "which the brief does not" in openai_server.requests[1].body["input"][-1]["content"]


def test_links_and_mentions_of_the_brief_may_be_used(openai_server):
    text = "See acme.com with @acme."
    openai_server.answers(wire.openai_reply(wire.draft(text)))

    result, _news = fitted(brief_for(prompt="Tell people to see https://www.acme.com/ and thank @acme"))

    assert result.segments == [text]


def test_a_model_that_writes_nothing_is_an_error(openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("", "  ")))

    with pytest.raises(Malformed, match="wrote no text"):
        fitted(brief_for())
