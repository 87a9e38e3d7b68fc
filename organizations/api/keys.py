"""API keys in the API: made, listed and revoked by people, never by keys."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.response import Response

from organizations import keys
from organizations.models import ApiKey
from organizations.resources import OwnViewSet
from organizations.rest import GivenSerializer
from organizations.roles import Action


class ApiKeySerializer(serializers.ModelSerializer):
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiKey.Scope.choices), read_only=True)
    created_by = serializers.SerializerMethodField(help_text="In whose name it works.")

    class Meta:
        model = ApiKey
        fields = ["id", "name", "prefix", "scopes", "created_by", "created_at", "last_used_at"]
        read_only_fields = fields

    def get_created_by(self, key) -> str:
        return str(key.created_by or "")


class ApiKeyWithSecretSerializer(ApiKeySerializer):
    secret = serializers.CharField(
        allow_null=True,
        help_text="Shown only now; null where the answer is given again for an `Idempotency-Key`.",
    )

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "secret"]
        read_only_fields = fields


class ApiKeyWriteSerializer(GivenSerializer):
    name = serializers.CharField(max_length=100, help_text="What will use it, so that you know it again.")
    scopes = serializers.MultipleChoiceField(choices=ApiKey.Scope.choices, allow_empty=False)


@extend_schema_view(
    list=extend_schema(summary="List API keys", description="Those in use."),
    retrieve=extend_schema(summary="Read an API key", description="Without its secret."),
)
class ApiKeyViewSet(OwnViewSet):
    """Keys with which tools use the API."""

    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer
    required_action = Action.MANAGE_KEYS
    only_people = ("list", "retrieve", "create", "destroy")
    shown_once = ("secret",)

    def get_own(self):
        own = ApiKey.objects.filter(organization=self.organization, revoked_at=None)
        return own.select_related("created_by", "organization")

    @extend_schema(
        summary="Make an API key", request=ApiKeyWriteSerializer, responses={201: ApiKeyWithSecretSerializer}
    )
    def create(self, request, *args, **kwargs):
        said = self.said(ApiKeyWriteSerializer)
        key, secret = keys.create_key(
            self.organization, name=said["name"], scopes=list(said["scopes"]), user=request.user
        )
        key.secret = secret
        answer = ApiKeyWithSecretSerializer(key).data
        return Response(answer, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(summary="Revoke an API key", description="It ends at once.", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        keys.revoke_key(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
