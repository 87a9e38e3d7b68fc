"""The studio's own pages about one post: its overview, and what is asked before something happens to it."""

import datetime
from typing import Any

from django import forms
from django.contrib.auth.mixins import AccessMixin
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.problems import Problem
from organizations.roles import Action, require
from publishing.localtime import to_local, to_utc

from . import planning, queueing
from .buttons import post_buttons
from .checks import checks_of
from .commenting import shown_comments
from .drafting import duplicate_post
from .editor import approved_sentence, posts_breadcrumbs
from .localfields import WallClockField, ZoneField
from .models import SocialPost
from .presenting import in_zone, local_moment, planned, reviews_of, said_of_state
from .promoting import dismiss
from .promotions import promotion_of
from .reviewing import due_times
from .steps import steps_for
from .tracing import versions_of


class ForOrganization(AccessMixin):
    """A page of the current organization's; a refusal becomes a message, never an error page."""

    required_action = Action.VIEW
    request: Any
    kwargs: dict[str, Any]

    def dispatch(self, request, *args, **kwargs):
        if request.organization is None:
            raise Http404
        try:
            require(request.user, self.required_action, organization=request.organization)
            return super().dispatch(request, *args, **kwargs)
        except Problem as problem:
            return self.refuse(problem)

    def refuse(self, problem: Problem):
        messages.error(self.request, problem.detail)
        return redirect(self.where_refused())

    def where_refused(self) -> str:
        return "wagtailadmin_home"

    @property
    def organization(self):
        return self.request.organization


class OfPost(ForOrganization):
    """A page about one post of the current organization."""

    @cached_property
    def post_page(self) -> SocialPost:
        post = (
            SocialPost.objects.for_organization(self.organization)
            .select_related("organization", "owner", "approved_by", "latest_revision", "campaign")
            .filter(pk=self.kwargs["pk"])
            .first()
        )
        if post is None:
            raise Http404
        return post

    def where_refused(self):
        return redirect("posts:detail", self.kwargs["pk"]).url


class PostPage(OfPost, WagtailAdminTemplateMixin, TemplateView):
    """A page with the studio's header."""

    def get_breadcrumbs_items(self):
        post = self.post_page
        return posts_breadcrumbs(
            {"url": redirect("posts:detail", post.pk).url, "label": post.get_admin_display_title()},
            {"url": "", "label": self.get_page_title()},
        )

    def get_context_data(self, **kwargs):
        return {
            **super().get_context_data(**kwargs),
            "post": self.post_page,
            "state_sentence": said_of_state(self.post_page),
        }


class DetailView(PostPage):
    """Everything about a post on one page, for everybody who may see it."""

    template_name = "content_studio/posts/detail.html"

    def get_page_title(self):
        return self.post_page.get_admin_display_title()

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.post_page.get_admin_display_title()})

    @cached_property
    def header_more_buttons(self):
        return post_buttons(self.post_page, self.request.user)

    def get_context_data(self, **kwargs):
        post = self.post_page
        content = post.get_latest_revision_as_object()
        return {
            **super().get_context_data(**kwargs),
            "content": content,
            "channels": list(content.channels.all()),
            "steps": steps_for(post, self.request.user),
            "may_edit": post.permissions_for_user(self.request.user).can_edit(),
            "reviews": reviews_of(post),
            "review_due": due_times([post]).get(post.pk),
            "promotion": promotion_of(post),
            "versions": versions_of(post),
            "deliveries": post.deliveries.select_related("channel").order_by("-created_at"),
            **shown_comments(post, content, self.request.user),
        }


class ScheduleForm(forms.Form):
    local_time = WallClockField(label=gettext_lazy("Date and time"))
    timezone = ZoneField()


class ScheduleView(PostPage):
    """Asks when a post is to go out, and shows what its networks say to it."""

    template_name = "content_studio/posts/schedule.html"
    required_action = Action.PUBLISH

    def get_page_title(self):
        return _("Reschedule") if self.post_page.state == SocialPost.State.SCHEDULED else _("Schedule")

    @cached_property
    def form(self) -> ScheduleForm:
        post = self.post_page
        zone = post.planned_timezone or self.organization.timezone
        return ScheduleForm(
            self.request.POST or None,
            initial={"local_time": self.suggested(post, zone), "timezone": zone},
        )

    def suggested(self, post, zone: str) -> datetime.datetime:
        """The planned time if it is still to come, else the next full hour."""
        if post.planned_local and to_utc(post.planned_local, zone).utc > clock.now():
            return post.planned_local.replace(tzinfo=None)
        soon = to_local(clock.now() + datetime.timedelta(hours=1), zone)
        return soon.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)

    def get_context_data(self, **kwargs):
        revision = planning.revision_to_send(self.post_page)
        content = revision.as_object()
        return {
            **super().get_context_data(**kwargs),
            "form": self.form,
            "content": content,
            "is_older": revision.pk != self.post_page.latest_revision_id,
            "readiness": checks_of(content, without=planning.channels_that_have_it(self.post_page)),
            "organization_timezone": self.organization.timezone,
            "next_slot": self.next_slot(),
        }

    def next_slot(self):
        """The slot that “Add to queue” would give the post, if any is free."""
        try:
            return queueing.Placed(self.post_page, queueing.slot_for(self.post_page))
        except queueing.NoFreeSlot:
            return None

    def post(self, request, *args, **kwargs):
        if not self.form.is_valid():
            return self.render_to_response(self.get_context_data())
        asked = self.form.cleaned_data
        try:
            planning.schedule_post(
                self.post_page, local_time=asked["local_time"], timezone=asked["timezone"], user=request.user
            )
        except Problem as problem:
            self.form.add_error(None, problem.detail)
            return self.render_to_response(self.get_context_data())
        moment = to_utc(asked["local_time"], asked["timezone"])
        messages.success(
            request,
            " ".join(
                filter(None, [_("Scheduled for %s.") % local_moment(moment.local, asked["timezone"]), moment.note])
            ),
        )
        return redirect("posts:detail", self.post_page.pk)


class MomentView(OfPost, View):
    """What a wall-clock time means: in UTC, in the organization's zone, and whether a clock change touches it."""

    def get(self, request, pk):
        zone = self.post_page.organization.timezone
        form = ScheduleForm(request.GET)
        if not form.is_valid():
            return JsonResponse({"text": "", "passed": False})
        moment = to_utc(form.cleaned_data["local_time"], form.cleaned_data["timezone"])
        zones = dict.fromkeys(["UTC", zone])
        zones.pop(form.cleaned_data["timezone"], None)
        return JsonResponse(
            {
                "text": " · ".join(in_zone(moment.utc, zone) for zone in zones),
                "note": moment.note,
                "passed": moment.utc <= clock.now(),
            }
        )


class PublishView(PostPage):
    """Asks once more before a post goes out at once."""

    template_name = "content_studio/posts/publish.html"
    required_action = Action.PUBLISH

    def get_page_title(self):
        return _("Publish now")

    def get_context_data(self, **kwargs):
        revision = planning.revision_to_send(self.post_page)
        content = revision.as_object()
        readiness = checks_of(content, without=planning.channels_that_have_it(self.post_page))
        return {
            **super().get_context_data(**kwargs),
            "content": content,
            "is_older": revision.pk != self.post_page.latest_revision_id,
            "readiness": readiness,
            "blocked": any(ready.blocked for ready in readiness) or not readiness,
        }

    def post(self, request, *args, **kwargs):
        planning.publish_post_now(self.post_page, user=request.user)
        messages.success(request, _("On its way. This page shows where it has arrived."))
        return redirect("posts:detail", self.post_page.pk)


class UnscheduleView(PostPage):
    template_name = "content_studio/posts/unschedule.html"
    required_action = Action.PUBLISH

    def get_page_title(self):
        return _("Unschedule")

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "planned": planned(self.post_page)}

    def post(self, request, *args, **kwargs):
        planning.unschedule_post(self.post_page, user=request.user)
        messages.success(request, _("Unscheduled. Nothing of it goes out until somebody schedules it again."))
        return redirect("posts:detail", self.post_page.pk)


class CommentForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What should change?"),
        help_text=gettext_lazy("The author reads this."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class RequestChangesView(PostPage):
    template_name = "content_studio/posts/request_changes.html"
    required_action = Action.APPROVE

    def get_page_title(self):
        return _("Request changes")

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {**context, "form": CommentForm(), "content": self.post_page.get_latest_revision_as_object(), **kwargs}

    def post(self, request, *args, **kwargs):
        form = CommentForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        planning.request_changes(self.post_page, user=request.user, comment=form.cleaned_data["comment"])
        messages.success(request, _("Sent back to the author with your comment."))
        return redirect("posts:detail", self.post_page.pk)


class StepView(OfPost, View):
    """A step that needs nothing further asked: submit, approve what was seen, take back from review, duplicate."""

    http_method_names = ["post"]
    step = ""

    def post(self, request, pk):
        post, user = self.post_page, request.user
        if self.step == "submit":
            planning.submit_post(post, user=user)
            messages.success(request, _("Submitted for review."))
        elif self.step == "approve":
            post = planning.approve_post(post, user=user, revision_id=request.POST.get("revision") or None)
            messages.success(request, approved_sentence(post))
        elif self.step == "approve_schedule":
            seen = request.POST.get("revision") or None
            messages.success(
                request, approved_sentence(planning.approve_and_schedule(post, user=user, revision_id=seen))
            )
        elif self.step == "withdraw":
            planning.withdraw_post(post, user=user)
            messages.success(request, _("Taken back from review. It is a draft again."))
            return redirect(post.admin_url)
        elif self.step == "duplicate":
            copy = duplicate_post(post, user=user)
            messages.success(request, _("A copy of the post, as a draft. Its plan and approval stayed behind."))
            return redirect(copy.admin_url)
        return redirect("posts:detail", pk)


class DismissPromotionView(OfPost, View):
    """Somebody has looked at what changed on the page that the post promotes, and the post is still right."""

    http_method_names = ["post"]
    required_action = Action.WRITE

    def post(self, request, pk):
        if promotion := promotion_of(self.post_page):
            dismiss(promotion)
            messages.success(request, _("Noted. You will hear of the page’s next change."))
        return redirect(self.post_page.admin_url)
