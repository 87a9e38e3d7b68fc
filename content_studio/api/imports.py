"""Tables of posts in the API: check, import, undo, and the list as a table."""

import base64

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import importing
from content_studio.imports import ImportRow, PostImport
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action


class ImportRowSerializer(serializers.ModelSerializer):
    post = serializers.UUIDField(source="post.uuid", allow_null=True, default=None, read_only=True)

    class Meta:
        model = ImportRow
        fields = ["number", "state", "values", "problems", "notes", "post"]
        read_only_fields = fields


class ImportSerializer(serializers.ModelSerializer):
    counts = serializers.SerializerMethodField(help_text="Rows by state.")

    class Meta:
        model = PostImport
        fields = ["id", "name", "state", "submits", "created_at", "counts"]
        read_only_fields = fields

    def get_counts(self, post_import) -> dict[str, int]:
        return importing.progress_of(post_import)


class ImportDetailSerializer(ImportSerializer):
    rows = ImportRowSerializer(many=True, read_only=True)

    class Meta(ImportSerializer.Meta):
        fields = [*ImportSerializer.Meta.fields, "rows"]
        read_only_fields = fields


class ImportTableSerializer(GivenSerializer):
    name = serializers.CharField(max_length=200, help_text="The file's name, such as posts.xlsx.")
    content = serializers.CharField(help_text="The CSV or XLSX file in Base64; at most 5 MB and 1,000 rows.")

    def validate_content(self, value):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError as err:
            raise serializers.ValidationError("This is no Base64.") from err


class StartImportSerializer(GivenSerializer):
    submit = serializers.BooleanField(default=False, help_text="Submit the posts for review at once.")


@extend_schema_view(
    list=extend_schema(summary="List imports"), retrieve=extend_schema(summary="Read an import and its rows")
)
class ImportViewSet(OrganizationViewMixin, viewsets.ReadOnlyModelViewSet):
    """Tables of posts: checked first, imported in the background, undone as a whole."""

    queryset = PostImport.objects.none()
    lookup_value_converter = "uuid"
    required_action = Action.WRITE
    filter_backends: list = []
    pagination_class = None

    def get_serializer_class(self):
        return ImportSerializer if self.action == "list" else ImportDetailSerializer

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        found = PostImport.objects.for_organization(self.organization).select_related("organization")
        return importing.with_progress(found)[:100] if self.action == "list" else found.prefetch_related("rows__post")

    @extend_schema(
        summary="Check a table",
        description="A dry run: says of each row what it would make or what is wrong. No post is made.",
        request=ImportTableSerializer,
        responses={201: ImportDetailSerializer},
    )
    def create(self, request, *args, **kwargs):
        said = ImportTableSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made = importing.check_table(self.organization, user=request.user, **said.validated_data)
        return self._answer(made, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Import the rows that are ready", request=StartImportSerializer, responses=ImportDetailSerializer
    )
    @action(detail=True, methods=["post"])
    def start(self, request, *args, **kwargs):
        said = StartImportSerializer(data=request.data or {})
        said.is_valid(raise_exception=True)
        return self._answer(
            importing.start_import(self.get_object(), user=request.user, submits=said.validated_data["submit"])
        )

    @extend_schema(summary="Undo an import", request=None, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request, *args, **kwargs):
        return self._answer(importing.undo_import(self.get_object(), user=request.user))

    def _answer(self, post_import, **kwargs) -> Response:
        return Response(ImportDetailSerializer(self.get_queryset().get(pk=post_import.pk)).data, **kwargs)


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE = {(200, kind): OpenApiTypes.BINARY for kind in ("text/csv", XLSX)}


def file_answer(content, content_type: str, name: str):
    kind = HttpResponse if isinstance(content, bytes) else StreamingHttpResponse
    return kind(content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
