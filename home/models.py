"""The public site's pages."""

from organizations.models import BasePage


class HomePage(BasePage):
    """The landing page."""

    parent_page_types = ["organizations.BasePage"]
