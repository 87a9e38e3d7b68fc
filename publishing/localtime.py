"""Wall-clock times and what they mean in UTC, clock changes included."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class LocalMoment:
    """One moment. `local` is the wall-clock time that really occurs, `note` tells the editor of a clock change."""

    utc: datetime
    local: datetime  # naive
    note: str = ""


def to_utc(local: datetime, zone: str) -> LocalMoment:
    """The moment at which clocks in `zone` (an IANA name) show `local`.

    A time that a clock change skips moves forward by the length of the gap; of
    a time that occurs twice the first is meant. `local` may carry a tzinfo: its
    fields are read as wall-clock time all the same, as they are stored.
    """
    wall = local.replace(tzinfo=None, fold=0)
    tz = ZoneInfo(zone)
    utc = wall.replace(tzinfo=tz).astimezone(UTC)
    shown = utc.astimezone(tz).replace(tzinfo=None, fold=0)
    note = ""
    if shown != wall:
        note = _(
            "Clocks in %(zone)s go forward that night and never show %(wanted)s, so it goes out at %(shown)s instead."
        ) % {"zone": zone, "wanted": f"{wall:%H:%M}", "shown": f"{shown:%H:%M}"}
    elif wall.replace(tzinfo=tz, fold=1).utcoffset() != wall.replace(tzinfo=tz, fold=0).utcoffset():
        note = _("Clocks in %(zone)s go back that night and show %(wanted)s twice; it goes out the first time.") % {
            "zone": zone,
            "wanted": f"{wall:%H:%M}",
        }
    return LocalMoment(utc=utc, local=shown, note=note)


def to_local(utc: datetime, zone: str) -> datetime:
    """The wall-clock time, naive, that clocks in `zone` show at the moment `utc`."""
    return utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def as_stored(wall: datetime) -> datetime:
    """A wall-clock time as the database keeps it: the same fields, marked as if they were UTC."""
    return wall.replace(tzinfo=UTC, fold=0)
