"""The end of an organization, and all of its data, through the API."""

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import deleting, exporting
from organizations.models import ApiKey, Export, Organization
from organizations.problems import NotFound
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action


class OneOrganizationMixin(OrganizationViewMixin):
    """For addresses that name the organization themselves."""

    kwargs: dict

    def _choose(self, request) -> Organization:
        return self.own_organization(request, self.kwargs["organization_id"])


class OrganizationStandingSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    deleted_at = serializers.DateTimeField(allow_null=True)
    erased_from = serializers.DateTimeField(
        allow_null=True, help_text="From then on it is erased. Until then an Owner can bring it back."
    )


class DeleteOrganizationSerializer(GivenSerializer):
    name = serializers.CharField(help_text="The organization's name, to confirm.")


class DeleteOrganizationView(OneOrganizationMixin, APIView):
    """Deletes the organization: it stops at once, and is erased after thirty days. Owners only."""

    required_action = Action.DELETE

    @extend_schema(
        operation_id="organizations_delete",
        tags=["organizations"],
        summary="Delete an organization",
        request=DeleteOrganizationSerializer,
        responses={202: OrganizationStandingSerializer},
    )
    def post(self, request, organization_id):
        given = DeleteOrganizationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        organization = deleting.delete_organization(self.organization, user=request.user, **given.validated_data)
        return Response(OrganizationStandingSerializer(organization).data, status=status.HTTP_202_ACCEPTED)


class RestoreOrganizationView(OneOrganizationMixin, APIView):
    """Brings a deleted organization back. Owners only."""

    def require_at_work(self, organization) -> None:
        """It is deleted on purpose."""

    def check_role(self, request) -> None:
        """In a deleted organization nobody has a role: `deleting` knows who may bring it back."""
        if isinstance(request.auth, ApiKey):
            raise NotFound("Keys of a deleted organization serve no longer.")

    @extend_schema(
        operation_id="organizations_restore",
        tags=["organizations"],
        summary="Bring a deleted organization back",
        request=None,
        responses=OrganizationStandingSerializer,
    )
    def post(self, request, organization_id):
        return Response(
            OrganizationStandingSerializer(deleting.restore_organization(self.organization, user=request.user)).data
        )


class ExportSerializer(serializers.ModelSerializer):
    class Meta:
        model = Export
        fields = ["id", "state", "percent", "size", "created_at", "finished_at", "expires_at"]
        read_only_fields = fields


class ExportLinkSerializer(serializers.Serializer):
    url = serializers.URLField(help_text="Serves for an hour, without a token.")


class ExportsView(OneOrganizationMixin, APIView):
    """Archives of all of the organization's data, newest first. Owners only."""

    required_action = Action.EXPORT

    @extend_schema(
        operation_id="organizations_exports_list",
        tags=["organizations"],
        summary="List archives of all data",
        responses=ExportSerializer(many=True),
    )
    def get(self, request, organization_id):
        return Response(ExportSerializer(self.organization.exports.all()[:20], many=True).data)

    @extend_schema(
        operation_id="organizations_exports_create",
        tags=["organizations"],
        summary="Have an archive of all data made",
        request=None,
        responses={202: ExportSerializer},
    )
    def post(self, request, organization_id):
        """Has an archive made in the background."""
        export = exporting.request_export(self.organization, user=request.user)
        return Response(ExportSerializer(export).data, status=status.HTTP_202_ACCEPTED)


class OneExportMixin(OneOrganizationMixin):
    required_action = Action.EXPORT

    def get_export(self) -> Export:
        found = self.organization.exports.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound("The organization has no such archive.")
        return found


class ExportView(OneExportMixin, APIView):
    """How far one archive is."""

    @extend_schema(
        operation_id="organizations_exports_retrieve",
        tags=["organizations"],
        summary="See how far an archive is",
        responses=ExportSerializer,
    )
    def get(self, request, organization_id, pk):
        return Response(ExportSerializer(self.get_export()).data)


class ExportLinkView(OneExportMixin, APIView):
    """A link from which the archive can be downloaded for an hour. Each download is noted in the log."""

    @extend_schema(
        operation_id="organizations_exports_link",
        tags=["organizations"],
        summary="Get a link to an archive",
        request=None,
        responses=ExportLinkSerializer,
    )
    def post(self, request, organization_id, pk):
        return Response({"url": exporting.signed_link(self.get_export(), user=request.user)})


one = "organizations/<uuid:organization_id>/"
urlpatterns = [
    path(f"{one}delete/", DeleteOrganizationView.as_view(), name="api_organization_delete"),
    path(f"{one}restore/", RestoreOrganizationView.as_view(), name="api_organization_restore"),
    path(f"{one}exports/", ExportsView.as_view(), name="api_organization_exports"),
    path(f"{one}exports/<uuid:pk>/", ExportView.as_view(), name="api_organization_export"),
    path(f"{one}exports/<uuid:pk>/link/", ExportLinkView.as_view(), name="api_organization_export_link"),
]
