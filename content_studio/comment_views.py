"""The forms that answer among the comments on a post's page."""

from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.admin import messages
from wagtail.models import Comment

from organizations.problems import NotFound
from organizations.roles import Action

from . import commenting
from .post_views import OfPost


class OfComments(OfPost, View):
    """Answers a form among the comments, and leads back to where it stood."""

    http_method_names = ["post"]
    required_action = Action.COMMENT

    @cached_property
    def comment(self) -> Comment:
        return commenting.comment_of(self.post_page, self.kwargs["comment"])

    def back(self, comment: Comment | None = None):
        anchor = f"comment-{comment.pk}" if comment else "comments"
        return redirect(redirect("posts:detail", self.post_page.pk).url + f"#{anchor}")

    def where_refused(self):
        return super().where_refused() + "#comments"


class CommentView(OfComments):
    def post(self, request, **kwargs):
        part = request.POST.get("part") or commenting.WHOLE_POST
        comment = commenting.comment_on(self.post_page, user=request.user, text=request.POST.get("text", ""), part=part)
        messages.success(request, _("Your comment is on the post."))
        return self.back(comment)


class ReplyView(OfComments):
    def post(self, request, **kwargs):
        commenting.answer(self.post_page, self.comment, user=request.user, text=request.POST.get("text", ""))
        return self.back(self.comment)


class ResolveView(OfComments):
    def post(self, request, **kwargs):
        commenting.resolve(self.post_page, self.comment, user=request.user)
        messages.success(request, _("Resolved. It is kept below the open comments."))
        return self.back()


class DeleteView(OfComments):
    def post(self, request, **kwargs):
        said = self.comment
        if "reply" in kwargs:
            said = said.replies.filter(pk=kwargs["reply"]).first()
            if said is None:
                raise NotFound(_("This reply is not there any more."))
        commenting.delete(self.post_page, said, user=request.user)
        messages.success(request, _("Deleted."))
        return self.back(self.comment if "reply" in kwargs else None)
