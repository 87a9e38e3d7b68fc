"""The post editor: Wagtail's page editor, speaking of posts and their way to the networks."""

from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.side_panels import CommentsSidePanel, PreviewSidePanel, StatusSidePanel
from wagtail.admin.views.pages.create import CreateView
from wagtail.admin.views.pages.edit import EditView
from wagtail.admin.views.pages.revisions import RevisionsRevertView
from wagtail.admin.viewsets.pages import PageViewSet

from organizations import timezones
from organizations.problems import Problem
from organizations.roles import Action, may

from . import comment_mails, comment_news, commenting, planning, queueing, taking_back
from .checking import PostChecksPanel, checks_url_for, knowing_organization
from .forms import choosable_channels
from .localfields import WallClockField
from .locking import PostLock
from .models import SocialPost, Workspace
from .presenting import asked_changes, in_zone, planned, reviews_of, said_of_state
from .promotions import promotion_of
from .reviewing import due_times
from .steps import Step, steps_for

POSTS = {"url": "", "label": gettext_lazy("Posts")}


def posts_breadcrumbs(*more: dict) -> list[dict]:
    """Home › Posts › …; `more` are breadcrumbs as Wagtail takes them."""
    return [
        {"url": reverse("wagtailadmin_home"), "label": _("Home")},
        {"url": reverse("posts:index"), "label": _("Posts")},
        *more,
    ]


def blank_post_url(organization, user) -> str:
    """Where `user` begins a post without AI; empty for those who may not write."""
    if not may(user, Action.WRITE, organization=organization):
        return ""
    workspace = Workspace.objects.filter(organization=organization).only("pk").first()
    return reverse("wagtailadmin_pages:add", args=["content_studio", "socialpost", workspace.pk]) if workspace else ""


class PostActionMenu:
    """What can be done with the post now: the next step first, then saving, then the rest."""

    template_name = "content_studio/editor/actions.html"

    def __init__(self, request, *, steps: list[Step], locked: str, saves: str = ""):
        self.request, self.steps, self.locked = request, steps, locked
        self.saves = saves or _("Save draft")
        self.media = MediaContainer().media

    def render_html(self, parent_context=None):
        first = next((step for step in self.steps if step.primary), None)
        rest = [step for step in self.steps if step is not first]
        said = {"first": first, "rest": rest, "locked": self.locked, "saves": self.saves}
        return render_to_string(self.template_name, said, request=self.request)


class PostStatePanel(StatusSidePanel):
    """Where the post stands, what reviewers said, and what went where."""

    title = gettext_lazy("State")
    template_name = "content_studio/editor/panel.html"

    def get_status_templates(self, context):
        return ["content_studio/editor/state.html", "wagtailadmin/shared/side_panels/includes/status/locked.html"]

    def get_context_data(self, parent_context):
        context = super().get_context_data(parent_context)
        post = self.object
        context["post"] = post
        if post.pk:
            context["state_sentence"] = said_of_state(post)
            context["reviews"] = reviews_of(post)
            context["review_due"] = due_times([post]).get(post.pk)
            context["promotion"] = promotion_of(post)
            context["deliveries"] = post.deliveries.select_related("channel").order_by("-created_at")[:10]
            context["lock_url"] = reverse("wagtailadmin_pages:lock", args=[post.pk])
            context["unlock_url"] = reverse("wagtailadmin_pages:unlock", args=[post.pk])
        return context


class SpeaksOfPosts:
    """What creating, editing and restoring a post have in common: for Wagtail's views, whose attributes it names."""

    page: Any
    parent_page: Any
    request: Any
    form: Any
    expects_json_response: Any
    get_preview_url: Any

    def panels(self, *, with_comments: bool):
        panels = [PostStatePanel(self.page, self.request)]
        if not self.expects_json_response and self.page.is_previewable():
            panels.append(PreviewSidePanel(self.page, self.request, preview_url=self.get_preview_url()))
            checks_url = checks_url_for(self.page, self.page.get_parent() if self.page.pk else self.parent_page)
            panels.append(PostChecksPanel(self.page, self.request, checks_url=checks_url))
        if with_comments and self.form.show_comments_toggle:
            panels.append(CommentsSidePanel(self.page, self.request))
        return MediaContainer(panels)

    @property
    def step(self) -> str:
        """The name of the step that was pressed, such as `submit`; empty for saving."""
        return self.request.POST.get("step", "")


class PostEditView(SpeaksOfPosts, EditView):
    def get_object(self):
        """The newest draft, which knows what was already looked up for its page: much of the editor asks for it."""
        post = knowing_organization(super().get_object(), self.request)
        post._current_workflow_states = self.real_page_record._current_workflow_states
        return post

    def run_hook(self, hook_name, *args, **kwargs):
        if hook_name == "before_edit_page":  # before Wagtail notes that the author does not follow their own post
            comment_mails.follow_own_post(self.page, self.request.user)
        return super().run_hook(hook_name, *args, **kwargs)

    def send_commenting_notifications(self, changes):
        """Wagtail's mails speak of pages; this tells as a comment on the post's page does."""
        post, user = self.real_page_record.specific, self.request.user
        people = commenting.members_of(post) if changes["new_comments"] or changes["new_replies"] else []
        for comment in changes["new_comments"]:
            named = commenting.mentioned_in(comment.text, people)
            comment_news.commented(post, comment, by=user, mentioned=named)
        for comment, replies in changes["new_replies"]:
            for reply in replies:
                named = commenting.mentioned_in(reply.text, people)
                comment_news.answered(post, comment, reply, by=user, mentioned=named)
        for comment in changes["resolved_comments"]:
            comment_news.resolved(post, comment, by=user)
        for comment in changes["edited_comments"]:
            comment_news.edited(post, comment, by=user)
        for comment in changes["deleted_comments"]:
            comment_news.deleted(post, comment, by=user)
        for _comment, replies in changes["edited_replies"]:
            for reply in replies:
                comment_news.edited(post, reply, by=user)
        for _comment, replies in changes["deleted_replies"]:
            for reply in replies:
                comment_news.deleted(post, reply, by=user)

    def get_page_title(self):
        return _("Edit post")

    def form_valid(self, form):
        form.saves_apart = True
        return super().form_valid(form)

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.page.get_admin_display_title()})

    @cached_property
    def header_more_buttons(self):
        from .buttons import post_buttons

        return post_buttons(self.page, self.request.user, editing=True)

    def get_action_menu(self):
        steps = steps_for(self.page, self.request.user)
        return PostActionMenu(self.request, steps=steps, locked=self.said_of_lock())

    def said_of_lock(self) -> str:
        """Why the post cannot be saved by this person; empty where it can."""
        if not self.locked_for_user:
            return ""
        return self.lock.said(self.request.user) if isinstance(self.lock, PostLock) else _("In review: locked")

    def get_side_panels(self):
        return self.panels(with_comments=not self.expects_json_response and not self.hydrate_create_view)

    @cached_property
    def would_take_back(self) -> str:
        """What is said of an edit that takes the post back; empty where no edit would."""
        return taking_back.warning(self.page) if taking_back.takes_back(self.page.organization) else ""

    def get(self, request, *args, **kwargs):
        if not self.locked_for_user and (warning := taking_back.warning(self.page)):
            messages.warning(request, warning)
        if wanted := asked_changes(self.page):
            messages.warning(request, wanted)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        # Somebody approved or scheduled it while the page was open: a keystroke must not undo that unseen.
        if self.expects_json_response and self.would_take_back:
            return self.json_error_response("invalid_revision", self.would_take_back)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        if self.would_take_back:
            self.autosave_enabled = False  # only somebody who presses “Save draft” means it
        return {**super().get_context_data(**kwargs), "post": self.page}

    def add_save_confirmation_message(self):
        post = self.real_page_record.specific
        if self.page.edit_notice:
            text = self.page.edit_notice
        elif self.is_reverting:
            text = _("The earlier version is the newest draft again.")
        elif post.state != post.draft_state and post.draft_state != SocialPost.State.APPROVED:
            text = _("Saved as a new draft. What is scheduled or published stays as it was approved.")
        else:
            text = _("Draft saved.")
        messages.success(self.request, text)

    @cached_property
    def action_name_and_method(self):
        if self.step in ("submit", "approve", "approve_schedule", "queue", "schedule", "publish"):
            return (self.step, self.save_and_take_step)
        return ("save", self.save_action)

    def save_and_take_step(self):
        """Saves what was changed, then does what was asked; a refusal leaves the saved draft and says why."""
        if self.step in ("approve", "approve_schedule") and self.is_out_of_date:
            messages.error(
                self.request,
                _("Somebody changed this post after you opened it. Look at it again, then approve what you see."),
            )
            return self.redirect_and_remain()
        if self.has_content_changes:
            with transaction.atomic():
                self.page = self.form.save(commit=not self.page.live)
                self.subscription.save()
                revision = self.page.save_revision(
                    user=self.request.user, log_action=True, previous_revision=self.previous_revision
                )
            if "comments" in self.form.formsets:
                changes = self.get_commenting_changes()
                self.log_commenting_changes(changes, revision)
                self.send_commenting_notifications(changes)
            if self.page.edit_notice and self.step in ("queue", "schedule", "publish"):
                self.add_save_confirmation_message()
        return take_step(self.request, self.page, self.step, otherwise=self.redirect_and_remain)

    def redirect_away(self):
        return redirect(self.next_url or reverse("posts:index"))


class PostCreateView(SpeaksOfPosts, CreateView):
    page_title = gettext_lazy("New post")

    def get_page_subtitle(self):
        return ""

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": _("New post")})

    def get(self, request):
        self.page.body = [("segment", {"text": "", "media": [], "link": []})]
        self.plan_as_picked(request.GET)
        return super().get(request)

    def plan_as_picked(self, picked):
        """A day of the calendar, or a slot of a queue; an address somebody wrote by hand plans nothing."""
        try:
            self.page.planned_local = WallClockField().to_python(picked.get("planned", ""))
            if picked.get("zone") in timezones.known():
                self.page.planned_timezone = picked["zone"]
            organization = self.parent_page.specific.organization
            self.page.channels.set(choosable_channels(organization).filter(pk=picked.get("channel") or None))
        except ValidationError:
            self.page.planned_local = None

    def form_valid(self, form):
        # Two posts that begin at the same moment would be given one place in the tree.
        with transaction.atomic():
            self.parent_page = Workspace.objects.select_for_update(of=("self",)).get(pk=self.parent_page.pk)
            response = super().form_valid(form)
            form.save_apart(self.page)
            return response

    @cached_property
    def action_name_and_method(self):
        return ("save", self.save_action)

    def redirect_and_remain(self):
        if self.step == "submit":
            return take_step(self.request, self.page, self.step, otherwise=super().redirect_and_remain)
        return super().redirect_and_remain()

    def get_side_panels(self):
        return self.panels(with_comments=True)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["post"] = self.page
        context["action_menu"] = PostActionMenu(
            self.request, steps=steps_for(self.page, self.request.user, parent=self.parent_page), locked=""
        )
        return context


class PostRevertView(PostEditView, RevisionsRevertView):
    def get_warning_message(self):
        """What is on the screen, and that nothing is restored before somebody says so."""
        earlier, organization = self.previous_revision, self.page.organization
        said = {"person": earlier.user or "–", "when": in_zone(earlier.created_at, organization.timezone)}
        return " ".join(
            [
                _("An earlier version, by %(person)s: %(when)s.") % said,
                _("“Restore this version” makes it the newest draft; what is newer stays under Versions."),
            ]
        )

    def get_action_menu(self):
        return PostActionMenu(self.request, steps=[], locked=self.said_of_lock(), saves=_("Restore this version"))


def take_step(request, post, step: str, *, otherwise):
    """Submits, approves, or goes on to the page that asks for the rest; `otherwise` answers after a refusal."""
    post = SocialPost.objects.get(pk=post.pk)
    try:
        if step == "submit":
            planning.submit_post(post, user=request.user)
            messages.success(request, _("Submitted for review. You will see here when somebody has looked at it."))
            return redirect("posts:detail", post.pk)
        if step in ("approve", "approve_schedule"):
            if planning.stage_of(post) is None:
                planning.submit_post(post, user=request.user)
            approve = planning.approve_and_schedule if step == "approve_schedule" else planning.approve_post
            post = approve(post, user=request.user)
            messages.success(request, approved_sentence(post))
            return redirect("posts:detail", post.pk)
        planning.revision_to_send(post)
        if step == "queue":
            from .queue_views import queued_sentence

            messages.success(request, queued_sentence(queueing.queue_post(post, user=request.user)))
            return redirect("posts:detail", post.pk)
    except Problem as problem:
        messages.error(request, problem.detail)
        return otherwise()
    return redirect("posts:schedule" if step == "schedule" else "posts:publish", post.pk)


def approved_sentence(post) -> str:
    """What to tell somebody who has just approved `post`, or approved and scheduled it."""
    if post.state == post.draft_state == SocialPost.State.SCHEDULED:
        return _("Approved and scheduled for %s.") % planned(post)
    if post.draft_state == SocialPost.State.APPROVED:
        return _("Approved. This version can now be scheduled or published.")
    stage = planning.stage_of(post)
    if stage is None:
        return _("Approved.")
    return _("Your approval is noted. The post now waits at the stage “%(stage)s”.") % {"stage": stage.name}


class PostPageViewSet(PageViewSet):
    """Wagtail opens posts with these views, from wherever it opens a page."""

    model = SocialPost
    add_view_class = PostCreateView
    edit_view_class = PostEditView
    revisions_revert_view_class = PostRevertView
