"""Who wrote what: each version of a post by a person or by AI, and everything about one use of a provider."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.models import Revision

from organizations.studio import StudioPage

from .ai.models import Generation
from .ai.registry import offer_of

SHOWN = 20  # versions of a post


@dataclass(frozen=True)
class Version:
    """A revision, with the generation that wrote it, if one did."""

    revision: Revision
    generation: Generation | None

    @property
    def by_ai(self) -> bool:
        return self.generation is not None


def versions_of(post) -> list[Version]:
    """The newest versions of `post`, in two queries."""
    revisions = list(post.revisions.select_related("user").order_by("-created_at", "-pk")[:SHOWN])
    written = Generation.objects.filter(post_id=post.pk, revision_id__in=[each.pk for each in revisions])
    by_revision = {generation.revision_id: generation for generation in written.defer("exchange")}
    return [Version(revision, by_revision.get(revision.pk)) for revision in revisions]


class GenerationView(StudioPage):
    """One use of a provider: who asked what, of whom, what came back, and what became of it."""

    template_name = "content_studio/generation.html"
    page_title = _("Written with AI")
    header_icon = "wand"

    def get_context_data(self, **kwargs):
        known = Generation.objects.for_organization(self.organization).select_related("user", "post")
        generation = get_object_or_404(known, pk=self.kwargs["pk"])
        return super().get_context_data(
            generation=generation, provider=offer_of(generation.provider).name, segments=generation.segments, **kwargs
        )


@hooks.register("register_admin_urls")
def register_generation():
    return [path("generations/<uuid:pk>/", GenerationView.as_view(), name="generation")]
