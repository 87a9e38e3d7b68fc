"""What each channel would say to a post, before anything is sent."""

import pytest

from content_studio.ai.models import BrandVoice
from content_studio.checks import Report, checks_of, editorial_findings
from content_studio.drafting import create_draft, segment
from content_studio.planning import publish_post_now
from content_studio.problems import ChecksFailed
from content_studio.reviewing import approve_post, submit_post
from publishing.messages import Link, Message, Segment
from publishing.models import Channel
from publishing.networks import rules_for


def found(text, network="x", link=None):
    message = Message(segments=(Segment(text=text, link=Link(url=link) if link else None),))
    return [(finding.code, finding.blocking) for finding in editorial_findings(message, rules_for(network))]


@pytest.mark.parametrize(
    "text",
    [
        "Meet [Your Company] today",
        "Read on: [insert link here]",
        "Hello {{ first_name }}!",
        "Lorem ipsum dolor sit amet",
        "TODO: write this",
        "<insert date>",
    ],
)
def test_what_was_to_be_filled_in_blocks(text):
    assert found(text) == [("to_fill_in", True)]


@pytest.mark.parametrize(
    "text",
    [
        "We listed our todo apps.",
        "TODO incluido",
        "An array [1, 2] and {x}",
        "2 < 3 > 1",
        "Look [here]",
        "Methodology matters",
    ],
)
def test_ordinary_texts_have_nothing_to_fill_in(text):
    assert found(text) == []


@pytest.mark.parametrize("address", ["https://example.com/a", "https://shop.test/", "https://localhost:8000/x"])
def test_a_link_that_leads_nowhere_is_pointed_out(address):
    assert found("Look", link=address) == [("link_leads_nowhere", False)]


def test_an_unencrypted_link_is_pointed_out_once():
    assert found("See http://www.wikipedia.org/wiki", link="http://www.wikipedia.org/wiki") == [
        ("link_not_secure", False)
    ]


def test_an_affiliate_link_asks_for_a_disclosure():
    address = "https://www.wikipedia.org/shoe?tag=acme-21"
    assert found("Buy it", link=address) == [("disclosure_missing", False)]
    assert found("Buy it #ad", link=address) == []
    assert found("Buy it (affiliate link)", link=address) == []


@pytest.mark.django_db
def test_each_channel_is_checked_by_its_own_limits(acme, bob):
    small, large = (
        Channel.objects.create(organization=acme, network="mastodon", name=name, limits=limits)
        for name, limits in (("Small", {}), ("Wide", {"max_characters": 5000}))
    )
    post = create_draft(organization=acme, user=bob, segments=[segment("a" * 600)], channels=[small, large])

    first, second = checks_of(post.get_latest_revision_as_object())

    assert (first.channel, first.blocked, [finding.code for finding in first.findings]) == (
        small,
        True,
        ["text_too_long"],
    )
    assert (second.channel, second.blocked, second.counts[0].limit) == (large, False, 5000)
    assert checks_of(post.get_latest_revision_as_object(), without={small.pk})[0].channel == large


@pytest.mark.django_db
def test_what_every_channel_would_say_is_said_once(acme, bob):
    channels = [
        Channel.objects.create(organization=acme, network=network, name=network) for network in ("x", "bluesky")
    ]
    post = create_draft(organization=acme, user=bob, segments=[segment("[your name] " + "a" * 285)], channels=channels)

    report = Report.of(checks_of(post.get_latest_revision_as_object()))

    assert [finding.code for finding in report.common] == ["to_fill_in"]
    assert [[finding.code for finding in check.findings] for check in report.checks] == [["text_too_long"], []]
    assert report.problems == 2


@pytest.mark.django_db
def test_a_word_that_the_brand_voice_bans_keeps_a_post_from_going_out(acme, bob, adam):
    BrandVoice.objects.create(organization=acme, name="Acme", is_default=True, banned="cheap\ngame changer")
    ours = Channel.objects.create(organization=acme, network="mastodon", name="Ours", sandbox=True)
    post = create_draft(organization=acme, user=bob, segments=[segment("A Game Changer, not cheaper")], channels=[ours])

    (check,) = checks_of(post.get_latest_revision_as_object())

    assert [finding.message for finding in check.findings] == ["“game changer” is banned by your brand voice “Acme”."]
    submit_post(post, user=bob)
    approve_post(post, user=adam)
    with pytest.raises(ChecksFailed, match="banned by your brand voice"):
        publish_post_now(post, user=adam)
