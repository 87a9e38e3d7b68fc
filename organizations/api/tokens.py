"""The API's way in: tokens, and who one is."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.models import ApiKey, Role
from organizations.rest import GivenSerializer
from organizations.tokens import end_session, issue_tokens, refresh_tokens


class CredentialsSerializer(GivenSerializer):
    for_organization = False
    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, write_only=True)
    code = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="The current code of the authenticator app, or a recovery code, where a second factor is on.",
    )


class RefreshTokenSerializer(GivenSerializer):
    for_organization = False
    refresh = serializers.CharField()


class TokenPairSerializer(serializers.Serializer):
    access = serializers.CharField(help_text="Send it as `Authorization: Bearer …`. Valid for 900 seconds.")
    refresh = serializers.CharField(help_text="Gets the next pair, once.")


class OwnOrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="organization.id")
    name = serializers.CharField(source="organization.name")
    role = serializers.ChoiceField(choices=Role.choices)
    deleted_at = serializers.DateTimeField(
        source="organization.deleted_at",
        allow_null=True,
        help_text="Null while it is at work. Otherwise nothing can be done there, but an Owner can bring it back.",
    )


class MeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField(source="get_full_name")
    organizations = OwnOrganizationSerializer(many=True)


class TokenView(APIView):
    """Signs in: e-mail address and password become an access and a refresh token."""

    authentication_classes: list = []
    permission_classes: list = []

    @extend_schema(
        operation_id="auth_token_create",
        summary="Sign in",
        request=CredentialsSerializer,
        responses=TokenPairSerializer,
        auth=[],
    )
    def post(self, request):
        credentials = CredentialsSerializer(data=request.data)
        credentials.is_valid(raise_exception=True)
        return Response(issue_tokens(request._request, **credentials.validated_data))


class TokenRefreshView(APIView):
    """Exchanges a refresh token for a new pair. Each serves once; used again, it ends the session."""

    authentication_classes: list = []
    permission_classes: list = []

    @extend_schema(
        operation_id="auth_token_refresh",
        summary="Get the next pair of tokens",
        request=RefreshTokenSerializer,
        responses=TokenPairSerializer,
        auth=[],
    )
    def post(self, request):
        given = RefreshTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(refresh_tokens(given.validated_data["refresh"]))


class TokenRevokeView(APIView):
    """Signs out: the session of a refresh token ends at once, and its access tokens with it."""

    authentication_classes: list = []
    permission_classes: list = []

    @extend_schema(
        operation_id="auth_token_revoke",
        summary="Sign out",
        description="Answers alike whether the token was still valid (RFC 7009).",
        request=RefreshTokenSerializer,
        responses={204: None},
        auth=[],
    )
    def post(self, request):
        given = RefreshTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        end_session(given.validated_data["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)


def memberships_of(request):
    """The caller's places in organizations; an API key knows of none but its own."""
    mine = request.user.memberships.select_related("organization")
    return mine.filter(organization=request.auth.organization_id) if isinstance(request.auth, ApiKey) else mine


class MeView(APIView):
    """The person who asks, and the organizations they belong to."""

    @extend_schema(operation_id="me", summary="Who you are, and where you belong", responses=MeSerializer)
    def get(self, request):
        person = request.user
        memberships = memberships_of(request).order_by("organization__name")
        return Response(
            MeSerializer(
                {
                    "id": person.pk,
                    "email": person.email,
                    "get_full_name": person.get_full_name(),
                    "organizations": memberships,
                }
            ).data
        )
