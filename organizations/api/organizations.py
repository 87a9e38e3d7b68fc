"""A person's organizations, what Admins set for one, and a new one."""

from django.forms import model_to_dict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import parsers, serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations import keys
from organizations.configuring import save_settings, set_logo
from organizations.creating import MOST_A_DAY, begin_another
from organizations.forms import EverySettingForm
from organizations.languages import LANGUAGES
from organizations.models import ApiKey, Organization, Role
from organizations.rest import CursorPages, GivenSerializer, OrganizationViewMixin, known_timezone
from organizations.roles import Action, role_of

from .tokens import OwnOrganizationSerializer, memberships_of


class OrganizationSerializer(serializers.ModelSerializer):
    logo = serializers.SerializerMethodField(help_text="Where the picture can be fetched, for some days.")
    role = serializers.SerializerMethodField(help_text="What you may do there; see the table of roles.")

    class Meta:
        model = Organization
        fields = [
            "id",
            "name",
            "timezone",
            "locale",
            "logo",
            "approval_required",
            "edits_of_approved",
            "second_factor_required",
            "role",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Role.choices))
    def get_role(self, organization):
        return role_of(self.context["request"].user, organization)

    def get_logo(self, organization) -> str | None:
        if organization.logo is None:
            return None
        return self.context["request"].build_absolute_uri(organization.logo.file.url)


@extend_schema_serializer(component_name="OrganizationSettings")
class SettingsSerializer(GivenSerializer):
    name = serializers.CharField(required=False, max_length=100)
    timezone = serializers.CharField(
        required=False, max_length=64, validators=[known_timezone], help_text="An IANA zone such as Europe/Berlin."
    )
    locale = serializers.ChoiceField(
        choices=LANGUAGES, required=False, help_text="What posts are written in, unless another is chosen for one."
    )
    approval_required = serializers.BooleanField(
        required=False, help_text="When on, only a revision that somebody approved can be scheduled or published."
    )
    second_factor_required = serializers.BooleanField(
        required=False,
        help_text="When on, nobody without a second factor sees anything of it. Only Owners change it, who have one.",
    )
    edits_of_approved = serializers.ChoiceField(
        required=False,
        choices=Organization.EditsOfApproved.choices,
        help_text="What an edit does to a post that is approved or scheduled.",
    )


class LogoSerializer(GivenSerializer):
    file = serializers.FileField(allow_empty_file=True)


@extend_schema_serializer(component_name="NewOrganization")
class NewOrganizationSerializer(GivenSerializer):
    for_organization = False
    name = serializers.CharField(max_length=100)
    timezone = serializers.CharField(
        required=False, max_length=64, validators=[known_timezone], help_text="An IANA zone; UTC where left out."
    )


class OrganizationPages(CursorPages):
    ordering = ("created_at", "pk")


class OrganizationsView(GenericAPIView):
    """A person's organizations."""

    pagination_class = OrganizationPages
    serializer_class = OwnOrganizationSerializer

    @extend_schema(
        operation_id="organizations_list",
        tags=["organizations"],
        summary="List your organizations",
        description="In the order in which you joined. An API key belongs to one.",
        responses=OwnOrganizationSerializer(many=True),
    )
    def get(self, request):
        page = self.paginate_queryset(memberships_of(request))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="organizations_create",
        tags=["organizations"],
        summary="Begin another organization",
        description="You become its Owner. Only for people: an API key belongs to one organization. "
        f"One person begins at most {MOST_A_DAY} a day.",
        request=NewOrganizationSerializer,
        responses={201: OrganizationSerializer},
    )
    def post(self, request):
        if isinstance(request.auth, ApiKey):
            raise keys.PeopleOnly(_("An API key cannot do this. Sign in as a person."))
        given = NewOrganizationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        organization = begin_another(owner=request.user, **given.validated_data)
        answer = OrganizationSerializer(organization, context={"request": request}).data
        return Response(answer, status=status.HTTP_201_CREATED)


class OneOrganization(OrganizationViewMixin):
    """For views of one organization, named by its id in the address."""

    kwargs: dict

    def _choose(self, request):
        return self.own_organization(request, self.kwargs["id"])

    def _answer(self, request) -> Response:
        return Response(OrganizationSerializer(self.organization, context={"request": request}).data)


class OrganizationView(OneOrganization, APIView):
    """Its settings."""

    required_actions = {"patch": Action.MANAGE_SETTINGS}

    @extend_schema(
        operation_id="organizations_retrieve",
        tags=["organizations"],
        summary="Read an organization",
        responses=OrganizationSerializer,
    )
    def get(self, request, id):
        return self._answer(request)

    @extend_schema(
        operation_id="organizations_partial_update",
        tags=["organizations"],
        summary="Change an organization's settings",
        request=SettingsSerializer,
        responses=OrganizationSerializer,
    )
    def patch(self, request, id):
        said = self.said(SettingsSerializer, partial=True)
        form = EverySettingForm(
            model_to_dict(self.organization, EverySettingForm.Meta.fields) | said,
            instance=self.organization,
            user=request.user,
        )
        if not form.is_valid():
            raise serializers.ValidationError(form.errors)
        save_settings(form, user=request.user)
        return self._answer(request)


class LogoView(OneOrganization, APIView):
    """The organization's logo: a picture of its library."""

    required_action = Action.MANAGE_SETTINGS
    parser_classes = [parsers.MultiPartParser]

    @extend_schema(
        operation_id="organizations_logo_update",
        tags=["organizations"],
        summary="Set an organization's logo",
        description="As `multipart/form-data`. The one before stays in the library.",
        request={"multipart/form-data": LogoSerializer},
        responses=OrganizationSerializer,
    )
    def put(self, request, id):
        set_logo(self.organization, file=self.said(LogoSerializer)["file"], user=request.user)
        return self._answer(request)

    @extend_schema(
        operation_id="organizations_logo_destroy",
        tags=["organizations"],
        summary="Show no logo any more",
        responses={204: None},
    )
    def delete(self, request, id):
        set_logo(self.organization, file=None, user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
