"""What the engine's lists show in their columns; what its pages share is in `organizations.studio`."""

from wagtail.admin.ui.tables import Column

from organizations.studio import HOME, ActionView, OrganizationMixin, StudioPage
from publishing.localtime import to_local

__all__ = ["HOME", "ActionView", "MomentColumn", "OrganizationMixin", "StateColumn", "StudioPage"]


class MomentColumn(Column):
    """A moment, in the organization's own time zone."""

    def __init__(self, *args, zone: str = "UTC", **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.empty_value_display = "–"

    def get_value(self, instance):
        moment = super().get_value(instance)
        return f"{to_local(moment, self.zone):%Y-%m-%d %H:%M}" if moment else ""


class StateColumn(Column):
    """A state as a tag whose colour says whether somebody has to do something."""

    cell_template_name = "publishing/state_cell.html"

    def get_value(self, instance):
        return instance
