"""What a client sees who has a review link: previews, what was said, and a place to answer. Nothing else."""

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect, render
from django.utils import timezone as clock
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import View

from billing.throttles import take
from organizations.access import work_for
from organizations.problems import NotFound, Problem
from organizations.walls import outside_walls

from . import client_review
from .previews.modes import EVERYTHING
from .review_links import Remark

LOOKS_A_MINUTE = 60
ANSWERS_A_MINUTE = 10
NAME_COOKIE = "review_name"


class RemarkForm(forms.Form):
    post = forms.IntegerField(widget=forms.HiddenInput)
    person = forms.CharField(label=gettext_lazy("Your name"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("Comment"), required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 4})
    )
    kind = forms.ChoiceField(choices=Remark.Kind.choices)


class ClientReviewView(View):
    """`/review/<token>/`: for nobody in particular, and behind the wall of the link's organization."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request, token):
        kind, limit = ("answer", ANSWERS_A_MINUTE) if request.method == "POST" else ("look", LOOKS_A_MINUTE)
        rate = take(f"review-{kind}:{request.META.get('REMOTE_ADDR', '')}", limit=limit)
        if not rate.allowed:
            answer = self.explain(_("Too many requests. Wait a minute, then try again."), 429)
            answer["Retry-After"] = "60"
            return answer
        try:
            with outside_walls():
                self.link = client_review.link_of(token)
        except NotFound as problem:
            return self.explain(problem.detail, 404)
        # A member who is signed in sees no more here than the client does.
        work_for(self.link.organization, user=AnonymousUser())
        return self.guarded(super().dispatch(request, token))

    def get(self, request, token, *, problem: str = "", of: int = 0, status: int = 200):
        self.link.last_used_at = clock.now()
        self.link.save(update_fields=["last_used_at"])
        remarks: dict[int, list] = {}
        for remark in self.link.remarks.all():
            remarks.setdefault(remark.post_id, []).append(remark)
        items: list[dict[str, Any]] = []
        for linked in self.linked():
            content = linked.revision.as_object()
            items.append(
                {
                    "linked": linked,
                    "previews": content.shown_for(EVERYTHING),
                    "texts": content.texts,
                    "changed": linked.revision_id != linked.post.latest_revision_id,
                    "may_decide": client_review.may_decide(self.link, linked),
                    "remarks": remarks.get(linked.post_id, []),
                    "problem": problem if linked.post_id == of else "",
                }
            )
        return render(
            request,
            "content_studio/review/client.html",
            {
                "link": self.link,
                "items": items,
                "person": request.POST.get("person") or request.COOKIES.get(NAME_COOKIE, ""),
                "text": request.POST.get("text", ""),
                "of": of,
            },
            status=status,
        )

    def post(self, request, token):
        form = RemarkForm(request.POST)
        of = form.data.get("post", "")
        linked = next((each for each in self.linked() if str(each.post_id) == of), None)
        if linked is None:
            return self.explain(_("This post is not part of the link any more."), 404)
        if not form.is_valid():
            return self.get(
                request, token, problem=_("Say who you are and what you think."), of=linked.post_id, status=422
            )
        said = form.cleaned_data
        try:
            client_review.take_remark(self.link, linked, kind=said["kind"], person=said["person"], text=said["text"])
        except Problem as problem:
            return self.get(request, token, problem=problem.detail, of=linked.post_id, status=problem.status)
        answer = redirect(f"{request.path}#post-{linked.post_id}")
        answer.set_cookie(
            NAME_COOKIE, said["person"], max_age=90 * 86400, path=request.path, httponly=True, samesite="Lax"
        )
        return answer

    def linked(self):
        return self.link.linked.select_related("post__organization", "revision__content_type")

    def explain(self, sentence: str, status: int):
        answer = render(
            self.request, "content_studio/review/client_problem.html", {"sentence": sentence}, status=status
        )
        return self.guarded(answer)

    def guarded(self, answer):
        """Not for search engines, caches, or the sites that a post links to."""
        answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        answer["Cache-Control"] = "private, no-store"
        answer["Referrer-Policy"] = "same-origin"
        return answer
