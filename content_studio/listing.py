"""The list of an organization's posts: state, channels, planned time, author; with filters and search."""

import django_filters
from django.db.models import F, Prefetch, Q
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import BaseColumn, Column, Table
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import Button, HeaderButton

from organizations.models import User
from organizations.roles import Action, may
from publishing.models import Channel, Network

from .bulk_views import actions_for
from .editor import blank_post_url
from .labels import Campaign, Label
from .models import SocialPost
from .post_views import ForOrganization
from .reviewing import due_times
from .searching import saying


def channels_of_organization(request):
    return Channel.objects.for_organization(request.organization)


def campaigns_of_organization(request):
    return Campaign.objects.for_organization(request.organization)


def labels_of_organization(request):
    return Label.objects.for_organization(request.organization)


def writers_of_organization(request):
    """Whoever is a member; a name of somebody who left is on their posts still, but no filter."""
    return User.objects.filter(memberships__organization=request.organization).order_by("first_name", "email")


class PostFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("State"),
        choices=SocialPost.State.choices,
        method="filter_state",
        widget=CheckboxSelectMultiple,
    )
    channels = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("Channel"), queryset=channels_of_organization, widget=CheckboxSelectMultiple
    )
    network = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Network"),
        choices=Network.choices,
        field_name="channels__network",
        widget=CheckboxSelectMultiple,
    )
    owner = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("Author"), queryset=writers_of_organization, widget=CheckboxSelectMultiple
    )
    campaign = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("Campaign"), queryset=campaigns_of_organization, widget=CheckboxSelectMultiple
    )
    labels = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("Label"), queryset=labels_of_organization, widget=CheckboxSelectMultiple
    )
    planned_local = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Planned for"), widget=DateRangePickerWidget
    )

    class Meta:
        model = SocialPost
        fields: list[str] = []

    def filter_state(self, queryset, name, states):
        """A newer draft in review is found under “In review”, though the post as a whole is scheduled."""
        return queryset.filter(Q(state__in=states) | Q(draft_state__in=states)) if states else queryset


class SelectColumn(BaseColumn):
    header_template_name = "content_studio/posts/header_select.html"


class PostTable(Table):
    """Rows in one template: a component for each of 350 cells takes as long as the rest of the page."""

    template_name = "content_studio/posts/table.html"


class PostIndexView(ForOrganization, BaseListingView):
    model = SocialPost
    page_title = gettext_lazy("Posts")
    header_icon = "edit"
    template_name = "content_studio/posts/index.html"
    results_template_name = "content_studio/posts/index_results.html"
    index_url_name = "posts:index"
    index_results_url_name = "posts:index_results"
    verbose_name_plural = gettext_lazy("posts")
    paginate_by = 50
    is_searchable = True
    default_ordering = "-latest_revision_created_at"
    filterset_class = PostFilterSet
    table_class = PostTable
    post_columns = [
        Column("title", label=gettext_lazy("Post"), sort_key="title", classname="title"),
        Column("state", label=gettext_lazy("State"), sort_key="state"),
        Column("channels", label=gettext_lazy("Channels")),
        Column("planned", label=gettext_lazy("Planned for"), sort_key="planned_local"),
        Column("owner", label=gettext_lazy("Author"), sort_key="owner__first_name"),
        Column("latest_revision_created_at", label=gettext_lazy("Edited"), sort_key="latest_revision_created_at"),
    ]

    @cached_property
    def bulk_actions(self):
        return actions_for(self.request.user, self.organization)

    @cached_property
    def columns(self):
        return [SelectColumn("select"), *self.post_columns] if self.bulk_actions else self.post_columns

    @cached_property
    def header_buttons(self):
        blank = blank_post_url(self.organization, self.request.user)
        if not blank:
            return []
        return [
            HeaderButton(_("Write with AI"), url=reverse("compose"), icon_name="wand", priority=10),
            HeaderButton(_("Blank post"), url=blank, icon_name="plus", priority=20),
        ]

    @cached_property
    def header_more_buttons(self):
        if not may(self.request.user, Action.WRITE, organization=self.organization):
            return self.export_buttons
        return [
            Button(_("Labels"), url=reverse("labels:index"), icon_name="tag", priority=10),
            Button(_("Campaigns"), url=reverse("campaigns:index"), icon_name="folder-open-1", priority=20),
            Button(_("Import a table"), url=reverse("posts:imports"), icon_name="upload", priority=30),
            *self.export_buttons,
        ]

    @property
    def export_buttons(self):
        """The list as it is filtered now, as a table."""
        asked = self.request.GET.urlencode()
        return [
            Button(
                _("Export as %(kind)s") % {"kind": kind.upper()},
                url=f"{reverse('posts:export', args=[kind])}?{asked}",
                icon_name="download",
                priority=40,
            )
            for kind in ("xlsx", "csv")
        ]

    def get_base_queryset(self):
        return (
            SocialPost.objects.for_organization(self.organization)
            .select_related("owner", "campaign", "promotion")
            .defer("body")
            .prefetch_related(Prefetch("channels", Channel.objects.only("network", "name")), "labels")
        )

    def order_queryset(self, queryset):
        name = self.ordering.removeprefix("-")
        if name == "planned_local":
            field = F(name)
            order = field.desc(nulls_last=True) if self.ordering.startswith("-") else field.asc(nulls_last=True)
            return queryset.order_by(order, "-pk")
        return queryset.order_by(self.ordering, "-pk")

    def filter_queryset(self, queryset):
        queryset = super().filter_queryset(queryset)
        return queryset.distinct() if self.is_filtering else queryset

    def search_queryset(self, queryset):
        return saying(queryset, self.search_query) if self.is_searching else queryset

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        due = due_times(context["object_list"])
        for post in context["object_list"]:
            post.organization = self.organization
            post.review_due = due.get(post.pk)
            # A template that asks each post for what it does not have takes long to find out.
            post.is_outdated = hasattr(post, "promotion") and post.promotion.is_outdated
        context["nothing_yet"] = not (context["items_count"] or self.is_filtering or self.is_searching)
        context["bulk_actions"] = self.bulk_actions
        context["may_write"] = may(self.request.user, Action.WRITE, organization=self.organization)
        return context
