"""Who is in an organization and who is asked to join: the team page, for tools that a person runs."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from organizations import team
from organizations.models import Invitation, Membership, Role
from organizations.resources import OwnViewSet
from organizations.rest import CursorPages, GivenSerializer
from organizations.roles import Action, may
from organizations.second_factors import people_without


class MemberSerializer(serializers.ModelSerializer):
    """One person's place in an organization."""

    person = serializers.UUIDField(source="user_id", read_only=True, help_text="The person's own id, as in `author`.")
    name = serializers.CharField(source="user.__str__", read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    joined_at = serializers.DateTimeField(source="created_at", read_only=True)
    second_factor = serializers.SerializerMethodField(
        help_text="Whether their account has one; null for whoever may not manage people."
    )

    class Meta:
        model = Membership
        fields = ["id", "person", "name", "email", "role", "joined_at", "last_seen_at", "second_factor"]
        read_only_fields = fields

    def get_second_factor(self, membership) -> bool | None:
        without = self.context.get("without_second_factor")
        return None if without is None else membership.user_id not in without


class MemberChangeSerializer(GivenSerializer):
    needed = ("role",)
    role = serializers.ChoiceField(choices=Role.choices)


class MemberPages(CursorPages):
    ordering = ("created_at", "pk")


@extend_schema_view(
    list=extend_schema(summary="List members", description="In the order in which they joined."),
    retrieve=extend_schema(summary="Read a member"),
)
class MemberViewSet(OwnViewSet):
    """The people who belong to an organization."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    pagination_class = MemberPages
    required_actions = {
        "partial_update": Action.MANAGE_PEOPLE,
        "destroy": Action.MANAGE_PEOPLE,
        "transfer": Action.TRANSFER,
    }
    only_people = ("partial_update", "destroy", "transfer", "leave")

    def get_serializer_context(self):
        context = super().get_serializer_context()
        if not getattr(self, "swagger_fake_view", False) and may(
            self.request.user, Action.MANAGE_PEOPLE, organization=self.organization
        ):
            context["without_second_factor"] = people_without(self.organization)
        return context

    def get_own(self):
        return Membership.objects.filter(organization=self.organization).select_related("user", "organization")

    @extend_schema(
        summary="Change a member's role",
        description="Only an Owner makes Owners, and changes one. At least one Owner always remains.",
        request=MemberChangeSerializer,
        responses=MemberSerializer,
    )
    def partial_update(self, request, *args, **kwargs):
        member = self.get_object()
        team.change_role(member, role=Role(self.said(MemberChangeSerializer)["role"]), user=request.user)
        return self.retrieve(request)

    @extend_schema(summary="Remove a member", description="What they wrote stays.", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        team.remove(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Hand an organization over",
        description="The member becomes Owner, and you become Admin.",
        request=None,
        responses=MemberSerializer,
    )
    @action(detail=True, methods=["post"])
    def transfer(self, request, *args, **kwargs):
        team.transfer(self.get_object(), user=request.user)
        return self.retrieve(request)

    @extend_schema(
        summary="Leave an organization",
        description="The last Owner has to make somebody else Owner first.",
        request=None,
        responses={204: None},
    )
    @action(detail=False, methods=["post"])
    def leave(self, request, *args, **kwargs):
        team.leave(self.organization, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationSerializer(serializers.ModelSerializer):
    """Somebody who is asked to join and has not yet."""

    invited_by = serializers.SerializerMethodField()
    expired = serializers.BooleanField(source="is_expired", read_only=True, help_text="It can be sent again.")

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "invited_by", "created_at", "sent_at", "expires_at", "expired"]
        read_only_fields = fields

    def get_invited_by(self, invitation) -> str:
        return str(invitation.invited_by or "")


class InvitationWriteSerializer(GivenSerializer):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.MEMBER)


@extend_schema_view(
    list=extend_schema(summary="List open invitations"), retrieve=extend_schema(summary="Read an invitation")
)
class InvitationViewSet(OwnViewSet):
    """Invitations that are neither accepted nor taken back."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    required_action = Action.MANAGE_PEOPLE
    only_people = ("list", "retrieve", "create", "destroy", "resend")

    def get_own(self):
        pending = Invitation.objects.pending().filter(organization=self.organization)
        return pending.select_related("invited_by", "organization")

    @extend_schema(
        summary="Invite somebody",
        description="Sends a link that serves once, for seven days, for this address.",
        request=InvitationWriteSerializer,
        responses={201: InvitationSerializer},
    )
    def create(self, request, *args, **kwargs):
        said = self.said(InvitationWriteSerializer)
        invitation = team.invite(self.organization, email=said["email"], role=Role(said["role"]), user=request.user)
        return Response(self.get_serializer(invitation).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Take an invitation back", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        team.revoke(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        summary="Send an invitation again",
        description="The link sent before serves no longer.",
        request=None,
        responses=InvitationSerializer,
    )
    @action(detail=True, methods=["post"])
    def resend(self, request, *args, **kwargs):
        team.resend(self.get_object(), user=request.user)
        return self.retrieve(request)
