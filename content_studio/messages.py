"""What a post says on each of its channels: a revision becomes one `Message` per channel.

Pictures are cropped and converted for their network here, round their focal
point, so that previews, checks, approval and delivery all speak of the same
files. The number of queries does not grow with the segments or the channels;
only a crop that was never made before costs some of its own, once.
"""

import mimetypes
from collections.abc import Iterable, Iterator

from django.db.models import Prefetch, prefetch_related_objects

from organizations.models import LibraryDocument, LibraryImage, LibraryRendition
from publishing.messages import Link, Media, Message, Poll, Segment
from publishing.models import Channel
from publishing.networks import NETWORKS, NetworkRules, rules_for

from .tagging import tagged, with_tags

SANDBOX_OPTIONS = "sandbox"  # how the pretend network behaves: nothing that a post says


def messages_for(post) -> dict[Channel, Message]:
    """What `post`, a SocialPost as a revision has it, says on each of its channels."""
    channels = in_shown_order(post.channels.all())
    writers = {channel.network: MessageWriter(post, rules_for(channel.network)) for channel in channels}
    _prefetch_renditions(writers.values())
    written = {network: writer.message() for network, writer in writers.items()}
    return {channel: _for_channel(written[channel.network], channel) for channel in channels}


def in_shown_order(channels: Iterable[Channel]) -> list[Channel]:
    """The channels by network, in the order in which networks are always shown, then by name."""
    order = {rules.key: place for place, rules in enumerate(NETWORKS)}
    return sorted(channels, key=lambda channel: (order[channel.network], channel.name))


def message_for(post, network: str) -> Message:
    """What `post` says on `network`, for no channel in particular."""
    writer = MessageWriter(post, rules_for(network))
    _prefetch_renditions([writer])
    return writer.message()


def _for_channel(message: Message, channel: Channel) -> Message:
    options = {key: value for key, value in channel.options.items() if key != SANDBOX_OPTIONS}
    return Message(
        segments=message.segments, language=message.language, first_comment=message.first_comment, options=options
    )


class MessageWriter:
    """Writes one post's message for one network."""

    def __init__(self, post, rules: NetworkRules):
        self.post = post
        self.rules = rules
        override = _override(post, rules.key)
        self.segments = _segments(post, override)
        self.first_comment = _first_comment(post, override)

    def message(self) -> Message:
        return Message(
            segments=tuple(self._segment(value) for value in self.segments),
            language=self.post.language or "en",
            first_comment=self._tagged(self.first_comment),
        )

    def _tagged(self, text: str) -> str:
        return with_tags(text, self.post.link_tags, network=self.rules.key)

    def crops(self) -> Iterator[tuple[LibraryImage, str]]:
        """Every picture with the crop or conversion that it needs, in order, where it needs one."""
        for value in self.segments:
            ratio = None
            for image in _images(value):
                if spec := self._spec(image, ratio):
                    yield image, spec
                ratio = ratio or self._carousel_ratio(image)

    def _segment(self, value) -> Segment:
        media, ratio = [], None
        for block in value.get("media") or ():
            if block.block_type == "image":
                image = block.value.get("image")
                if image is not None:
                    media.append(self._picture(block.value, ratio))
                    ratio = ratio or self._carousel_ratio(image)
            elif block.value is not None:
                media.append(_file(block.value))
        links = [link for link in value.get("link") or () if link.get("url")]
        polls = list(value.get("poll") or ())
        return Segment(
            text=self._tagged(_clean(value.get("text") or "")),
            media=tuple(media),
            link=self._link(links[0]) if links else None,
            poll=_poll(polls[0]) if polls else None,
        )

    def _picture(self, value, ratio: float | None) -> Media:
        image = value["image"]
        return self._media(
            image,
            self._spec(image, ratio),
            alt=_clean(value.get("alt") or "") if not value.get("decorative") else "",
            decorative=bool(value.get("decorative")),
        )

    def _link(self, value) -> Link:
        image = value.get("image")
        return Link(
            url=tagged(value["url"], self.post.link_tags, network=self.rules.key),
            title=_clean(value.get("title") or ""),
            description=_clean(value.get("description") or ""),
            image=self._media(image, self._spec(image, None), alt="", decorative=True) if image else None,
        )

    def _media(self, image: LibraryImage, spec: str, *, alt: str, decorative: bool) -> Media:
        common = {"kind": "image", "title": image.title, "alt": alt, "decorative": decorative}
        if spec:
            rendition = image.get_rendition(spec)
            return Media(
                path=rendition.file.name,
                mime_type=_mime_type(rendition.file.name),
                width=rendition.width,
                height=rendition.height,
                size=_size(rendition.file),
                **common,
            )
        focal_point = None
        if image.has_focal_point() and image.width and image.height:
            focal_point = (
                round(image.focal_point_x / image.width, 4),
                round(image.focal_point_y / image.height, 4),
            )
        return Media(
            path=image.file.name,
            mime_type=_mime_type(image.file.name),
            width=image.width,
            height=image.height,
            size=image.file_size or _size(image.file),
            focal_point=focal_point,
            **common,
        )

    def _spec(self, image: LibraryImage, ratio: float | None) -> str:
        """Wagtail's filter that makes `image` what the network takes; empty if it already is."""
        if not (image.width and image.height):
            return ""
        return self.rules.media.image.rendition(
            width=image.width,
            height=image.height,
            mime_type=_mime_type(image.file.name),
            size=image.file_size,
            ratio=ratio,
        )

    def _carousel_ratio(self, image: LibraryImage) -> float | None:
        """The ratio that the pictures after this one take, where the network shows them all alike."""
        rules = self.rules.media
        if not rules.same_ratio or not (image.width and image.height):
            return None
        return rules.image.clamp(image.width / image.height)


OF_A_SEGMENT = ("text", "media", "link", "poll")


def networks_with_own_texts(post) -> frozenset[str]:
    """The networks on which `post` has segments of their own."""
    return frozenset(
        block.value["network"] for block in post.body if block.block_type == "override" and block.value.get("segments")
    )


def _override(post, network: str) -> dict:
    """What the post says differently on `network`; empty if nothing."""
    for block in post.body:
        if block.block_type == "override" and block.value.get("network") == network:
            return block.value
    return {}


def _segments(post, override: dict) -> list[dict]:
    """The values of each segment, with what the override says instead, and without what it leaves out."""
    common = [block.value for block in post.body if block.block_type == "segment"]
    own = [block.value for block in override.get("segments") or ()] or [{}] * len(common)
    left_out = set(override.get("leave_out") or ())
    values = []
    for index, mine in enumerate(own):
        inherited = common[index] if index < len(common) else {}
        values.append(
            {name: () if name in left_out else _filled(mine.get(name)) or inherited.get(name) for name in OF_A_SEGMENT}
        )
    return values


def _first_comment(post, override: dict) -> str:
    if "first_comment" in (override.get("leave_out") or ()):
        return ""
    common = next((block.value for block in post.body if block.block_type == "first_comment"), "")
    return _clean(override.get("first_comment") or common or "")


def _filled(value):
    """The value, or nothing where it is a text of spaces only."""
    return value if not isinstance(value, str) or value.strip() else ""


def _images(value) -> Iterator[LibraryImage]:
    for block in value.get("media") or ():
        if block.block_type == "image" and block.value.get("image") is not None:
            yield block.value["image"]


def _prefetch_renditions(writers) -> None:
    """Fetches every crop that the messages need and that exists, in one query."""
    wanted = [crop for writer in writers for crop in writer.crops()]
    if not wanted:
        return
    specs = {spec for _image, spec in wanted}
    prefetch_related_objects(
        list({id(image): image for image, _spec in wanted}.values()),
        Prefetch(
            "renditions",
            queryset=LibraryRendition.objects.filter(filter_spec__in=specs),
            to_attr="prefetched_renditions",
        ),
    )


def _file(document: LibraryDocument) -> Media:
    mime_type = _mime_type(document.file.name)
    return Media(
        kind="video" if mime_type.startswith("video/") else "document",
        path=document.file.name,
        mime_type=mime_type,
        title=document.title,
        size=document.file_size or _size(document.file),
    )


def _poll(value) -> Poll:
    return Poll(
        options=tuple(_clean(option or "") for option in value.get("options") or ()),
        minutes=int(value.get("minutes") or 0),
    )


def _clean(text: str) -> str:
    """The text with one kind of line end, without space at its ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _mime_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _size(file) -> int | None:
    try:
        return file.size
    except (OSError, ValueError):
        return None  # the file is gone: the network's adapter will say so
