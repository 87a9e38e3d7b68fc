"""Pages of the studio about the plan and what is used of it."""

import csv
from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from djstripe.models import Customer, Invoice, Subscription
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from organizations.problems import Problem
from organizations.roles import Action, may
from organizations.spreadsheets import harmless
from organizations.walls import outside_walls

from . import checkout, plan_changes, plots, quotas, read_only, reconciling, stripe_api, usage
from .catalogue import plans_as_sold
from .entitlements import standing_of
from .glances import SEE_USAGE
from .limits import Limit
from .models import UsageEntry
from .plans import FREE
from .subscriptions import planned_change

HOME = {"url": reverse_lazy("wagtailadmin_home"), "label": gettext_lazy("Home")}
PLAN = {"url": reverse_lazy("billing:plan"), "label": gettext_lazy("Plan & usage")}


class OrganizationMixin:
    """Shows only to those whose role allows `required_action`, and only what is the current organization's."""

    required_action: Action = SEE_USAGE
    request: HttpRequest

    def dispatch(self, request, *args, **kwargs):
        self.organization = request.organization
        if not self.may(self.required_action):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may(self, action: Action) -> bool:
        return may(self.request.user, action, organization=self.organization)


class Page(OrganizationMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page of the studio with a heading and a way back."""

    header_icon = "tag"
    trail: list[dict] = []

    def get_breadcrumbs_items(self):
        return [HOME, *self.trail, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            organization=self.organization,
            zone=self.organization.zone,
            is_owner=self.may(Action.MANAGE_BILLING),
            for_sale=stripe_api.is_configured(),
            sales_email=settings.SALES_EMAIL,
            **kwargs,
        )


class BarView(OrganizationMixin, TemplateView):
    """The usage bar of the studio's headers alone, for a page that has been open for a while."""

    template_name = "billing/bar.html"
    required_action = Action.GENERATE


class PlanView(Page):
    """What the organization may use, what it has used, and what it pays."""

    template_name = "billing/plan.html"
    page_title = gettext_lazy("Plan & usage")

    def get_context_data(self, **kwargs):
        organization = self.organization
        standing, allowance = quotas.look(organization)
        report = usage.report(organization, allowance)
        rooms = read_only.rooms_of(organization)
        return super().get_context_data(
            standing=standing,
            plan=standing.plan,
            price_cents=standing.plan.yearly_cents if standing.yearly else standing.plan.monthly_cents,
            allowance=allowance,
            planned=None if standing.ends_at else planned_change(standing.schedule_id, timezone.now()),
            report=report,
            plot=plots.by_day(report.days),
            today=timezone.now().astimezone(organization.zone).date(),
            rooms=rooms,
            over=[room for room in rooms if room.read_only],
            token_size=settings.PROVIDER_TOKENS_PER_TOKEN,
            invoices=self.invoices(),
            **kwargs,
        )

    def invoices(self) -> list[dict]:
        if not self.may(Action.MANAGE_BILLING):
            return []
        found = Invoice.objects.filter(customer__subscriber=self.organization).order_by("-created")[:24]
        return [{**each.stripe_data, "made": _moment(each.stripe_data["created"])} for each in found]


class PlansView(Page):
    """The plans side by side, for the Owner to choose from."""

    template_name = "billing/plans.html"
    page_title = gettext_lazy("Choose a plan")
    required_action = Action.MANAGE_BILLING
    trail = [PLAN]

    def get_context_data(self, **kwargs):
        standing = standing_of(self.organization)
        yearly = self.request.GET.get("pay", "yearly" if standing.yearly else "") == "yearly"
        return super().get_context_data(
            standing=standing,
            yearly=yearly,
            planned=planned_change(standing.schedule_id, timezone.now()),
            offers=[
                {
                    "plan": plan,
                    "cents": plan.yearly_cents if yearly else plan.monthly_cents,
                    "saved_cents": plan.monthly_cents * 12 - plan.yearly_cents if yearly else 0,
                    "is_current": plan.key == standing.plan.key and (plan.key == FREE.key or yearly == standing.yearly),
                    "is_free": plan.key == FREE.key,
                }
                for plan in plans_as_sold()
            ],
            trial_days=settings.BILLING_TRIAL_DAYS if not self.had_subscription() else 0,
            **kwargs,
        )

    def had_subscription(self) -> bool:
        return Subscription.objects.filter(customer__subscriber=self.organization).exists()


class ToStripe(OrganizationMixin, View):
    """Sends an Owner to a page of Stripe's, or says why not."""

    http_method_names = ["post"]
    required_action = Action.MANAGE_BILLING

    def post(self, request):
        try:
            return HttpResponseRedirect(self.where(request))
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("billing:plan")

    def where(self, request) -> str:
        raise NotImplementedError


class ChooseView(ToStripe):
    def where(self, request):
        return checkout.choose_plan(
            self.organization,
            plan=request.POST.get("plan", ""),
            yearly=request.POST.get("pay") == "yearly",
            user=request.user,
        )


class PortalView(ToStripe):
    def where(self, request):
        return checkout.open_portal(self.organization, user=request.user, cancel="cancel" in request.POST)


class StayView(OrganizationMixin, View):
    """Takes a planned change of the plan back."""

    http_method_names = ["post"]
    required_action = Action.MANAGE_BILLING

    def post(self, request):
        try:
            checkout.keep_plan(self.organization, user=request.user)
        except Problem as problem:
            messages.error(request, problem.detail)
        else:
            plan = standing_of(self.organization).plan
            messages.success(request, _("You stay on the %(plan)s plan.") % {"plan": plan.name})
        return redirect("billing:plan")


class ReturnedView(OrganizationMixin, View):
    """Back from Stripe: its state is fetched at once, so that nobody waits for the webhook."""

    required_action = Action.MANAGE_BILLING

    def get(self, request):
        before = standing_of(self.organization)
        try:
            with stripe_api.explained(), outside_walls(self.organization):
                for customer in Customer.objects.filter(subscriber=self.organization, date_purged__isnull=True):
                    list(reconciling.reconcile_customer(customer))
        except Problem:
            messages.warning(
                request, _("Stripe has not told us of your change yet. It shows here within a few minutes.")
            )
            return redirect("billing:plan")
        plan_changes.note(self.organization)
        after = standing_of(self.organization)
        if after.plan != before.plan:
            messages.success(
                request,
                _("You are on the %(plan)s plan now: %(tokens)s tokens a month.")
                % {"plan": after.plan.name, "tokens": f"{after.plan.tokens:,}"},
            )
        elif after.ends_at and not before.ends_at:
            messages.success(request, _("Your plan is cancelled. It holds until the end of what you paid for."))
        elif planned := planned_change(after.schedule_id, timezone.now()):
            messages.success(
                request,
                _("You will be on the %(plan)s plan from %(day)s. Until then nothing changes.")
                % {
                    "plan": planned.plan.name,
                    "day": date_format(planned.starts_at.astimezone(self.organization.zone), "j F Y"),
                },
            )
        return redirect("billing:plan")


class ExportView(OrganizationMixin, View):
    """The whole ledger as a CSV file, oldest line first."""

    HEADINGS = [
        "time_utc",
        "kind",
        "tokens",
        "reserved",
        "provider_tokens",
        "provider",
        "model",
        "person",
        "generation",
    ]

    def get(self, request):
        lines = UsageEntry.objects.for_organization(self.organization).select_related("user").iterator(chunk_size=2000)
        writer = csv.writer(_Echo())
        rows = (
            (
                line.created_at.astimezone(UTC).isoformat(timespec="seconds"),
                line.kind,
                line.tokens,
                line.held,
                line.provider_tokens,
                line.provider,
                line.model,
                harmless(line.user.email if line.user else ""),
                line.reservation,
            )
            for line in lines
        )
        answer = StreamingHttpResponse(
            (writer.writerow(row) for row in (self.HEADINGS, *rows)), content_type="text/csv; charset=utf-8"
        )
        name = f"usage-{self.organization.slug}-{timezone.now():%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class KeepView(Page):
    """Where an Owner chooses what stays in use when the plan has no room for everything."""

    template_name = "billing/keep.html"
    page_title = gettext_lazy("Choose what stays in use")
    required_action = Action.MANAGE_BILLING
    trail = [PLAN]

    def get_context_data(self, **kwargs):
        rooms = [room for room in read_only.rooms_of(self.organization) if room.read_only]
        return super().get_context_data(standing=standing_of(self.organization), rooms=rooms, **kwargs)

    def post(self, request):
        try:
            limit = Limit(request.POST.get("limit", ""))
            read_only.keep(self.organization, limit, request.POST.getlist("keep"), user=request.user)
        except Problem as problem:
            messages.error(request, problem.detail)
            return redirect("billing:keep")
        except ValueError:
            return redirect("billing:keep")
        messages.success(request, _("Saved. You can change the choice at any time."))
        return redirect(reverse("billing:plan"))


class _Echo:
    """What csv.writer writes to: it hands each line straight on."""

    def write(self, line):
        return line


def _moment(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)
