"""What an editor of the public site finds first: what waits, what goes out when, what was changed, who has written."""

from django.db.models import QuerySet
from wagtail.admin.ui.components import Component
from wagtail.models import Revision, Site, WorkflowState

from organizations.models import BasePage

from .models import BlogIndexPage, ContactMessage, HomePage
from .public import page_types

SHOWN = 5


class Desk(Component):
    """The studio's home for site editors. Each part is empty with a sentence that says what would be there."""

    template_name = "home/desk.html"
    order = 10

    def __init__(self, request):
        self.request = request

    def get_context_data(self, parent_context):
        unanswered = ContactMessage.objects.filter(answered_at=None)
        return {
            "request": self.request,
            "site": Site.find_for_request(self.request),
            "home": HomePage.objects.first(),
            "blog": BlogIndexPage.objects.first(),
            "in_review": in_review(),
            "drafts": drafts_of(self.request.user),
            "scheduled": scheduled(),
            "changed": _pages().exclude(latest_revision=None).order_by("-latest_revision_created_at")[:SHOWN],
            "messages": unanswered[:SHOWN],
            "message_count": unanswered.count(),
            "messages_url": ContactMessage.snippet_viewset.get_url_name("list"),
            "message_url": ContactMessage.snippet_viewset.get_url_name("edit"),
        }


def in_review() -> list[WorkflowState]:
    """Reviews that are under way, the oldest first; each `reviewed` is a page."""
    states = WorkflowState.objects.active().select_related("requested_by").order_by("created_at")
    keys = [int(key) for key in states.values_list("object_id", flat=True) if key.isdigit()]
    pages = {page.pk: page for page in _pages().filter(pk__in=keys)}
    found = [state for state in states if state.object_id.isdigit() and int(state.object_id) in pages]
    for state in found:
        state.reviewed = pages[int(state.object_id)]
    return found[:SHOWN]


def drafts_of(user) -> QuerySet[BasePage]:
    """Pages whose newest version is `user`'s and not public yet."""
    mine = _pages().filter(has_unpublished_changes=True, latest_revision__user=user)
    return mine.order_by("-latest_revision_created_at")[:SHOWN]


def scheduled() -> list[BasePage]:
    """Pages that will be published by themselves, the next one first; each `goes_live` says when."""
    planned = Revision.page_revisions.filter(approved_go_live_at__isnull=False).order_by("approved_go_live_at")
    moments = {int(key): moment for key, moment in planned.values_list("object_id", "approved_go_live_at")}
    found = list(_pages().filter(pk__in=moments))
    for page in found:
        page.goes_live = moments[page.pk]
    return sorted(found, key=lambda page: page.goes_live)[:SHOWN]


def _pages() -> QuerySet[BasePage]:
    """Pages of the public site, whether public or not."""
    pages = BasePage.objects.filter(organization__isnull=True).type(*page_types())
    return pages.select_related("latest_revision__user")
