"""Blocks that show what the program itself says, so that the documentation cannot fall behind it."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from organizations.problems import Problem
from organizations.roles import ACTIONS_OF_ROLE, Action
from publishing.networks import NETWORKS

from .base import ARTICLE, MARKER_HELP, PREVIEW, phrase

# What the API answers before any rule of the product is asked (`cms.api`, which stands above this app).
GENERAL_PROBLEMS = {
    "malformed-request": (400, "The request cannot be read"),
    "validation-error": (400, "Some fields are not valid"),
    "not-authenticated": (401, "Authentication is needed"),
    "forbidden": (403, "Your role does not allow this"),
    "not-found": (404, "Not found"),
    "method-not-allowed": (405, "This method is not offered here"),
    "not-acceptable": (406, "No acceptable form of answer"),
    "request-too-large": (413, "The request is too large"),
    "unsupported-media-type": (415, "This form of request is not understood"),
    "too-many-requests": (429, "Too many requests"),
    "internal-error": (500, "Something went wrong on our side"),
    "unavailable": (503, "Not available for a moment"),
    "storage-full": (507, "No room is left"),
}


class NetworksBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120, help_text=MARKER_HELP)
    text = phrase(required=False)

    class Meta:
        icon = "site"
        group = ARTICLE
        label = _("Networks")
        description = _("Every network with its limits, read from the rules that the product itself applies.")
        template = "home/blocks/networks.html"
        preview_template = PREVIEW
        preview_value = {"heading": "What each network takes"}

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["networks"] = NETWORKS
        return context


class RolesBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120, help_text=MARKER_HELP)

    class Meta:
        icon = "group"
        group = ARTICLE
        label = _("Roles")
        description = _("Who may do what, read from the table of permissions that the product itself asks.")
        template = "home/blocks/roles.html"
        preview_template = PREVIEW
        preview_value = {"heading": "Who may do what"}

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["roles"] = [role.label for role in ACTIONS_OF_ROLE]
        context["rows"] = [
            (action.label, [action in actions for actions in ACTIONS_OF_ROLE.values()]) for action in Action
        ]
        return context


class ProblemsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(required=False, max_length=120, help_text=MARKER_HELP)

    class Meta:
        icon = "warning"
        group = ARTICLE
        label = _("API problems")
        description = _("Every error of the API with its type, status and meaning, read from the program.")
        template = "home/blocks/problems.html"
        preview_template = PREVIEW
        preview_value = {"heading": "Problems"}

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context=parent_context)
        context["problems"] = sorted((status, slug, title) for slug, (status, title) in known_problems().items())
        return context


def known_problems() -> dict:
    """Every type of problem that the API answers with: (status, title) by slug."""
    return GENERAL_PROBLEMS | {kind.slug: (kind.status, kind.title) for kind in _subclasses(Problem)}


def _subclasses(kind):
    for each in kind.__subclasses__():
        yield each
        yield from _subclasses(each)
