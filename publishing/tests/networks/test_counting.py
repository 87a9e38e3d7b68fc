"""Each network's own way to count."""

import json
import time
from pathlib import Path

import pytest

from publishing.messages import Message, Segment
from publishing.networks import NETWORKS, UnknownNetwork, rules_for

X_CASES = json.loads((Path(__file__).parent / "x_weighted_lengths.json").read_text())["cases"]


def test_networks_come_in_the_order_in_which_they_are_shown():
    assert [rules.key for rules in NETWORKS] == ["x", "linkedin", "instagram", "bluesky", "mastodon"]


def test_twitter_is_another_name_of_x():
    assert rules_for("twitter") is rules_for("x") is rules_for(" X ")


def test_an_unknown_network_is_a_problem_that_names_the_known_ones():
    with pytest.raises(UnknownNetwork, match=r"myspace.*twitter.*bluesky"):
        rules_for("myspace")


@pytest.mark.parametrize(("what", "text", "length"), X_CASES, ids=[case[0] for case in X_CASES])
def test_x_counts_weighted_length(what, text, length):
    assert rules_for("x").count(text).value == length


def test_x_takes_280_and_not_281():
    x = rules_for("x")
    assert x.fits("日" * 140)
    assert not x.fits("日" * 140 + "a")


@pytest.mark.parametrize("limits", [{"premium": True}, {"max_characters": 25_000}])
def test_a_premium_account_on_x_has_25000(limits):
    assert rules_for("x").count("a", limits=limits).limit == 25_000


@pytest.mark.parametrize("nonsense", [{"max_characters": 0}, {"max_characters": "many"}, {"max_characters": True}, {}])
def test_a_limit_that_is_nonsense_is_not_believed(nonsense):
    assert rules_for("mastodon").count("a", limits=nonsense).limit == 500


def test_bluesky_counts_what_a_person_sees():
    count = rules_for("bluesky").count("👨‍👩‍👧‍👦🇩🇪e\u0301\r\nநி")
    assert (count.value, count.limit, count.unit) == (5, 300, "characters")


def test_bluesky_refuses_300_characters_that_take_more_than_3000_bytes():
    bluesky = rules_for("bluesky")
    families = "👨‍👩‍👧‍👦" * 150  # 25 bytes each
    assert bluesky.count(families).value == 150
    assert not bluesky.fits(families)
    codes = [finding.code for finding in bluesky.check(Message(segments=(Segment(text=families),)))]
    assert codes == ["text_too_many_bytes"]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("plain", 5),
        ("👨‍👩‍👧‍👦", 1),
        ("https://example.com/a/very/long/path/that/goes/on", 23),
        ("see https://example.com.", 28),
        ("example.com without a protocol", 30),  # is no link there
        ("@ann", 4),
        ("@ann@mastodon.example", 4),
        ("hello @ann@mastodon.example!", 11),
        ("@ann.lee@social.example.org and @bob", 17),
        ("ann@mastodon.example", 20),  # an e-mail address is no mention
        ("https://mastodon.social/@ann@other.example", 23),
        ("https://mastodon.social/@ann/109 @bob@mastodon.example", 28),
        ("(https://example.com/a_(b)_c)", 25),
        ("https://example.com/über/日本?q=ä&x=1, then", 29),
        ("https://example.com/a https://example.com/b", 47),
    ],
)
def test_mastodon_counts_links_as_reserved_and_mentions_without_their_domain(text, length):
    assert rules_for("mastodon").count(text).value == length


def test_a_mastodon_instance_sets_the_limits():
    limits = {"max_characters": 5000, "characters_reserved_per_url": 42}
    count = rules_for("mastodon").count("https://example.com/", limits=limits)
    assert (count.value, count.limit) == (42, 5000)


def test_a_content_warning_counts_on_mastodon():
    message = Message(segments=(Segment(text="a" * 490),), options={"spoiler_text": "Spoilers!!!"})
    mastodon = rules_for("mastodon")
    assert mastodon.count_segment(message, 0).value == 501
    assert [finding.code for finding in mastodon.check(message)] == ["text_too_long"]


@pytest.mark.parametrize(("network", "limit"), [("linkedin", 3000), ("instagram", 2200)])
def test_linkedin_and_instagram_count_characters(network, limit):
    rules = rules_for(network)
    assert rules.count("é" * limit).value == limit
    assert rules.fits("é" * limit)
    assert not rules.fits("é" * (limit + 1))


def test_escaping_does_not_eat_into_linkedins_limit():
    assert rules_for("linkedin").fits("(" * 3000)


@pytest.mark.parametrize("rules", NETWORKS, ids=lambda rules: rules.key)
@pytest.mark.parametrize(
    "text",
    ["a." * 10_000, ("a." * 127 + "/") * 16, ("https://a.co/" + "(a)" * 1_350 + " ") * 5, "https://" + "a." * 5_000],
    ids=["dots", "slashes", "parentheses", "subdomains"],
)
def test_no_text_keeps_a_counter_busy(rules, text):
    started = time.process_time()
    rules.measure(text)
    assert time.process_time() - started < 2  # milliseconds as a rule; minutes before
