"""Help beside a text in the editor: suggestions, shown as a difference, that a person accepts or refuses."""

from uuid import UUID

from django.http import JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View
from wagtail.admin.staticfiles import versioned_static

from billing.quotas import remaining
from billing.throttles import take_for
from organizations.access import current_organization
from organizations.languages import language_choices
from organizations.models import LibraryImage
from organizations.problems import NotFound, Problem
from organizations.roles import Action
from publishing.models import Channel
from publishing.networks import NETWORKS, rules_for

from .ai.assisting import assist, describe_picture
from .ai.difference import difference
from .ai.models import Generation, voice_of
from .ai.registry import offer_of
from .ai.tasks import TASKS
from .ai.voices import Voice
from .library import pieces_of, tones_of
from .post_views import ForOrganization


class AssistView(ForOrganization, View):
    """Answers the editor's script in JSON; a refusal is a sentence in `problem`."""

    http_method_names = ["post"]
    required_action = Action.GENERATE

    def refuse(self, problem: Problem):
        return JsonResponse({"problem": problem.detail}, status=problem.status)

    def post(self, request):
        take_for(self.organization, ai=True)
        before, generation = self.ask(request.POST)
        return JsonResponse(self.told(generation, before))

    def ask(self, said) -> tuple[str, Generation]:
        network, limits = self.strictest_channel(said.getlist("channels"))
        text = said.get("text", "")
        generation = assist(
            organization=self.organization,
            user=self.request.user,
            task=said.get("task", ""),
            network=network,
            limits=limits,
            text=text,
            tone=said.get("tone", "")[:30],
            language=said.get("language", ""),
            wish=said.get("wish", "")[:2000],
            voice=self.voice(),
        )
        return text, generation

    def voice(self) -> Voice | None:
        """How the organization sounds where nothing else is said."""
        found = voice_of(self.organization)
        return found.as_voice() if found else None

    def strictest_channel(self, chosen: list[str]) -> tuple[str, dict]:
        """Network and limits of the chosen channel that takes least text: what fits there, fits everywhere."""
        mine = Channel.objects.for_organization(self.organization)
        channels = list(mine.filter(pk__in=[each for each in chosen if _is_uuid(each)]))
        if not channels:
            return NETWORKS[0].key, {}
        strictest = min(channels, key=lambda channel: rules_for(channel.network).limit(channel.limits))
        return strictest.network, strictest.limits

    def told(self, generation: Generation, before: str) -> dict:
        replaces = generation.task not in TASKS or TASKS[generation.task].replaces
        allowance = remaining(self.organization)
        return {
            "task": generation.task,
            "replaces": replaces,
            "segments": generation.segments,
            "difference": difference(before, generation.segments[0]) if replaces and generation.segments else [],
            "shortened": generation.shortened,
            "notice": str(offer_of(generation.provider).note),
            "cost": ngettext(
                "%(charged)s token used, %(remaining)s left.",
                "%(charged)s tokens used, %(remaining)s left.",
                generation.tokens_charged,
            )
            % {"charged": generation.tokens_charged, "remaining": allowance.remaining},
        }


class DescribeView(AssistView):
    """An alternative text for a picture of the library."""

    def ask(self, said) -> tuple[str, Generation]:
        network, _limits = self.strictest_channel(said.getlist("channels"))
        number = said.get("image", "")
        images = LibraryImage.objects.filter(organization=self.organization)
        image = images.filter(pk=number).first() if number.isdigit() else None
        if image is None:
            raise NotFound(_("Choose a picture first; then it can be described."))
        generation = describe_picture(
            organization=self.organization,
            user=self.request.user,
            image=image,
            network=network,
            language=said.get("language") or self.organization.locale,
            beside=said.get("beside", ""),
            voice=self.voice(),
        )
        return said.get("text", ""), generation


def editor_script() -> str:
    """What the editor needs: the script, its style, and the pieces of page that it puts beside texts and pictures.

    Nothing where somebody edits the public site and works for no organization: tokens are an organization's.
    """
    organization = current_organization()
    if organization is None:
        return ""
    pieces = render_to_string(
        "content_studio/assist/pieces.html",
        {
            "tasks": list(TASKS.values()),
            "tones": list(tones_of(organization).items()),
            "languages": language_choices(),
            "language": organization.locale,
            "pieces": pieces_of(organization),
            "assist_url": reverse("assist"),
            "describe_url": reverse("assist_describe"),
        },
    )
    return format_html(
        '{}<link rel="stylesheet" href="{}"><script src="{}"></script>',
        mark_safe(pieces),  # rendered by our own template, which escapes
        versioned_static("content_studio/assist.css"),
        versioned_static("content_studio/assist.js"),
    )


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
