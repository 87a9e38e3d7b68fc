"""How long LinkedIn answers the version of its API that this installation speaks: about a year from its month."""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

NOTICE = 60  # days


def ends_on(version: str) -> date | None:
    """The first day on which LinkedIn may no longer answer a version; none if it is no month."""
    try:
        return datetime.strptime(version, "%Y%m").date().replace(year=int(version[:4]) + 1)  # noqa: DTZ007
    except ValueError:
        return None


def version_problem() -> str:
    """What is to be done about the version, as full sentences; empty while there is time."""
    ends, today = ends_on(settings.LINKEDIN_VERSION), timezone.now().date()
    if ends is None:
        return _("LINKEDIN_VERSION is “%(version)s”, which is no month like 202607.") % {
            "version": settings.LINKEDIN_VERSION
        }
    if (ends - today).days > NOTICE:
        return ""
    sentence = (
        _("The year in which LinkedIn answers version %(version)s of its API ended on %(ends)s.")
        if today >= ends
        else _("LinkedIn may no longer answer version %(version)s of its API from %(ends)s on.")
    ) % {"version": settings.LINKEDIN_VERSION, "ends": ends}
    return sentence + " " + _("Whoever runs this installation sets LINKEDIN_VERSION to a newer month.")
