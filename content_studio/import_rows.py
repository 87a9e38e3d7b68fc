"""What a row of an imported table says: every value understood, or a sentence about what is wrong with it."""

import datetime
import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone as clock
from django.utils.translation import gettext as _

from organizations.models import LibraryImage, validate_timezone
from organizations.spreadsheets import as_it_was
from publishing.localtime import to_utc
from publishing.models import Channel

from .labels import Campaign, Label

# The columns, in the order of the template and of an export, with the words by which others call them.
COLUMNS = {
    "text": ("content", "post", "message", "caption"),
    "channels": ("channel", "accounts", "account", "profiles", "profile"),
    "planned": ("planned for", "date", "datetime", "date and time", "scheduled", "schedule"),
    "time": (),
    "timezone": ("time zone", "zone", "tz"),
    "link": ("url",),
    "image": ("picture", "media"),
    "alt": ("alternative text", "alt text"),
    "title": ("name",),
    "campaign": (),
    "labels": ("label", "tags"),
    "language": ("lang",),
}
TEMPLATE = [
    "text",
    "channels",
    "planned",
    "timezone",
    "link",
    "image",
    "alt",
    "title",
    "campaign",
    "labels",
    "language",
]
EXAMPLE = [
    "The first post of a thread.\n---\nThe second one.",
    "mastodon, Our page",
    "2027-03-28 09:30",
    "Europe/Berlin",
    "https://example.com/news",
    "",
    "",
    "Only your team sees this name",
    "Spring",
    "news, product",
    "en",
]
BETWEEN_SEGMENTS = re.compile(r"^\s*---+\s*$", re.MULTILINE)
MOST_TEXT = 20_000
MOST_SEGMENTS = 50


@dataclass
class Understood:
    """A row in the words of `drafting` and `sorting`."""

    texts: list[str] = field(default_factory=list)
    channels: list[Channel] = field(default_factory=list)
    local_time: datetime.datetime | None = None
    timezone: str = ""
    link: str = ""
    image: Any = None
    alt: str = ""
    title: str = ""
    campaign: str = ""
    labels: list[str] = field(default_factory=list)
    language: str = ""
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def columns_of(heading: list[str]) -> dict[int, str]:
    """Which column of the table is which of ours; those that nobody knows are left out."""
    known = {name: name for name in COLUMNS} | {other: name for name, others in COLUMNS.items() for other in others}
    found: dict[int, str] = {}
    for place, word in enumerate(heading):
        name = known.get(word.strip().lower().replace("_", " ").replace("*", "").strip())
        if name and name not in found.values():
            found[place] = name
    return found


class Reader:
    """Understands rows for one organization; what they may name is read once, in four queries."""

    def __init__(self, organization):
        self.organization = organization
        self.channels = [
            channel
            for channel in Channel.objects.for_organization(organization)
            if channel.state != Channel.State.DISCONNECTED
        ]
        self.images = {}
        for image in LibraryImage.objects.filter(organization=organization).order_by("-pk"):
            self.images[image.title.casefold()] = image
            self.images[str(image.uuid)] = image
        self.campaigns = {each.name.casefold() for each in Campaign.objects.for_organization(organization)}
        self.labels = {each.name.casefold() for each in Label.objects.for_organization(organization)}

    def understand(self, values: dict[str, str]) -> Understood:
        values = {name: as_it_was(value.strip()) for name, value in values.items()}
        row = Understood(title=values.get("title", "")[:255], alt=values.get("alt", "")[:1000])
        self._texts(row, values.get("text", ""))
        self._channels(row, values.get("channels", ""))
        self._time(row, values)
        self._link(row, values.get("link", ""))
        self._image(row, values.get("image", ""))
        self._sorting(row, values)
        language = values.get("language", "").lower()
        if language and not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", language):
            row.problems.append(
                _("“%(word)s” is no language. Write a code such as en or de.") % {"word": language[:20]}
            )
        row.language = language[:12]
        return row

    def _texts(self, row, text) -> None:
        row.texts = [part.strip("\r\n") for part in BETWEEN_SEGMENTS.split(text.replace("\r\n", "\n"))]
        if not text:
            row.problems.append(_("There is no text."))
        elif len(row.texts) > MOST_SEGMENTS:
            row.problems.append(_("A thread has at most %(most)s parts.") % {"most": MOST_SEGMENTS})
        elif max(map(len, row.texts)) > MOST_TEXT:
            row.problems.append(_("The text is longer than %(most)s characters.") % {"most": MOST_TEXT})

    def _channels(self, row, names) -> None:
        for name in filter(None, (each.strip() for each in re.split(r"[,;|\n]", names))):
            wanted = name.casefold().lstrip("@")
            found = [
                channel
                for channel in self.channels
                if wanted
                in (channel.name.casefold(), channel.handle.casefold().lstrip("@"), str(channel.pk), str(channel))
            ] or [channel for channel in self.channels if wanted == channel.network]
            if len(found) == 1:
                row.channels += [] if found[0] in row.channels else found
            elif found:
                row.problems.append(_("Several channels are called “%(name)s”: use the handle.") % {"name": name[:60]})
            else:
                row.problems.append(
                    _("No channel is called “%(name)s”. Yours are: %(names)s.")
                    % {"name": name[:60], "names": ", ".join(map(str, self.channels[:8])) or _("none")}
                )

    def _time(self, row, values) -> None:
        said = " ".join(filter(None, [values.get("planned", ""), values.get("time", "")])).strip()
        zone = values.get("timezone", "")
        try:
            validate_timezone(zone or self.organization.timezone)
        except ValidationError as err:
            row.problems += err.messages
            return
        row.timezone = zone or self.organization.timezone
        if not said:
            return
        for accepted in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%y %H:%M"):
            try:
                row.local_time = datetime.datetime.strptime(said, accepted)  # noqa: DTZ007  a clock on a wall
                break
            except ValueError:
                continue
        else:
            row.problems.append(
                _("“%(said)s” is no date and time. Write it like 2027-03-28 09:30.") % {"said": said[:40]}
            )
            return
        moment = to_utc(row.local_time, row.timezone)
        if moment.utc <= clock.now():
            row.problems.append(_("This time has already passed: %(said)s.") % {"said": said})
        elif moment.note:
            row.notes.append(moment.note)

    def _link(self, row, link) -> None:
        row.link = link
        if link:
            try:
                URLValidator(schemes=["http", "https"])(link)
            except ValidationError:
                row.problems.append(_("“%(link)s” is no web address.") % {"link": link[:80]})

    def _image(self, row, name) -> None:
        if not name:
            return
        row.image = self.images.get(name.casefold())
        if row.image is None:
            row.problems.append(
                _("No picture of the library is called “%(name)s”. Upload it under Pictures first.")
                % {"name": name[:80]}
            )
        elif not row.alt:
            row.notes.append(_("The picture has no alternative text yet."))

    def _sorting(self, row, values) -> None:
        row.campaign = values.get("campaign", "")[:100]
        row.labels = [each.strip()[:50] for each in re.split(r"[,;|]", values.get("labels", "")) if each.strip()]
        if row.campaign and row.campaign.casefold() not in self.campaigns:
            row.notes.append(_("The campaign “%(name)s” will be made.") % {"name": row.campaign})
        for name in row.labels:
            if name.casefold() not in self.labels:
                row.notes.append(_("The label “%(name)s” will be made.") % {"name": name})
