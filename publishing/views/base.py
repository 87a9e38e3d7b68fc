"""What the engine's lists show in their columns; what its pages share is in `organizations.studio`."""

from collections.abc import Callable

from django.utils.html import format_html
from wagtail.admin.ui.tables import Column, TitleColumn

from organizations.studio import HOME, ActionView, OrganizationMixin, StudioPage
from publishing.localtime import to_local

__all__ = ["HOME", "ActionView", "DetailedColumn", "MomentColumn", "OrganizationMixin", "StateColumn", "StudioPage"]


class MomentColumn(Column):
    """A moment, in the organization's own time zone."""

    def __init__(self, *args, zone: str = "UTC", **kwargs):
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.empty_value_display = "–"

    def get_value(self, instance):
        moment = super().get_value(instance)
        if not moment:
            return ""
        local = to_local(moment, self.zone)
        whole = '<span class="cs-whole">{}</span> <span class="cs-whole">{}</span>'
        return format_html(whole, f"{local:%Y-%m-%d}", f"{local:%H:%M}")


class DetailedColumn(TitleColumn):
    """A title with what tells its row from others that look alike; shown where there is no room for more columns."""

    cell_template_name = "publishing/title_cell.html"

    def __init__(self, *args, detail: Callable[..., object], **kwargs):
        super().__init__(*args, **kwargs)
        self.detail = detail

    def get_cell_context_data(self, instance, parent_context):
        return {**super().get_cell_context_data(instance, parent_context), "detail": self.detail(instance)}


class StateColumn(Column):
    """A state as a tag whose colour says whether somebody has to do something."""

    cell_template_name = "publishing/state_cell.html"

    def get_value(self, instance):
        return instance
