"""What can be said of a brief besides its words, and how several networks and variants are answered."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from rest_framework import serializers

from organizations.models import LibraryImage
from organizations.problems import Problem
from organizations.rest import GivenSerializer
from publishing.networks import UnknownNetwork, rules_for

from ..ai.prompts import TONES
from ..generating import MOST_AT_ONCE, MOST_VARIANTS, generate_post
from ..library import HashtagSet, Signature, UtmPreset, tones_of
from .validate import PlatformField


def require_few(*, networks: int, variants: int) -> None:
    """Refuses a call that asks for more drafts than a person would wait for."""
    if networks * variants > MOST_AT_ONCE:
        told = _("At most %(most)s drafts at once.") % {"most": MOST_AT_ONCE}
        raise serializers.ValidationError({"variants": told})


class WithLibrary(GivenSerializer):
    """What goes with a draft: a tone, and pieces of the organization's library by their names."""

    hashtag_set = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a hashtag set, added to the end of the post."
    )
    signature = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a signature, added to the end of the post."
    )
    link_tags = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of link tags (UTM), added to the post's links."
    )
    image = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text="A picture of the organization's library: goes with the post, and models that see look at it.",
    )

    @property
    def organization(self):
        return self.context["organization"]

    def validate_tone(self, tone):
        if tone in TONES:
            return tone
        known = tones_of(self.organization)
        if tone not in known:
            raise serializers.ValidationError(
                _("There is no tone “%(tone)s”. Choose one of: %(known)s.") % {"tone": tone, "known": ", ".join(known)}
            )
        return tone

    def validate_hashtag_set(self, name):
        return self._named(HashtagSet, name)

    def validate_signature(self, name):
        return self._named(Signature, name)

    def validate_link_tags(self, name):
        return self._named(UtmPreset, name)

    def validate_image(self, wanted):
        if wanted is None:
            return None
        image = LibraryImage.objects.filter(organization=self.organization, uuid=wanted).first()
        if image is None:
            raise serializers.ValidationError(_("There is no such picture in this organization's library."))
        return image

    def _named(self, model, name):
        if not name:
            return None
        found = model.objects.for_organization(self.organization).filter(name__iexact=name).first()
        if found is None:
            raise serializers.ValidationError(
                _("The library has no %(kind)s “%(name)s”.") % {"kind": model._meta.verbose_name, "name": name}
            )
        return found

    @staticmethod
    def pieces(asked: dict) -> dict:
        """What `generating.stream_post` takes of it."""
        endings = [piece.text for piece in (asked["hashtag_set"], asked["signature"]) if piece]
        return {
            "ending": "\n\n".join(endings),
            "link_tags": asked["link_tags"].query if asked["link_tags"] else "",
            "image": asked["image"],
        }


class SeveralSerializer(serializers.Serializer):
    """Several networks, and several takes on each."""

    platforms = serializers.ListField(
        child=PlatformField(),
        required=False,
        min_length=1,
        max_length=MOST_AT_ONCE,
        help_text="Instead of `platform`: a draft for each of these networks.",
    )
    variants = serializers.IntegerField(
        required=False,
        default=1,
        min_value=1,
        max_value=MOST_VARIANTS,
        help_text="How many takes on each network. More than one become no posts until they are kept.",
    )

    def validate_platforms(self, names):
        try:
            return list(dict.fromkeys(rules_for(name).key for name in names))
        except UnknownNetwork as error:
            raise serializers.ValidationError(error.detail) from error


def generate_several(*, networks: list[str], variants: int, **brief) -> Iterator[tuple[str, int, object]]:
    """(network, variant, Generation or Problem) of each. Where not even the first succeeds, its problem is raised."""
    first = True
    for network in networks:
        for variant in range(variants):
            try:
                yield network, variant, generate_post(network=network, variant=variant, keep=variants == 1, **brief)
            except Problem as problem:
                if first:
                    raise
                yield network, variant, problem
            first = False
