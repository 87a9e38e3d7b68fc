"""Wagtail's preview of a post: one mode per channel and per network."""

from typing import Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from publishing.networks import NETWORKS

from .. import messages
from .building import Author, ShownPost, sample_author, show

EVERYTHING = "all"


class PreviewsPerNetwork:
    """For SocialPost: previews it as each of its channels and any other network would show it."""

    preview_sizes = [
        {"name": "phone", "icon": "mobile-alt", "device_width": 375, "label": gettext_lazy("Preview on a phone")},
        {"name": "desktop", "icon": "desktop", "device_width": 640, "label": gettext_lazy("Preview on a computer")},
    ]
    default_preview_size = "phone"
    channels: Any  # of the page that this is mixed into

    @property
    def preview_modes(self):
        channels = self.channels_to_preview
        modes = [(f"channel-{channel.pk}", f"{channel.get_network_display()} · {channel.name}") for channel in channels]
        if len(channels) > 1:
            modes.append((EVERYTHING, _("All channels")))
        return modes + [(rules.key, rules.name) for rules in NETWORKS]

    def is_previewable(self) -> bool:
        return True  # on any network; a list of posts asks for each, which must not ask for its channels

    @property
    def channels_to_preview(self) -> list:
        return messages.in_shown_order(self.channels.all())

    def serve_preview(self, request, mode_name):
        return render(request, "content_studio/previews/page.html", {"posts": self.shown_for(mode_name)})

    def shown_for(self, mode_name: str) -> list[ShownPost]:
        """The post as the mode shows it: on one channel, on all of them, or on a network in general."""
        if mode_name in {rules.key for rules in NETWORKS}:
            return [show(messages.message_for(self, mode_name), network=mode_name, author=sample_author())]
        return [
            show(message, network=channel.network, author=author_of(channel), limits=channel.limits)
            for channel, message in messages.messages_for(self).items()
            if mode_name in (EVERYTHING, f"channel-{channel.pk}")
        ]


def author_of(channel) -> Author:
    return Author(name=channel.name, handle=channel.handle.lstrip("@") or channel.name.lower().replace(" ", ""))
