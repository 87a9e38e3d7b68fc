"""How an organization wants publishing to behave, and its kill switch, in the API."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action
from publishing import policies, suspending
from publishing.models import PublishingPolicy


class SuspendPublishingSerializer(GivenSerializer):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class ResumePublishingSerializer(GivenSerializer):
    missed = serializers.ChoiceField(
        choices=suspending.Missed.choices,
        default=suspending.Missed.HOLD,
        help_text="What becomes of posts whose time went by meanwhile.",
    )


class PublishingPolicySerializer(serializers.ModelSerializer):
    suspended = serializers.SerializerMethodField()

    class Meta:
        model = PublishingPolicy
        fields = ["missed", "late_hours", "spacing_minutes", "suspended", "suspended_at", "suspended_reason"]
        read_only_fields = ["suspended_at", "suspended_reason"]

    def get_suspended(self, policy) -> bool:
        return policy.suspended_at is not None


class PolicyView(OrganizationViewMixin, APIView):
    """What an organization wants done with posts that missed their time, and its kill switch."""

    required_actions = {"patch": Action.MANAGE_SETTINGS}

    @extend_schema(summary="Read the publishing policy", responses=PublishingPolicySerializer)
    def get(self, request):
        return Response(PublishingPolicySerializer(PublishingPolicy.of(self.organization)).data)

    @extend_schema(
        summary="Change the publishing policy", request=PublishingPolicySerializer, responses=PublishingPolicySerializer
    )
    def patch(self, request):
        serializer = PublishingPolicySerializer(PublishingPolicy.of(self.organization), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        policy = policies.change_policy(self.organization, user=request.user, **serializer.validated_data)
        return Response(PublishingPolicySerializer(policy).data)


class SuspendPublishingView(OrganizationViewMixin, APIView):
    required_action = Action.PUBLISH

    @extend_schema(
        operation_id="publishing_suspend",
        summary="Stop everything that the organization publishes",
        request=SuspendPublishingSerializer,
        responses=PublishingPolicySerializer,
    )
    def post(self, request):
        policy = suspending.suspend_publishing(
            self.organization, user=request.user, **self.said(SuspendPublishingSerializer)
        )
        return Response(PublishingPolicySerializer(policy).data)


class ResumePublishingView(OrganizationViewMixin, APIView):
    required_action = Action.PUBLISH

    @extend_schema(
        operation_id="publishing_resume",
        summary="Publish again",
        request=ResumePublishingSerializer,
        responses=PublishingPolicySerializer,
    )
    def post(self, request):
        suspending.resume_publishing(self.organization, user=request.user, **self.said(ResumePublishingSerializer))
        return Response(PublishingPolicySerializer(PublishingPolicy.of(self.organization)).data)
