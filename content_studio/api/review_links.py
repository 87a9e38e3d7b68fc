"""Review links for clients in the API."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response

from content_studio import client_review
from content_studio.models import SocialPost
from content_studio.review_links import Remark, ReviewLink
from organizations.problems import NotFound
from organizations.rest import GivenSerializer, OrganizationViewMixin
from organizations.roles import Action


class ClientRemarkSerializer(serializers.ModelSerializer):
    post = serializers.UUIDField(source="post.uuid", read_only=True)

    class Meta:
        model = Remark
        fields = ["post", "kind", "person", "text", "created_at"]
        read_only_fields = fields


class ReviewLinkSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField(help_text="What the client opens; empty once it does not work any more.")
    posts = serializers.SerializerMethodField()
    remarks = ClientRemarkSerializer(many=True, read_only=True)

    class Meta:
        model = ReviewLink
        fields = [
            "id", "name", "may_approve", "expires_at", "revoked_at", "last_used_at", "created_at", "url", "posts",
            "remarks",
        ]  # fmt: skip
        read_only_fields = fields

    def get_url(self, link) -> str:
        return self.context["request"].build_absolute_uri(client_review.address_of(link)) if link.works else ""

    def get_posts(self, link) -> list[str]:
        return [str(each.post.uuid) for each in link.linked.all()]


class ReviewLinkWriteSerializer(GivenSerializer):
    name = serializers.CharField(max_length=100, help_text="For whom; only the team sees it.")
    posts = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=client_review.MOST_POSTS)
    expires_at = serializers.DateTimeField(required=False, help_text="Two weeks from now, where left out.")
    may_approve = serializers.BooleanField(default=False)


@extend_schema_view(
    list=extend_schema(summary="List review links"), retrieve=extend_schema(summary="Read a review link")
)
class ReviewLinkViewSet(OrganizationViewMixin, viewsets.ReadOnlyModelViewSet):
    """Pages for clients without an account: the newest versions of posts at that moment."""

    queryset = ReviewLink.objects.none()
    serializer_class = ReviewLinkSerializer
    lookup_value_converter = "uuid"
    required_action = Action.APPROVE
    filter_backends: list = []
    pagination_class = None

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        links = ReviewLink.objects.for_organization(self.organization).select_related("organization")
        return links.prefetch_related("linked__post", "remarks__post")

    @extend_schema(
        summary="Make a review link", request=ReviewLinkWriteSerializer, responses={201: ReviewLinkSerializer}
    )
    def create(self, request, *args, **kwargs):
        serializer = ReviewLinkWriteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = serializer.validated_data
        wanted = said.pop("posts")
        posts = list(SocialPost.objects.for_organization(self.organization).filter(uuid__in=wanted))
        if len(posts) != len(set(wanted)):
            raise NotFound("One of these posts is not there.")
        link = client_review.make_link(self.organization, user=request.user, posts=posts, **said)
        return self._answer(link, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Show the newest versions from now on", request=None, responses=ReviewLinkSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request, *args, **kwargs):
        link = self.get_object()
        client_review.renew_link(link, user=request.user)
        return self._answer(link)

    @extend_schema(summary="Revoke a review link", responses={204: None})
    def destroy(self, request, *args, **kwargs):
        client_review.revoke_link(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _answer(self, link, **kwargs) -> Response:
        link = self.get_queryset().get(pk=link.pk)
        return Response(ReviewLinkSerializer(link, context=self.get_serializer_context()).data, **kwargs)
