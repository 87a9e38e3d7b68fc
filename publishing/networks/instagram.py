"""Instagram: a caption under pictures or a video. Source: Instagram Platform, content publishing."""

from ..messages import Segment
from .base import NetworkRules
from .images import JPEG, ImageRules
from .media import MediaRules


class Instagram(NetworkRules):
    key = "instagram"
    name = "Instagram"
    text_limit = 2200
    supports_link = False
    first_comment_limit = 2200
    max_hashtags = 30
    max_mentions = 20
    media = MediaRules(
        max_images=10,
        max_videos=10,
        image=ImageRules(
            types=(JPEG,),
            max_bytes=8_000_000,
            min_ratio=4 / 5,
            max_ratio=1.91,
            min_width=320,
            max_width=1440,
            max_height=1800,
        ),
        video_types=("video/mp4", "video/quicktime"),
        video_bytes=300_000_000,
        mixable=True,
        required=True,
        same_ratio=True,
        alt_limit=1000,
    )
    fold_characters = 125
    fold_lines = 2
    hint = (
        "Instagram: a caption for a picture, the hook in the first 125 characters, no links in the text, "
        "up to 30 hashtags (three to eight good ones are better), at most 2200 characters."
    )

    def link_goes_into_text(self, segment: Segment) -> bool:
        return False
