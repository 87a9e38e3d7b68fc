"""The pages on which review links are made, listed and revoked."""

import datetime
from typing import Any

from django import forms
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone as clock
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.problems import Problem
from organizations.roles import Action

from . import client_review
from .editor import posts_breadcrumbs
from .labels import Campaign
from .models import SocialPost
from .post_views import ForOrganization
from .review_links import ReviewLink


class LinkForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("For whom"), max_length=100, help_text=gettext_lazy("Only your team sees this name.")
    )
    posts = forms.ModelMultipleChoiceField(
        queryset=SocialPost.objects.none(), required=False, label=gettext_lazy("Posts"),
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    campaign = forms.ModelChoiceField(
        queryset=Campaign.objects.none(), required=False, label=gettext_lazy("Or all posts of a campaign"),
        empty_label=gettext_lazy("None"),
    )  # fmt: skip
    days = forms.IntegerField(
        label=gettext_lazy("Valid for (days)"), initial=14, min_value=1, max_value=client_review.LONGEST.days
    )
    may_approve = forms.BooleanField(
        required=False,
        label=gettext_lazy("May approve or ask for changes"),
        help_text=gettext_lazy("At stages of your review that allow it. Otherwise the link only takes comments."),
    )

    def __init__(self, *args, organization, chosen=(), **kwargs):
        super().__init__(*args, **kwargs)
        own = SocialPost.objects.for_organization(organization)
        recent = own.exclude(state=SocialPost.State.PUBLISHED).order_by("-latest_revision_created_at")
        ids = [*chosen, *recent.exclude(pk__in=chosen).values_list("pk", flat=True)[:30]]
        # Whatever is ticked in the list of posts can be chosen, not only what the page offers.
        ids += [int(pk) for pk in (self.data.getlist("posts") if self.is_bound else []) if pk.isdecimal()]
        fields: dict[str, Any] = self.fields
        fields["posts"].queryset = own.filter(pk__in=ids)
        fields["posts"].label_from_instance = lambda post: post.get_admin_display_title()
        fields["campaign"].queryset = Campaign.objects.for_organization(organization)
        self.initial["posts"] = list(chosen)

    def chosen_posts(self):
        said = self.cleaned_data
        posts = {post.pk: post for post in said["posts"]}
        if said["campaign"]:
            posts |= {post.pk: post for post in said["campaign"].posts.all()}
        return list(posts.values())


class LinksView(ForOrganization, WagtailAdminTemplateMixin, TemplateView):
    """All links, and the form for a new one; `?post=` chooses a post to begin with."""

    template_name = "content_studio/review/links.html"
    required_action = Action.APPROVE
    page_title = gettext_lazy("Review links")
    header_icon = "link"

    def get_breadcrumbs_items(self):
        return posts_breadcrumbs({"url": "", "label": self.get_page_title()})

    @cached_property
    def form(self) -> LinkForm:
        chosen = [int(each) for each in self.request.GET.getlist("post") if each.isdecimal()]
        return LinkForm(self.request.POST or None, organization=self.organization, chosen=chosen)

    def get_context_data(self, **kwargs):
        links = ReviewLink.objects.for_organization(self.organization).select_related("made_by")
        return {
            **super().get_context_data(**kwargs),
            "form": self.form,
            "links": [
                {
                    "link": link,
                    "posts": list(link.linked.all()),
                    "remarks": len(link.remarks.all()),
                    "url": self.request.build_absolute_uri(client_review.address_of(link)) if link.works else "",
                    "changed": any(each.revision_id != each.post.latest_revision_id for each in link.linked.all()),
                }
                for link in links.prefetch_related("linked__post", "remarks")[:100]
            ],
        }

    def post(self, request, *args, **kwargs):
        if self.form.is_valid():
            said = self.form.cleaned_data
            try:
                client_review.make_link(
                    self.organization,
                    user=request.user,
                    name=said["name"],
                    posts=self.form.chosen_posts(),
                    expires_at=clock.now() + datetime.timedelta(days=said["days"]),
                    may_approve=said["may_approve"],
                )
            except Problem as problem:
                self.form.add_error(None, problem.detail)
            else:
                messages.success(request, _("The link is made. Copy it and send it to your client."))
                return redirect("review_links")
        return self.render_to_response(self.get_context_data())


class LinkActionView(ForOrganization, View):
    http_method_names = ["post"]
    required_action = Action.APPROVE

    def where_refused(self):
        return "review_links"

    def post(self, request, pk):
        link = ReviewLink.objects.for_organization(self.organization).filter(pk=pk).first()
        if link is None:
            raise Http404
        if request.POST.get("action") == "renew":
            client_review.renew_link(link, user=request.user)
            messages.success(request, _("The link shows the newest versions now."))
        else:
            client_review.revoke_link(link, user=request.user)
            messages.success(request, _("Revoked: the link leads nowhere now."))
        return redirect(reverse("review_links"))
