"""An organization's library in the API: pictures, and videos and documents; checked as the studio checks them."""

from functools import reduce
from operator import or_

from django.db.models import Q
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import parsers, serializers, status
from rest_framework.response import Response

from organizations import library
from organizations.filters import GivenFilters, WordsFilter
from organizations.models import LibraryDocument, LibraryImage
from organizations.resources import OwnViewSet
from organizations.rest import GivenSerializer
from organizations.roles import Action


class DocumentFilter(GivenFilters):
    q = WordsFilter(method="saying", help_text="Words that all occur in the title.")
    searched: tuple[str, ...] = ("title",)

    def saying(self, media, name, words):
        for word in words.split():
            media = media.filter(reduce(or_, (Q((f"{field}__icontains", word)) for field in self.searched)))
        return media


class ImageFilter(DocumentFilter):
    q = WordsFilter(method="saying", help_text="Words that all occur in the title or the description.")
    searched = ("title", "description")


MOST_PIXELS = 2**31 - 1  # of a side, as they are stored


class FocalPointSerializer(GivenSerializer):
    """What a crop must keep, in the picture's own pixels: the middle of it, and its size."""

    for_organization = False
    x = serializers.IntegerField(min_value=0, max_value=MOST_PIXELS)
    y = serializers.IntegerField(min_value=0, max_value=MOST_PIXELS)
    width = serializers.IntegerField(min_value=1, max_value=MOST_PIXELS, default=1)
    height = serializers.IntegerField(min_value=1, max_value=MOST_PIXELS, default=1)


class MediumSerializer(serializers.ModelSerializer):
    id = serializers.UUIDField(source="uuid", read_only=True)
    size = serializers.IntegerField(source="file_size", read_only=True, allow_null=True, help_text="In bytes.")
    url = serializers.SerializerMethodField(help_text="Where the file can be fetched, for some days.")
    uploaded_by = serializers.SerializerMethodField()

    def get_url(self, medium) -> str:
        return self.context["request"].build_absolute_uri(medium.file.url)

    def get_uploaded_by(self, medium) -> str:
        return str(medium.uploaded_by_user or "")


class ImageSerializer(MediumSerializer):
    alt = serializers.CharField(source="description", read_only=True, help_text="Taken over where a post uses it.")
    focal_point = serializers.SerializerMethodField()

    class Meta:
        model = LibraryImage
        fields = ["id", "title", "alt", "width", "height", "size", "focal_point", "url", "uploaded_by", "created_at"]
        read_only_fields = fields

    @extend_schema_field(FocalPointSerializer(allow_null=True))
    def get_focal_point(self, image):
        if not image.has_focal_point():
            return None
        return {name: getattr(image, f"focal_point_{name}") for name in ("x", "y", "width", "height")}


class DocumentSerializer(MediumSerializer):
    mime_type = serializers.CharField(source="content_type", read_only=True)
    kind = serializers.SerializerMethodField()

    class Meta:
        model = LibraryDocument
        fields = ["id", "title", "kind", "mime_type", "size", "url", "uploaded_by", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[("video", "video"), ("document", "document")]))
    def get_kind(self, document):
        return "video" if document.content_type.startswith("video/") else "document"


class UploadDocumentSerializer(GivenSerializer):
    file = serializers.FileField(allow_empty_file=True)
    title = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=255, help_text="The file's name, where left out."
    )


class UploadImageSerializer(UploadDocumentSerializer):
    alt = serializers.CharField(required=False, allow_blank=True, default="", max_length=255)


class ChangeDocumentSerializer(GivenSerializer):
    title = serializers.CharField(required=False, max_length=255)


class ChangeImageSerializer(ChangeDocumentSerializer):
    alt = serializers.CharField(required=False, allow_blank=True, max_length=255)
    focal_point = FocalPointSerializer(required=False, allow_null=True)


class MediumViewSet(OwnViewSet):
    """Newest first. Members change and delete what they have uploaded themselves, Admins everything."""

    model: type[LibraryImage] | type[LibraryDocument]
    change_serializer: type[GivenSerializer]
    upload_serializer: type[GivenSerializer]
    filter_backends = [filters.DjangoFilterBackend]
    lookup_field = "uuid"
    required_actions = {"create": Action.WRITE, "partial_update": Action.WRITE, "destroy": Action.WRITE}

    def get_parsers(self):
        uploads = getattr(self, "action_map", {}) and self.request and self.request.method == "POST"
        return [parsers.MultiPartParser()] if uploads else super().get_parsers()

    def get_own(self):
        return self.model.objects.filter(organization=self.organization).select_related("uploaded_by_user")

    def create(self, request, *args, **kwargs):
        said = self.said(self.upload_serializer)
        medium = library.add(self.model, organization=self.organization, user=request.user, **said)
        return Response(self.get_serializer(medium).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request, *args, **kwargs):
        medium = self.get_object()
        medium = library.change(medium, user=request.user, **self.said(self.change_serializer, partial=True))
        return Response(self.get_serializer(medium).data)

    def destroy(self, request, *args, **kwargs):
        library.delete(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def described(what: str, *, upload, change, serializer):
    """The description of a viewset of media."""
    return extend_schema_view(
        list=extend_schema(summary=f"List {what}s"),
        retrieve=extend_schema(summary=f"Read a {what}"),
        create=extend_schema(
            summary=f"Upload a {what}",
            description="As `multipart/form-data`. The same files are taken as in the studio.",
            request={"multipart/form-data": upload},
            responses={201: serializer},
        ),
        partial_update=extend_schema(summary=f"Change what is said of a {what}", request=change, responses=serializer),
        destroy=extend_schema(
            summary=f"Delete a {what}", description="Refused (409) while a post uses it.", responses={204: None}
        ),
    )


@described("picture", upload=UploadImageSerializer, change=ChangeImageSerializer, serializer=ImageSerializer)
class ImageViewSet(MediumViewSet):
    model = LibraryImage
    queryset = LibraryImage.objects.none()
    serializer_class = ImageSerializer
    upload_serializer = UploadImageSerializer
    change_serializer = ChangeImageSerializer
    filterset_class = ImageFilter


@described("document", upload=UploadDocumentSerializer, change=ChangeDocumentSerializer, serializer=DocumentSerializer)
class DocumentViewSet(MediumViewSet):
    """Videos and documents."""

    model = LibraryDocument
    queryset = LibraryDocument.objects.none()
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilter
    upload_serializer = UploadDocumentSerializer
    change_serializer = ChangeDocumentSerializer
