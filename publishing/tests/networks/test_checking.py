"""What each network would refuse, said before it is sent."""

import pytest

from publishing.messages import Link, Media, Message, Poll, Segment
from publishing.networks import NETWORKS, rules_for


def picture(**changes):
    return Media(
        **{
            "kind": "image",
            "path": "images/shoe.jpg",
            "mime_type": "image/jpeg",
            "title": "Shoe",
            "alt": "A red running shoe",
            "width": 1080,
            "height": 1080,
            "size": 300_000,
            **changes,
        }
    )


def video(**changes):
    return Media(**{"kind": "video", "path": "v.mp4", "mime_type": "video/mp4", "title": "Clip", **changes})


def codes(network, *segments, limits=None, blocking=None, **message):
    findings = rules_for(network).check(Message(segments=segments, **message), limits=limits)
    return [finding.code for finding in findings if blocking is None or finding.blocking is blocking]


@pytest.mark.parametrize("rules", NETWORKS, ids=lambda rules: rules.key)
def test_a_short_text_with_a_described_picture_goes_everywhere(rules):
    assert rules.check(Message(segments=(Segment(text="Our new shoe is here.", media=(picture(),)),))) == []


@pytest.mark.parametrize("rules", NETWORKS, ids=lambda rules: rules.key)
def test_every_finding_says_what_is_wrong_and_what_to_do(rules):
    message = Message(
        segments=(
            Segment(
                text="#tag " * 800,
                media=(picture(alt="", size=10**9, mime_type="image/tiff", width=100, height=900), video()) * 25,
                poll=Poll(options=("a",) * 9, minutes=1),
                link=Link(url="https://example.com"),
            ),
            Segment(text=""),
        ),
        first_comment="c" * 9000,
    )
    findings = rules.check(message)
    assert len(findings) > 5
    for finding in findings:
        assert finding.message.endswith((".", "!")) and finding.fix.endswith(".")


def test_nothing_to_publish():
    assert codes("x", Segment(text=" \n")) == ["text_empty"]
    assert codes("x") == ["empty"]


def test_a_picture_alone_is_a_post():
    assert codes("bluesky", Segment(text="", media=(picture(),))) == []


def test_the_finding_says_by_how_much_a_text_is_too_long():
    (finding,) = rules_for("x").check(Message(segments=(Segment(text="ok"), Segment(text="a" * 290))))
    assert finding.segment == 1
    assert "290" in finding.message and "280" in finding.message and "10" in finding.fix


def test_a_link_counts_where_it_becomes_part_of_the_text():
    link = Link(url="https://example.com/launch")
    assert codes("x", Segment(text="a" * 260, link=link)) == ["text_too_long"]
    assert codes("x", Segment(text="a" * 255, link=link)) == []
    assert codes("bluesky", Segment(text="a" * 300, link=link)) == []  # a card of its own


def test_a_link_that_the_text_already_has_is_not_added_again():
    segment = Segment(text="Look: https://example.com/launch", link=Link(url="https://example.com/launch"))
    assert rules_for("x").text_of(segment) == segment.text


def test_instagram_needs_a_picture_and_shows_no_links():
    segment = Segment(text="Hello", link=Link(url="https://example.com"))
    assert codes("instagram", segment) == ["media_missing", "link_not_clickable"]
    assert codes("instagram", segment, blocking=True) == ["media_missing"]


def test_instagram_takes_30_hashtags():
    def tags(number):
        return " ".join(f"#tag{n}" for n in range(number))

    assert codes("instagram", Segment(text=tags(30), media=(picture(),))) == []
    assert codes("instagram", Segment(text=tags(31), media=(picture(),))) == ["too_many_hashtags"]


def test_hashtags_inside_links_and_numbers_of_issues_are_told_apart():
    text = "https://example.com/#section " * 31
    assert codes("instagram", Segment(text=text, media=(picture(),))) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"mime_type": "image/png"}, "media_format"),
        ({"width": 2000, "height": 1000}, "media_ratio"),
        ({"width": 700, "height": 1000}, "media_ratio"),
        ({"size": 9_000_000}, "media_too_large"),
        ({"width": 300, "height": 300}, "media_too_small"),
    ],
)
def test_instagram_is_strict_about_pictures(changes, code):
    assert codes("instagram", Segment(text="Hello", media=(picture(**changes),))) == [code]


@pytest.mark.parametrize("size", [(1080, 1350), (1080, 566), (1440, 1800), (1080, 1349)])
def test_instagram_takes_pictures_up_to_the_very_edge(size):
    assert codes("instagram", Segment(text="Hi", media=(picture(width=size[0], height=size[1]),))) == []


@pytest.mark.parametrize(
    ("network", "most"), [("x", 4), ("bluesky", 4), ("mastodon", 4), ("instagram", 10), ("linkedin", 20)]
)
def test_each_network_has_its_number_of_pictures(network, most):
    assert codes(network, Segment(text="Hi", media=(picture(),) * most)) == []
    assert codes(network, Segment(text="Hi", media=(picture(),) * (most + 1))) == ["media_too_many"]


def test_pictures_and_video_mix_only_on_instagram():
    media = (picture(), video())
    assert codes("instagram", Segment(text="Hi", media=media)) == []
    for network in ("x", "linkedin", "bluesky", "mastodon"):
        assert codes(network, Segment(text="Hi", media=media)) == ["media_mixed"]


def test_a_document_goes_to_linkedin_alone():
    document = Media(kind="document", path="d.pdf", mime_type="application/pdf", title="Report")
    assert codes("linkedin", Segment(text="Hi", media=(document,))) == []
    for network in ("x", "instagram", "bluesky", "mastodon"):
        assert codes(network, Segment(text="Hi", media=(document,))) == ["media_kind"]


def test_x_takes_a_gif_alone_and_up_to_15_megabytes():
    gif = picture(mime_type="image/gif", size=14_000_000)
    assert codes("x", Segment(text="Hi", media=(gif,))) == []
    assert codes("x", Segment(text="Hi", media=(gif, picture()))) == ["media_mixed"]
    assert codes("x", Segment(text="Hi", media=(picture(size=6_000_000),))) == ["media_too_large"]


def test_a_poll_excludes_media_on_x():
    poll = Poll(options=("Red", "Blue"), minutes=1440)
    assert codes("x", Segment(text="Which?", poll=poll)) == []
    assert codes("x", Segment(text="Which?", poll=poll, media=(picture(),))) == ["poll_with_media"]


def test_a_quoted_post_excludes_media_on_x():
    options = {"quote": "1234"}
    assert codes("x", Segment(text="So true"), options=options) == []
    assert codes("x", Segment(text="So true", media=(picture(),)), options=options) == ["quote_mixed"]


@pytest.mark.parametrize("network", ["instagram", "bluesky"])
def test_no_polls_where_they_cannot_be_sent(network):
    segment = Segment(text="Which?", media=(picture(),), poll=Poll(options=("Red", "Blue"), minutes=1440))
    assert codes(network, segment) == ["poll_unsupported"]


@pytest.mark.parametrize(
    ("poll", "code"),
    [
        (Poll(options=("One",), minutes=60), "poll_options"),
        (Poll(options=("1", "2", "3", "4", "5"), minutes=60), "poll_options"),
        (Poll(options=("a" * 26, "b"), minutes=60), "poll_option_too_long"),
        (Poll(options=("a", " "), minutes=60), "poll_option_empty"),
        (Poll(options=("a", "a"), minutes=60), "poll_option_twice"),
        (Poll(options=("a", "b"), minutes=4), "poll_duration"),
        (Poll(options=("a", "b"), minutes=10_081), "poll_duration"),
    ],
)
def test_polls_on_x_have_their_limits(poll, code):
    assert codes("x", Segment(text="Which?", poll=poll)) == [code]


def test_a_mastodon_instance_sets_the_limits_of_polls_and_media():
    limits = {"max_options": 6, "max_characters_per_option": 10, "max_media_attachments": 1, "description_limit": 5}
    poll = Poll(options=("one", "two", "three", "four", "five", "six"), minutes=60)
    assert codes("mastodon", Segment(text="Which?", poll=poll), limits=limits) == []
    assert codes("mastodon", Segment(text="Hi", media=(picture(alt="Shoe"),) * 2), limits=limits) == ["media_too_many"]
    assert codes("mastodon", Segment(text="Hi", media=(picture(),)), limits=limits) == ["alt_too_long"]


def test_a_poll_on_linkedin_needs_a_short_question():
    poll = Poll(options=("Red", "Blue"), minutes=1440)
    assert codes("linkedin", Segment(text=f"{'News. ' * 60}\nWhich one?", poll=poll)) == []
    assert codes("linkedin", Segment(text="Which of them? " * 20, poll=poll)) == ["poll_question_too_long"]


def test_a_thread_goes_only_where_there_are_threads():
    thread = (Segment(text="One"), Segment(text="Two"))
    for network in ("x", "bluesky", "mastodon"):
        assert codes(network, *thread) == []
    assert codes("linkedin", *thread) == ["thread_unsupported"]


def test_a_first_comment_goes_only_where_it_can_be_sent():
    assert codes("linkedin", Segment(text="Hi"), first_comment="Link: https://example.com") == []
    assert codes("linkedin", Segment(text="Hi"), first_comment="a" * 1251) == ["first_comment_too_long"]
    for network, most in (("x", 280), ("bluesky", 300), ("mastodon", 500)):
        # There it is a reply, counted like any other post.
        assert codes(network, Segment(text="Hi"), first_comment="a" * most) == []
        assert codes(network, Segment(text="Hi"), first_comment="a" * (most + 1)) == ["first_comment_too_long"]
    assert codes("x", Segment(text="Hi"), first_comment="https://example.com/" + "a" * 400) == []


def test_a_picture_needs_a_description_unless_it_is_decorative():
    assert codes("x", Segment(text="Hi", media=(picture(alt=""),))) == ["alt_missing"]
    assert codes("x", Segment(text="Hi", media=(picture(alt="", decorative=True),))) == []
    assert codes("x", Segment(text="Hi", media=(picture(alt="a" * 1001),))) == ["alt_too_long"]


def test_an_invisible_character_that_x_refuses_is_found():
    assert codes("x", Segment(text="pasted \ufeff text")) == ["text_invalid_characters"]
