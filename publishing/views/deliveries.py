"""The deliveries of an organization, and the log of every attempt."""

import django_filters
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from organizations.access import current_organization
from organizations.roles import Action
from publishing import resolving, scheduling
from publishing.models import Channel, Delivery

from .base import HOME, ActionView, DetailedColumn, MomentColumn, OrganizationMixin, StateColumn, StudioPage

DELIVERIES = {"url": reverse_lazy("deliveries"), "label": gettext_lazy("Deliveries")}


def _channels(request):
    return Channel.objects.for_organization(current_organization())


class DeliveryFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Delivery.State.choices)
    channel = django_filters.ModelChoiceFilter(label=_("Channel"), queryset=_channels)

    class Meta:
        model = Delivery
        fields = ["state", "channel"]


class DeliveriesView(OrganizationMixin, generic.IndexView):
    model = Delivery
    page_title = gettext_lazy("Deliveries")
    header_icon = "mail"
    results_template_name = "organizations/index_results.html"
    nothing_yet = gettext_lazy(
        "When a post is scheduled or published, each of its channels gets a delivery: when it goes out, each try, and"
        " what the network answered."
    )
    index_url_name = "deliveries"
    index_results_url_name = "deliveries_results"
    filterset_class = DeliveryFilterSet
    default_ordering = ("-due_at", "-id")
    paginate_by = 30
    is_searchable = False

    def get_base_queryset(self):
        return Delivery.objects.for_organization(self.organization).select_related("channel")

    @cached_property
    def columns(self):
        zone = self.organization.timezone
        return [
            DetailedColumn(
                "text",
                label=_("Post"),
                accessor=_beginning,
                url_name="delivery",
                detail=lambda delivery: delivery.channel,
            ),
            Column("channel", label=_("Channel"), accessor="channel", classname="cs-wide"),
            StateColumn("state", label=_("State"), sort_key="state"),
            MomentColumn("due_at", label=_("Due"), sort_key="due_at", zone=zone),
            MomentColumn("published_at", label=_("Published"), sort_key="published_at", zone=zone, classname="cs-wide"),
            Column("attempt_count", label=_("Tries"), classname="cs-wide"),
        ]

    def get_breadcrumbs_items(self):
        return [HOME, {"url": "", "label": self.page_title}]


def _beginning(delivery: Delivery) -> str:
    return Truncator(delivery.text).chars(60) or _("(no text)")


class DeliveryView(StudioPage):
    """One delivery: what was to be said, what became of it, and every attempt."""

    template_name = "publishing/delivery.html"
    header_icon = "mail"
    trail = [DELIVERIES]

    def get(self, request, pk):
        self.delivery = self.get_mine(Delivery, pk, channel=True, created_by=True)
        return super().get(request, pk)

    def get_page_title(self):
        return _beginning(self.delivery)

    @cached_property
    def header_buttons(self):
        return [HeaderButton(_("Dry run"), url=reverse("delivery_dry_run", args=[self.delivery.pk]), icon_name="code")]

    def get_context_data(self, **kwargs):
        state = self.delivery.state
        may = self.may(Action.PUBLISH)
        return super().get_context_data(
            delivery=self.delivery,
            message=self.delivery.as_message,
            attempts=self.delivery.attempts.all(),
            may_retry=may and state in (Delivery.State.FAILED, Delivery.State.HELD, Delivery.State.RETRYING),
            may_retry_comment=may and self.delivery.lacks_comment,
            may_cancel=may and state != Delivery.State.UNKNOWN and self.delivery.may_move_to(Delivery.State.CANCELLED),
            may_resolve=may and state == Delivery.State.UNKNOWN,
            **kwargs,
        )


class DeliveryActionView(ActionView):
    required_action = Action.PUBLISH

    def post(self, request, pk, action):
        self.delivery = self.get_mine(Delivery, pk)
        return super().post(request, action)

    def get_next_url(self):
        return reverse("delivery", args=[self.delivery.pk])

    def act(self, action):
        return getattr(self, action)()

    def retry(self):
        scheduling.retry_delivery(self.delivery, user=self.request.user)
        return _("It is tried again now.")

    def cancel(self):
        scheduling.cancel_delivery(self.delivery, user=self.request.user)
        return _("It is called off.")

    def look_again(self):
        resolving.look_again(self.delivery, user=self.request.user)
        return _("The studio looks on the network now.")

    def was_sent(self):
        resolving.say_it_was_sent(self.delivery, user=self.request.user)
        return _("Noted: the post is on the network.")

    def was_not_sent(self):
        resolving.say_it_was_not_sent(self.delivery, user=self.request.user)
        return _("Noted: the post is not on the network. It is sent again now.")
