"""A revision becomes one message per channel."""

import io

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image as Pillow

from content_studio.drafting import create_draft, duplicate_post, revise, segment
from content_studio.messages import message_for, messages_for
from organizations.models import LibraryDocument, LibraryImage
from publishing.models import Channel

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture(organization, *, width=1000, height=1000, name="shoe.jpg", focal_point=None):
    """A picture whose left half is red and whose right half is blue."""
    canvas = Pillow.new("RGB", (width, height), "red")
    canvas.paste("blue", (width // 2, 0, width, height))
    data = io.BytesIO()
    canvas.save(data, "PNG" if name.endswith("png") else "JPEG", quality=95)
    image = LibraryImage(title="Shoe", organization=organization, file=ContentFile(data.getvalue(), name))
    if focal_point:
        image.focal_point_x, image.focal_point_y = focal_point
        image.focal_point_width = image.focal_point_height = 10
    image.file_size = len(data.getvalue())
    image.save()
    return image


def channel(organization, network, **fields):
    return Channel.objects.create(
        organization=organization, network=network, name=network.title(), sandbox=True, **fields
    )


def part(text="", images=(), documents=(), link=None, alt="A red shoe"):
    media = [("image", {"image": image, "alt": alt, "decorative": not alt}) for image in images]
    return segment(text, media=[*media, *(("document", document) for document in documents)], link=link)


def override(network, *segments, **more):
    return ("override", {"network": network, "segments": [("segment", each) for each in segments], **more})


def fresh(post):
    return type(post).objects.get(pk=post.pk).latest_revision.as_object()


def test_every_channel_gets_a_message_of_its_own(acme, bob):
    channels = [channel(acme, "x"), channel(acme, "mastodon", options={"visibility": "unlisted", "sandbox": {"n": 1}})]
    post = create_draft(organization=acme, user=bob, segments=[part(" One\r\ntwo "), part("Three")], channels=channels)

    messages = messages_for(fresh(post))

    assert set(messages) == set(channels)
    for message in messages.values():
        assert [segment.text for segment in message.segments] == ["One\ntwo", "Three"]
    assert messages[channels[1]].options == {"visibility": "unlisted"}
    assert messages[channels[0]].options == {}


def test_the_same_revision_always_becomes_the_same_message(acme, bob):
    ours = channel(acme, "instagram")
    shoe = picture(acme, width=900, height=2000)
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", [shoe])], channels=[ours])
    first, second = messages_for(fresh(post))[ours], messages_for(fresh(post))[ours]
    assert first.content_hash() == second.content_hash()


def test_a_picture_goes_as_it_is_where_the_network_takes_it(acme, bob):
    shoe = picture(acme, width=900, height=2000, focal_point=(450, 500))
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", [shoe])])

    (media,) = message_for(fresh(post), "mastodon").segments[0].media

    assert (media.kind, media.path, media.mime_type) == ("image", shoe.file.name, "image/jpeg")
    assert (media.width, media.height, media.alt) == (900, 2000, "A red shoe")
    assert media.size == shoe.file_size
    assert media.focal_point == (0.5, 0.25)


def test_instagram_gets_a_jpeg_cropped_round_the_focal_point(acme, bob):
    wide = picture(acme, width=3000, height=1000, name="wide.png", focal_point=(2900, 500))
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", [wide])])

    (media,) = message_for(fresh(post), "instagram").segments[0].media

    assert media.mime_type == "image/jpeg"
    assert media.width / media.height == pytest.approx(1.91, abs=0.01)
    with wide.file.storage.open(media.path) as file:
        red, _green, blue = Pillow.open(file).convert("RGB").getpixel((media.width // 2, media.height // 2))
    assert blue > 200 and red < 50  # the crop moved to the right, where the focal point is


def test_a_carousel_takes_the_ratio_of_its_first_picture(acme, bob):
    pictures = [picture(acme), picture(acme, width=800, height=1000), picture(acme, width=1200, height=800)]
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", pictures)])
    media = message_for(fresh(post), "instagram").segments[0].media
    assert [round(item.width / item.height, 2) for item in media] == [1, 1, 1]


def test_a_video_and_a_document_are_told_apart(acme, bob):
    film = LibraryDocument.objects.create(title="Film", organization=acme, file=ContentFile(b"film", "film.mp4"))
    report = LibraryDocument.objects.create(title="Report", organization=acme, file=ContentFile(b"%PDF", "report.pdf"))
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", documents=[film, report])])
    media = message_for(fresh(post), "linkedin").segments[0].media
    assert [(item.kind, item.mime_type, item.size) for item in media] == [
        ("video", "video/mp4", 4),
        ("document", "application/pdf", 4),
    ]


def test_a_link_keeps_its_card(acme, bob):
    shoe = picture(acme)
    link = {"url": "https://example.com/", "title": "Shoes", "description": "All of them", "image": shoe}
    post = create_draft(organization=acme, user=bob, segments=[part("Look", link=link)])
    sent = message_for(fresh(post), "bluesky").segments[0].link
    assert (sent.url, sent.title, sent.description) == ("https://example.com/", "Shoes", "All of them")
    assert sent.image.path == shoe.file.name


def test_a_picture_that_was_deleted_is_left_out(acme, bob):
    shoe = picture(acme)
    post = create_draft(organization=acme, user=bob, segments=[part("Hi", [shoe])])
    LibraryImage.objects.filter(pk=shoe.pk).delete()
    assert message_for(fresh(post), "x").segments[0].media == ()


def test_the_number_of_queries_does_not_grow(acme, bob):
    def queries(segments, networks):
        channels = [channel(acme, network) for network in networks]
        pictures = [picture(acme, width=900, height=2000) for _ in range(2 * segments)]
        parts = [
            part(
                f"Segment {n}",
                pictures[2 * n : 2 * n + 2],
                link={"url": "https://example.com/", "image": pictures[0], "title": "", "description": ""},
            )
            for n in range(segments)
        ]
        post = create_draft(organization=acme, user=bob, segments=parts, channels=channels)
        messages_for(fresh(post))  # makes the crops
        content = fresh(post)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            messages_for(content)
        return len(captured)

    assert queries(1, ["instagram"]) == queries(5, ["x", "linkedin", "instagram", "bluesky", "mastodon"])


def test_a_poll_is_part_of_its_segment(acme, bob):
    poll = {"options": ["Red ", "Blue"], "minutes": "1440"}
    post = create_draft(organization=acme, user=bob, segments=[segment("Which?") | {"poll": [poll]}])
    sent = message_for(fresh(post), "x").segments[0].poll
    assert (sent.options, sent.minutes) == (("Red", "Blue"), 1440)


def test_what_is_different_on_one_network_is_different_only_there(acme, bob):
    shoe = picture(acme)
    post = create_draft(
        organization=acme,
        user=bob,
        segments=[part("Short", [shoe], link={"url": "https://example.com/", "title": "Shoes"}), part("Second")],
        rest=[override("linkedin", segment("Long and thoughtful"))],
    )
    content = fresh(post)

    (there,) = message_for(content, "linkedin").segments
    elsewhere = message_for(content, "x").segments

    assert there.text == "Long and thoughtful"
    assert [item.path for item in there.media] == [shoe.file.name]  # taken over
    assert there.link.title == "Shoes"
    assert [each.text for each in elsewhere] == ["Short", "Second"]


def test_an_override_without_content_only_leaves_out(acme, bob):
    post = create_draft(
        organization=acme,
        user=bob,
        segments=[part("One", [picture(acme)]), part("Two")],
        rest=[
            ("first_comment", "More in the comments"),
            override("mastodon", leave_out=["media", "first_comment"]),
            override("linkedin", first_comment="Only here"),
        ],
    )
    content = fresh(post)

    mastodon = message_for(content, "mastodon")
    assert [each.text for each in mastodon.segments] == ["One", "Two"]
    assert mastodon.segments[0].media == ()
    assert mastodon.first_comment == ""
    assert message_for(content, "linkedin").first_comment == "Only here"
    assert message_for(content, "instagram").first_comment == "More in the comments"


def test_a_duplicate_and_a_new_revision_keep_what_goes_with_the_segments(acme, bob):
    rest = [("first_comment", "More"), override("x", segment("Only on X"))]
    post = create_draft(organization=acme, user=bob, segments=[segment("Hello")], rest=rest)

    revise(post, user=bob, segments=[segment("Changed")])
    for each in (post, duplicate_post(type(post).objects.get(pk=post.pk), user=bob)):
        content = fresh(each)
        assert content.texts == ["Changed"]
        assert message_for(content, "x").segments[0].text == "Only on X"
        assert message_for(content, "linkedin").first_comment == "More"
