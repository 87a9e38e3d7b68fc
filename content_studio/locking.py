"""A post that one person has locked, in the words of the studio and the organization's time."""

from django.utils.translation import gettext as _
from wagtail.locks import BasicLock


class PostLock(BasicLock):
    """Wagtail's lock: who set it may edit, everybody else reads and comments."""

    def said(self, user) -> str:
        """Who locked it, in two or three words."""
        if self.object.locked_by_id == user.pk:
            return _("Locked by you")
        return _("Locked by %(person)s") % {"person": self.object.locked_by or _("somebody who has left")}

    def get_message(self, user):
        from .presenting import in_zone

        when = in_zone(self.object.locked_at, self.object.organization.timezone) if self.object.locked_at else ""
        what_now = (
            _("Nobody else can change the post until you unlock it, under State.")
            if self.object.locked_by_id == user.pk
            else _("You can read it and comment on it. An Admin can unlock it, under State.")
        )
        return " ".join(
            filter(None, [f"{self.said(user)}{':' if when else '.'}", f"{when}." if when else "", what_now])
        )
