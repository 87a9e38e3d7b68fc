"""The editor's checks: counters below each text and a side panel per channel, fresh while somebody types."""

from django.forms import Media
from django.http import JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.side_panels import BaseSidePanel
from wagtail.admin.views.pages.preview import PreviewOnCreateView, PreviewOnEditView

from .checks import ChannelCheck, Report, checks_of
from .messages import networks_with_own_texts


class PostChecksPanel(BaseSidePanel):
    """What each channel would refuse, with its fix."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = gettext_lazy("Toggle checks")
        icon_name = "circle-check"

        def get_context_data(self, parent_context):
            return {**super().get_context_data(parent_context), "count": self.panel.problems}

    name = "checks"
    title = gettext_lazy("Checks")
    template_name = "content_studio/checks/panel.html"
    order = 350

    def __init__(self, object, request, *, checks_url):
        super().__init__(object, request)
        self.checks_url = checks_url
        self.checks = checks_of(object) if object.pk else []

    @property
    def problems(self) -> int:
        return Report.of(self.checks).problems

    def get_context_data(self, parent_context):
        return {
            **super().get_context_data(parent_context),
            "report": Report.of(self.checks),
            "checks_url": self.checks_url,
            "answer": answer_for(self.checks, own_texts=networks_with_own_texts(self.object)),
        }

    @property
    def media(self):
        return Media(
            js=[versioned_static("content_studio/checks.js")],
            css={"all": [versioned_static("content_studio/checks.css")]},
        )


class ChecksAnswer:
    """Checks the posted form of the editor without saving anything."""

    http_method_names = ("post",)

    def post(self, request, *args, **kwargs):
        form = self.get_form(request.POST)
        try:
            readable = self.validate_form(form)
        except (KeyError, ValueError):  # Wagtail's blocks do not expect half a form
            readable = False
        if not readable:
            return JsonResponse({"readable": False})
        post = form.instance
        post.channels.set(form.cleaned_data["channels"])  # held in memory, like the rest of the form
        checks = checks_of(post)
        return JsonResponse(
            {
                "readable": True,
                "html": render_to_string(
                    "content_studio/checks/list.html", {"report": Report.of(checks)}, request=request
                ),
                **answer_for(checks, own_texts=networks_with_own_texts(post)),
            }
        )


class ChecksOnEditView(ChecksAnswer, PreviewOnEditView):
    def get_object(self):
        return knowing_organization(super().get_object(), self.request)


def knowing_organization(post, request):
    """The same post. Where it is of the organization that the request works for, nobody looks that up again."""
    if request.organization and post.organization_id == request.organization.pk:
        post.organization = request.organization
    return post


class ChecksOnCreateView(ChecksAnswer, PreviewOnCreateView):
    pass


def checks_url_for(page, parent) -> str:
    """Where the editor asks: for a page that exists, or for a new one below `parent`."""
    if page.pk:
        return reverse("post_checks", args=[page.pk])
    return reverse("post_checks_new", args=["content_studio", "socialpost", parent.pk])


def answer_for(checks: list[ChannelCheck], *, own_texts: frozenset[str]) -> dict:
    """What the script shows: the number of problems, and counters below each text.

    `counters` has for each of the post's segments the counters of the networks
    that publish it; `own` has them by network and segment where the network has
    a text of its own (`own_texts`). Channels that count alike share a counter.
    """
    counters: list[list[dict]] = []
    own: dict[str, list[list[dict]]] = {}
    for check in checks:
        segments = own.setdefault(check.rules.key, []) if check.rules.key in own_texts else counters
        for index, count in enumerate(check.counts):
            if len(segments) <= index:
                segments.append([])
            entry = {"network": check.rules.name, "value": count.value, "limit": count.limit, "unit": count.unit}
            if entry not in segments[index]:
                segments[index].append(entry)
    return {"problems": Report.of(checks).problems, "counters": counters, "own": own}
