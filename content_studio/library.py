"""What an organization writes again and again: hashtags, signatures, link tags, briefs, and tones of its own."""

from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization
from publishing.networks import NETWORKS, UnknownNetwork, rules_for
from publishing.networks.text import hashtags

from .ai.models import BrandVoice
from .ai.prompts import TONES
from .labels import ForOrganization
from .tagging import as_query, template_of


class LibraryEntry(models.Model):
    """Something with a name that is unique in its organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, editable=False, related_name="+")
    name = models.CharField(_("name"), max_length=100)

    objects = ForOrganization.as_manager()

    class Meta:
        abstract = True
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="one_%(class)s_per_name")]

    def __str__(self) -> str:
        return self.name


class Tone(LibraryEntry):
    """A tone of the organization's own, beside those that everybody has."""

    name = models.CharField(_("name"), max_length=30)
    instruction = models.TextField(
        _("how it sounds"),
        max_length=600,
        help_text=_("Told to the AI as it stands here, such as: Like a seasoned engineer at a whiteboard. No hype."),
    )

    class Meta(LibraryEntry.Meta):
        verbose_name = _("tone")
        verbose_name_plural = _("tones")

    def clean(self):
        super().clean()
        if self.name.strip().lower() in TONES:
            raise ValidationError({"name": _("Everybody has this tone already. Choose another name.")})


class HashtagSet(LibraryEntry):
    """Hashtags that go together."""

    tags = models.TextField(
        _("hashtags"), max_length=1000, help_text=_("With their signs, separated by spaces: #Coffee #Roastery")
    )

    class Meta(LibraryEntry.Meta):
        verbose_name = _("hashtag set")
        verbose_name_plural = _("hashtag sets")

    def clean(self):
        super().clean()
        words = self.tags.replace(",", " ").split()
        self.tags = " ".join(dict.fromkeys(word if word[0] in "#＃" else f"#{word}" for word in words))
        wrong = [word for word in self.tags.split() if hashtags(word) != [word]]
        if wrong:
            raise ValidationError(
                {
                    "tags": _("“%(tag)s” is no hashtag: letters and figures only, and not figures alone.")
                    % {"tag": wrong[0]}
                }
            )

    @property
    def text(self) -> str:
        return self.tags


class Signature(LibraryEntry):
    """A text that ends posts."""

    text = models.TextField(_("text"), max_length=500)

    class Meta(LibraryEntry.Meta):
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")


class UtmPreset(LibraryEntry):
    """What is added to a post's links, so that web statistics know where a visitor came from."""

    source = models.CharField(
        _("source"),
        max_length=100,
        default="{network}",
        help_text=_("utm_source. {network} becomes the network's name, such as linkedin."),
    )
    medium = models.CharField(_("medium"), max_length=100, default="social", help_text="utm_medium")
    campaign = models.CharField(_("campaign"), max_length=100, blank=True, help_text="utm_campaign")
    term = models.CharField(_("term"), max_length=100, blank=True, help_text="utm_term")
    content = models.CharField(_("content"), max_length=100, blank=True, help_text="utm_content")
    is_default = models.BooleanField(_("chosen for new posts written with AI"), default=False)

    class Meta(LibraryEntry.Meta):
        verbose_name = _("link tags (UTM)")
        verbose_name_plural = _("link tags (UTM)")

    @property
    def query(self) -> str:
        """As a post keeps it: `utm_source={network}&utm_medium=social`."""
        return template_of(
            source=self.source, medium=self.medium, campaign=self.campaign, term=self.term, content=self.content
        )

    @property
    def shown(self) -> str:
        return ", ".join(f"{name.removeprefix('utm_')}: {value}" for name, value in parse_qsl(self.query))

    def example(self) -> str:
        """What it adds on X."""
        return as_query(self.query, network="x")


class SavedBrief(LibraryEntry):
    """A brief that is used again, with how it is to be written."""

    prompt = models.TextField(
        _("brief"), max_length=8000, help_text=_("Leave gaps for what changes each time, such as [product].")
    )
    tone = models.CharField(_("tone"), max_length=30, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    voice = models.ForeignKey(
        BrandVoice, verbose_name=_("brand voice"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    networks = models.JSONField(_("networks"), default=list, blank=True)

    class Meta(LibraryEntry.Meta):
        verbose_name = _("brief")
        verbose_name_plural = _("briefs")

    def clean(self):
        super().clean()
        try:
            self.networks = list(dict.fromkeys(rules_for(each).key for each in self.networks))
        except UnknownNetwork as error:
            raise ValidationError({"networks": error.detail}) from error
        if self.voice_id and self.voice.organization_id != self.organization_id:
            raise ValidationError({"voice": _("Choose one of your organization's brand voices.")})

    @property
    def network_names(self) -> str:
        return ", ".join(rules.name for rules in NETWORKS if rules.key in self.networks)


TONE_LABELS = [
    ("professional", _("Professional")),
    ("casual", _("Casual")),
    ("educational", _("Educational")),
    ("witty", _("Witty")),
    ("inspirational", _("Inspirational")),
    ("urgent", _("Urgent")),
]

INSERTABLE = (HashtagSet, Signature)
LIBRARY = (Tone, HashtagSet, Signature, UtmPreset, SavedBrief)


def tones_of(organization) -> dict[str, str]:
    """The tones that `organization` can choose, by what is stored, with what people read."""
    own = Tone.objects.for_organization(organization).values_list("name", flat=True)
    return {**{key: str(label) for key, label in TONE_LABELS}, **{name: name for name in own}}


def instruction_of(organization, tone: str) -> str:
    """What the AI is told of `tone`: of everybody's, of the organization's own, or of none that it knows."""
    if tone in TONES or not tone:
        return TONES.get(tone, "")
    own = Tone.objects.for_organization(organization).filter(name__iexact=tone).first()
    return own.instruction if own else tone


def pieces_of(organization) -> list[tuple[str, list]]:
    """What can be inserted into a text, by kind; kinds of which there is nothing are left out."""
    kinds = [(model._meta.verbose_name_plural, model.objects.for_organization(organization)) for model in INSERTABLE]
    return [(capfirst(str(name)), list(entries)) for name, entries in kinds if entries]
