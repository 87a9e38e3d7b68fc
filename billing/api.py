"""The plan and what is used of it, for tools."""

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action, may

from . import checkout, quotas, read_only, usage
from .catalogue import paid_plans, plans_as_sold
from .entitlements import Source, Standing, standing_of
from .glances import SEE_USAGE
from .subscriptions import planned_change

ORGANIZATION = OpenApiParameter(
    "organization_id",
    type={"type": "string", "format": "uuid"},
    description="Which organization. Needed only by those who belong to several.",
)
PAID_PLANS = [(plan.key, plan.name) for plan in paid_plans()]
NO_LIMIT = "None means no limit."


class CataloguePlanSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    monthly_cents = serializers.IntegerField(help_text="US cents a month, paid by the month.")
    yearly_cents = serializers.IntegerField(help_text="US cents a year, paid by the year.")
    tokens = serializers.IntegerField(help_text="Tokens a month.")
    seats = serializers.IntegerField(allow_null=True, help_text=NO_LIMIT)
    channels = serializers.IntegerField(allow_null=True, help_text=NO_LIMIT)
    scheduled_posts = serializers.IntegerField(allow_null=True, help_text=NO_LIMIT)
    api_requests_per_minute = serializers.IntegerField()
    ai_requests_per_minute = serializers.IntegerField()
    review_stages = serializers.IntegerField()


class UsageDaySerializer(serializers.Serializer):
    day = serializers.DateField()
    tokens = serializers.IntegerField()


class UsageShareSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]  # a name that Field has too
    tokens = serializers.IntegerField()
    generations = serializers.IntegerField()


class UsageBreakdownSerializer(serializers.Serializer):
    days = UsageDaySerializer(many=True)
    people = UsageShareSerializer(many=True)
    providers = UsageShareSerializer(many=True)
    models = UsageShareSerializer(many=True)


class PlanRoomSerializer(serializers.Serializer):
    used = serializers.IntegerField()
    allowed = serializers.IntegerField(allow_null=True, help_text=NO_LIMIT)
    read_only = serializers.IntegerField(  # type: ignore[assignment]  # a name that Field has too
        help_text="How many the plan has no room for: they can be read, not used."
    )


class PlanRoomsSerializer(serializers.Serializer):
    seats = PlanRoomSerializer(required=False)
    channels = PlanRoomSerializer(required=False)
    scheduled_posts = PlanRoomSerializer(required=False)


class UsageSerializer(serializers.Serializer):
    limit = serializers.IntegerField(help_text="Tokens in this period.")
    used = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="Promised to texts that are being written.")
    remaining = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    provider_tokens_per_token = serializers.IntegerField(help_text="How many of a provider's tokens one token is.")
    limits = PlanRoomsSerializer()
    breakdown = UsageBreakdownSerializer(allow_null=True, help_text="For Admins and Owners; null for others.")


class PlannedChangeSerializer(serializers.Serializer):
    plan = CataloguePlanSerializer()
    interval = serializers.ChoiceField(choices=["month", "year"])
    starts_at = serializers.DateTimeField()


class SubscriptionSerializer(serializers.Serializer):
    plan = CataloguePlanSerializer()
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a name that Field has too
        choices=[(each.value, each.value) for each in Source]
    )
    status = serializers.CharField(help_text="Stripe's word for the subscription's state; empty without one.")
    interval = serializers.ChoiceField(choices=["month", "year"], allow_null=True)
    trial_ends_at = serializers.DateTimeField(allow_null=True)
    renews_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When a cancelled subscription or a grant ends.")
    unpaid_since = serializers.DateTimeField(allow_null=True)
    grace_ends_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when the plan holds although a payment failed."
    )
    planned_change = PlannedChangeSerializer(
        allow_null=True, help_text="The smaller plan or shorter interval that was chosen for the paid period's end."
    )


class PlanChoiceSerializer(GivenSerializer):
    plan = serializers.ChoiceField(choices=PAID_PLANS)
    interval = serializers.ChoiceField(choices=["month", "year"], default="month", help_text="How often is paid.")


class PortalChoiceSerializer(GivenSerializer):
    cancel = serializers.BooleanField(default=False, help_text="Begin at the question whether to cancel the plan.")


@extend_schema_serializer(component_name="StripePage")  # a post's link is named Link already
class LinkSerializer(serializers.Serializer):
    url = serializers.URLField(help_text="A page of Stripe's.")


class UsageView(OrganizationViewMixin, APIView):
    """How many tokens are used and left, and how the other limits stand."""

    @extend_schema(
        operation_id="usage", summary="See what is used and left", parameters=[ORGANIZATION], responses=UsageSerializer
    )
    def get(self, request):
        organization = self.organization
        allowance = quotas.remaining(organization)
        sees_all = may(request.user, SEE_USAGE, organization=organization)
        rooms = read_only.rooms_of(organization)
        data = {
            "limit": allowance.limit,
            "used": allowance.used,
            "reserved": allowance.reserved,
            "remaining": allowance.remaining,
            "starts_at": allowance.starts_at,
            "ends_at": allowance.ends_at,
            "provider_tokens_per_token": settings.PROVIDER_TOKENS_PER_TOKEN,
            "limits": {
                room.limit.value: {"used": room.used, "allowed": room.allowed, "read_only": len(room.read_only)}
                for room in rooms
            },
            "breakdown": usage.report(organization, allowance) if sees_all else None,
        }
        return Response(UsageSerializer(data).data)


class SubscriptionView(OrganizationViewMixin, APIView):
    """Which plan holds, what puts the organization on it, and until when."""

    @extend_schema(
        operation_id="subscription",
        summary="Read the plan",
        parameters=[ORGANIZATION],
        responses=SubscriptionSerializer,
    )
    def get(self, request):
        standing = standing_of(self.organization)
        paid = standing.source == Source.SUBSCRIPTION
        data = {
            "plan": standing.plan,
            "source": standing.source.value,
            "status": standing.status,
            "interval": ("year" if standing.yearly else "month") if paid else None,
            "trial_ends_at": standing.trial_ends_at,
            "renews_at": standing.renews_at,
            "ends_at": standing.ends_at,
            "unpaid_since": standing.unpaid_since,
            "grace_ends_at": standing.grace_ends_at,
            "planned_change": self._planned(standing),
        }
        return Response(SubscriptionSerializer(data).data)

    @staticmethod
    def _planned(standing: Standing) -> dict | None:
        planned = planned_change(standing.schedule_id, timezone.now())
        if planned is None:
            return None
        return {
            "plan": planned.plan,
            "interval": "year" if planned.yearly else "month",
            "starts_at": planned.starts_at,
        }


class ToStripeView(OrganizationViewMixin, APIView):
    """For Owners: the address of a page of Stripe's, to be opened in a browser. It is good for a short while only."""

    required_action = Action.MANAGE_BILLING
    only_people = ("post",)
    shown_once = ("url",)


class CheckoutView(ToStripeView):
    """Where an Owner pays for a plan, or confirms a change to it."""

    @extend_schema(
        operation_id="subscription_checkout",
        summary="Go to Stripe to choose a plan",
        parameters=[ORGANIZATION],
        request=PlanChoiceSerializer,
        responses=LinkSerializer,
    )
    def post(self, request):
        given = PlanChoiceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        url = checkout.choose_plan(
            self.organization,
            plan=given.validated_data["plan"],
            yearly=given.validated_data["interval"] == "year",
            user=request.user,
        )
        return Response(LinkSerializer({"url": url}).data)


class PortalView(ToStripeView):
    """Where an Owner changes the payment method, sees invoices, changes or cancels the plan."""

    @extend_schema(
        operation_id="subscription_portal",
        summary="Go to Stripe to change payment or plan",
        parameters=[ORGANIZATION],
        request=PortalChoiceSerializer,
        responses=LinkSerializer,
    )
    def post(self, request):
        given = PortalChoiceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        url = checkout.open_portal(self.organization, user=request.user, cancel=given.validated_data["cancel"])
        return Response(LinkSerializer({"url": url}).data)


class PlannedChangeView(OrganizationViewMixin, APIView):
    """The change of plan that was chosen for the end of the paid period. For Owners, to take it back."""

    required_action = Action.MANAGE_BILLING
    only_people = ("delete",)

    @extend_schema(
        operation_id="subscription_keep",
        summary="Call a planned change off",
        parameters=[ORGANIZATION],
        responses={204: None},
    )
    def delete(self, request):
        checkout.keep_plan(self.organization, user=request.user)
        return Response(status=204)


class PlansView(APIView):
    """The plans that there are, cheapest first. Asks for no token."""

    authentication_classes: list = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="plans", summary="List the plans", responses=CataloguePlanSerializer(many=True), auth=[]
    )
    def get(self, request):
        return Response(CataloguePlanSerializer(plans_as_sold(), many=True).data)


urlpatterns = [
    path("usage/", UsageView.as_view(), name="usage"),
    path("subscription/", SubscriptionView.as_view(), name="subscription"),
    path("subscription/checkout/", CheckoutView.as_view(), name="subscription_checkout"),
    path("subscription/portal/", PortalView.as_view(), name="subscription_portal"),
    path("subscription/planned-change/", PlannedChangeView.as_view(), name="subscription_planned_change"),
    path("plans/", PlansView.as_view(), name="plans"),
]
