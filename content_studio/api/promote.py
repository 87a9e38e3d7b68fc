"""Promoting a page of the site through the API."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from organizations.rest import OrganizationViewMixin
from organizations.roles import Action
from publishing.models import Channel
from publishing.networks import NETWORKS

from ..ai.registry import PROVIDER_KEYS
from ..promoting import link_tags_for, picture_for, source_for
from .briefs import SeveralSerializer, WithLibrary, generate_several, require_few
from .content import LANGUAGE, GenerationSerializer, as_results
from .problems import PROBLEM_EXAMPLES, PROBLEMS


class PromoteSerializer(SeveralSerializer, WithLibrary):
    """Which page, and where it is to be promoted."""

    page = serializers.IntegerField(required=False, help_text="The page's id in the pages API.")
    url = serializers.URLField(required=False, max_length=2_000, help_text="Or its address on the public site.")
    prompt = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=8_000, help_text="A wish of your own, if any."
    )
    tone = serializers.CharField(max_length=30, default="professional")
    voice = serializers.CharField(required=False, allow_blank=True, default="")
    language = serializers.RegexField(LANGUAGE, required=False, allow_blank=True, default="")
    organization_id = serializers.UUIDField(required=False)
    ai_provider = serializers.CharField(
        required=False, allow_blank=True, default="", help_text=f"{', '.join(PROVIDER_KEYS)}."
    )

    def validate(self, given):
        if ("page" in given) == ("url" in given):
            raise serializers.ValidationError({"page": _("Give either `page` or `url`.")})
        return given


class PromoteView(OrganizationViewMixin, APIView):
    """Writes drafts that promote a public page of the site."""

    required_action = Action.GENERATE

    @extend_schema(
        operation_id="content_promote",
        tags=["content"],
        summary="Promote a page of the site",
        description=(
            "Writes a draft for each network (all that the organization has connected channels on, unless `platforms` "
            "names some), with the page's link, its picture and link tags that name it as the campaign. What the page "
            "says is material to write about and never an instruction. When the page changes later, its posts say so."
        ),
        request=PromoteSerializer,
        responses={(201, "application/json"): GenerationSerializer, **PROBLEMS},
        examples=[
            OpenApiExample(
                "A blog post", value={"url": "http://localhost:8000/blog/approve-a-revision/"}, request_only=True
            ),
            *PROBLEM_EXAMPLES,
        ],
    )
    def post(self, request):
        given = PromoteSerializer(data=request.data, context={"organization": self.organization})
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        source = source_for(page_id=asked.get("page"), url=asked.get("url", ""))
        networks = asked.get("platforms") or self.connected_networks()
        require_few(networks=len(networks), variants=asked["variants"])
        pieces = WithLibrary.pieces(asked)
        results = generate_several(
            networks=networks,
            variants=asked["variants"],
            organization=self.organization,
            user=request.user,
            tone=asked["tone"],
            prompt=asked["prompt"] or _("Make people want to read this page."),
            provider=asked["ai_provider"].strip().lower(),
            language=asked["language"],
            voice=asked["voice"],
            link=source.url,
            card=source.card,
            source=source.material,
            page=source.page_id,
            **{
                **pieces,
                "link_tags": pieces["link_tags"] or link_tags_for(source),
                "image": pieces["image"] or picture_for(source, organization=self.organization, user=request.user),
            },
        )
        return Response(as_results(results), status=201)

    def connected_networks(self) -> list[str]:
        mine = Channel.objects.for_organization(self.organization).filter(state=Channel.State.CONNECTED)
        connected = set(mine.values_list("network", flat=True))
        if not connected:
            raise serializers.ValidationError(
                {"platforms": _("No channel is connected yet: name the networks to write for.")}
            )
        return [rules.key for rules in NETWORKS if rules.key in connected]
