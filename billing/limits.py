"""How many of a thing a plan allows. The app that owns the thing counts it and asks here before it adds one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization

from .entitlements import plan_of
from .problems import LimitReached

__all__ = ["Limit", "LimitReached", "limit_of", "require_room"]


class Limit(models.TextChoices):
    """What is counted. The value is the name of the plan's attribute."""

    SEATS = "seats", _("People")
    CHANNELS = "channels", _("Channels")
    SCHEDULED_POSTS = "scheduled_posts", _("Scheduled posts")


def limit_of(organization: Organization, limit: Limit) -> int | None:
    """How many the organization's plan allows. None means as many as wanted."""
    return getattr(plan_of(organization), limit.value)


def require_room(organization: Organization, limit: Limit, *, used: int, adding: int = 1) -> None:
    """Raises LimitReached, with a sentence for the person, unless `adding` more fit beside the `used` ones."""
    plan = plan_of(organization)
    allowed = getattr(plan, limit.value)
    if allowed is None or used + adding <= allowed:
        return
    said = {
        Limit.SEATS: _("The %(plan)s plan has room for %(allowed)d people, and %(used)d have a seat."),
        Limit.CHANNELS: _("The %(plan)s plan has room for %(allowed)d channels, and %(used)d are connected."),
        Limit.SCHEDULED_POSTS: _(
            "The %(plan)s plan has room for %(allowed)d scheduled posts, and %(used)d are waiting."
        ),
    }[limit]
    advice = {
        Limit.SEATS: _("Remove somebody, or ask an Owner to choose a larger plan under Plan & usage."),
        Limit.CHANNELS: _("Disconnect one, or ask an Owner to choose a larger plan under Plan & usage."),
        Limit.SCHEDULED_POSTS: _(
            "Wait until some are out, or ask an Owner to choose a larger plan under Plan & usage."
        ),
    }[limit]
    raise LimitReached(
        f"{said} {advice}" % {"plan": plan.name, "allowed": allowed, "used": used},
        limit=limit.value,
        allowed=allowed,
        used=used,
    )
